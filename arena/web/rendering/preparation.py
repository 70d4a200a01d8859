r"""What comrak must be told before it reads a source: code first, whole formulas, real definitions.

- A dollar or `\(` inside a code span never begins a formula, even if one opens before the span.
- A formula of several lines, `$$`, `\[` or a bare `\begin{align}`, is no list, heading or quote.
- A bar inside code ends no cell of a table, and a row keeps the cells that its header lacks.
- A single tilde strikes nothing, and the underscores of `__init__` are no emphasis.
- `[Alice]: Hello` is text unless something of the answer refers to `[Alice]`.
"""

import re

from arena.web.rendering.columns import Columns
from arena.web.rendering.marks import BACKSLASH, DOLLAR, TEXT, TILDE, UNDERSCORE, carry
from arena.web.rendering.parser import parse_without_formulas
from arena.web.rendering.tables import keep_extra_cells, may_hold_table, with_bars_of_code

_CODE_BLOCK = re.compile(r'<pre data-sourcepos="(\d+):\d+-(\d+):')
_CODE_SPAN = re.compile(r'<code data-sourcepos="(\d+):(\d+)-(\d+):(\d+)"')
_DEFINITION = re.compile(r"^([ >*+\-\d.)]*)(\[[^\[\]\n]{1,200}\])(?=:)", re.MULTILINE)
_LONE_TILDE = re.compile(r"(?<!~)~(?!~)")
_PYTHON_NAME = re.compile(
    r"(?<!_)__(?:init|main|name|file|str|repr|call|doc|dict|class|new|del|len|iter|next|enter|exit"
    r"|eq|ne|lt|le|gt|ge|hash|bool|add|sub|mul|getattr|setattr|getitem|setitem|contains|all"
    r"|version|future|slots|module|import|builtins|post_init|init_subclass|annotations|pycache"
    r"|aenter|aexit|aiter|anext|await|get|set|qualname|mro|bases|path|package|author)__(?!_)"
)
_CODE_SIGNS = str.maketrans({"$": DOLLAR, "\\": BACKSLASH})
_PREFIX = r"([ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*)"
_OPENING = re.compile(
    _PREFIX + r"(\$\$|\\\[|\\begin\{"
    r"(align|alignat|aligned|array|cases|eqnarray|equation|flalign|gather|gathered|multline|split)"
    r"(\*?)\})(.*)"
)
_MOST_LINES = 80
_FORMULA_SIGNS = ("$", "\\[", "\\(", "\\begin{")


def prepared(source: str) -> str:
    """Return a source that comrak reads as its author meant it; see the module's docstring."""
    if "~" in source:
        source = _LONE_TILDE.sub(TILDE, source)
    if "__" in source:
        source = _PYTHON_NAME.sub(_shielded_name, source)
    if "]:" in source:
        source = _only_used_definitions(source)
    formulas = any(sign in source for sign in _FORMULA_SIGNS)
    tables = may_hold_table(source)
    if not formulas and not tables:
        return source
    lines = source.split("\n")
    if tables:
        lines = [with_bars_of_code(line) for line in lines]
    html = parse_without_formulas("\n".join(lines))
    if formulas:
        before = len(lines)
        lines = _code_before_formulas(lines, html)
        if tables and len(lines) != before:  # other lines, and maybe other tables
            html = parse_without_formulas("\n".join(lines))
    if tables:
        keep_extra_cells(lines, html)
    return "\n".join(lines)


def _shielded_name(name: re.Match[str]) -> str:
    return name[0].replace("_", UNDERSCORE)


def _only_used_definitions(source: str) -> str:
    folded = source.casefold()

    def marked(match: re.Match[str]) -> str:
        label = match[2].casefold()
        used = folded.count(label) > folded.count(label + ":")
        return match[0] if used else match[0] + TEXT

    return _DEFINITION.sub(marked, source)


def _code_before_formulas(lines: list[str], html: str) -> list[str]:
    code = {
        number
        for first, last in _CODE_BLOCK.findall(html)
        for number in range(int(first), int(last) + 1)
    }
    columns = Columns(lines)
    for span in _CODE_SPAN.findall(html):
        first, start, last, end = map(int, span)
        if last <= len(lines):
            left, right = columns.characters(first, start - 1), columns.characters(last, end)
            _shield(lines, first, left, last, right)
    return _whole_formulas(lines, code)


def _shield(lines: list[str], first: int, start: int, last: int, end: int) -> None:
    """Mark dollars and backslashes of a code span that ends before a column of its last line."""
    if lines[first - 1][start : start + 1] != "`":
        return
    for number in range(first, last + 1):
        line = lines[number - 1]
        left = start if number == first else 0
        right = end if number == last else len(line)
        shielded = line[left:right].translate(_CODE_SIGNS)
        lines[number - 1] = line[:left] + shielded + line[right:]


def _whole_formulas(lines: list[str], code: set[int]) -> list[str]:
    whole: list[str] = []
    number = 0
    while number < len(lines):
        taken, line = _formula_from(lines, number, code)
        whole.append(line)
        number += taken
    return whole


def _formula_from(lines: list[str], number: int, code: set[int]) -> tuple[int, str]:
    """Return how many lines a formula takes from this one, and the line that stands for them."""
    line = lines[number]
    opening = _OPENING.match(line) if number + 1 not in code else None
    if opening is None:
        return 1, line
    prefix, sign, name, star, rest = opening.groups()
    closing = "$$" if sign == "$$" else "\\]" if sign == "\\[" else f"\\end{{{name}{star}}}"
    if closing in rest and name is None:
        return 1, line  # on one line comrak reads it itself
    source = sign
    part = rest
    for taken in range(1, _MOST_LINES):
        before, found, after = part.partition(closing)
        if found:
            if after.strip() and name is None:
                return 1, line
            return taken, prefix + carry(source + before + closing) + after
        following = number + taken
        if following >= len(lines) or following + 1 in code:
            break
        source += part + "\n"
        part = lines[following].lstrip(" \t>" if ">" in prefix else " \t")
        if not part:
            break
    return 1, line
