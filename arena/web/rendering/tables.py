"""Rows of a table: GitHub drops cells beyond the header's, and splits code at its bars."""

import re

from arena.web.rendering.marks import PIPE

_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_BAR = re.compile(r"(?<!\\)\|")
_TABLE = re.compile(r"<table .*?</table>", re.DOTALL)
_DASHES = re.compile(r"^[^\n\w]*-[^\n\w]*$", re.MULTILINE)
_ROW = re.compile(r'<tr data-sourcepos="(\d+):')


def may_hold_table(source: str) -> bool:
    """Return whether a source may have a row of bars and dashes, such as `| :-: | - |`."""
    return "|" in source and _DASHES.search(source) is not None


def with_bars_of_code(line: str) -> str:
    """Return a line where no bar inside a code span ends a cell: code comes first."""
    if "`" not in line or "|" not in line:
        return line
    return _CODE.sub(lambda span: _BAR.sub(PIPE, span[0]), line)


def keep_extra_cells(lines: list[str], html: str) -> None:
    """Join cells beyond the header's to the last one, in place.

    Args:
        lines: The lines of the source that `html` was made from.
        html: comrak's HTML with the positions of rows.
    """
    for table in _TABLE.findall(html):
        columns = table.count("<th ")
        for number in map(int, _ROW.findall(table)[1:]):  # a header has no cells beyond its own
            lines[number - 1] = _joined(lines[number - 1], columns)


def _joined(line: str, columns: int) -> str:
    bars = [bar.start() for bar in _BAR.finditer(line)]
    leading = bool(bars) and not line[: bars[0]].strip(" \t>")
    trailing = bool(bars) and not line[bars[-1] + 1 :].strip()
    inner = bars[leading : len(bars) - trailing]
    for position in inner[columns - 1 :]:
        line = line[:position] + PIPE + line[position + 1 :]
    return line
