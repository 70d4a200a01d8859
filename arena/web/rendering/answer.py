"""An answer as blocks of HTML; while it grows, the blocks before its end stay as they are."""

import re
from html import unescape

from markupsafe import Markup

from arena.web.rendering.blocks import written
from arena.web.rendering.characters import readable
from arena.web.rendering.columns import Columns
from arena.web.rendering.context import Context, Source
from arena.web.rendering.failures import unless_it_fails
from arena.web.rendering.marks import DOLLAR, TEXT, restored
from arena.web.rendering.parser import Block, parse, top_level_blocks
from arena.web.rendering.preparation import prepared
from arena.web.rendering.verbatim import verbatim_blocks

MOST_CHARACTERS = 100_000
MOST_MARKS = 4_000
"""Signs that Markdown may make an element of. Beyond either, an answer is verbatim."""
_MARKS = "\n|$*_`[<>\\~#-+."

_FORMULA = re.compile(r'data-math-style="[a-z]+" data-sourcepos="(\d+):(\d+)-')
_INLINE = re.compile(r'data-math-style="inline" data-sourcepos="(\d+):(\d+)-(\d+):(\d+)">([^<]*)<')
_SHELL = re.compile(r"[A-Z_]{2}|\{")
_SHELL_NEXT = re.compile(r"[A-Z_{]")
_MOST_READINGS = 3
_TAGS = re.compile(r"<[^<>]*>")
_UNDERLINE = re.compile(r"\n[ \t>]*(?:-{1,2}|={1,2})[ \t]*\Z")
_HEADING_LINES = re.compile(r'<h[12] data-sourcepos="(\d+):\d+-(\d+):')
_END_OF_FENCE = re.compile(r"[ >]*(?:`{3,}|~{3,})[ \t]*")


def render_answer(text: str, *, ended: bool) -> tuple[Markup, ...]:
    """Return an answer as top-level blocks of HTML, in order; together they are the whole column.

    The HTML has no ids, names, styles, forms, scripts or pictures, and every link opens elsewhere.
    The same text gives the same blocks, whoever wrote it.

    Args:
        text: The Markdown of a model, any string.
        ended: Whether the text is complete; a code block that may still grow has no colours.
    """
    blocks = None if too_much_to_format(text) else unless_it_fails(_formatted, text, ended=ended)
    return verbatim_blocks(text) if blocks is None else blocks


def too_much_to_format(text: str) -> bool:
    """Whether an answer is shown verbatim because formatting it would hold its reader up."""
    return len(text) > MOST_CHARACTERS or sum(map(text.count, _MARKS)) > MOST_MARKS


def _formatted(text: str, *, ended: bool) -> tuple[Markup, ...]:
    source, html = _parsed(prepared(readable(text)))
    if not ended and _is_underlined(source, html):
        source, html = _parsed(source + TEXT)
    lines = source.split("\n")
    blocks = list(top_level_blocks(html))
    columns = Columns(lines)
    context = Context()
    rendered = []
    for position, block in enumerate(blocks):
        growing = not ended and position + 1 == len(blocks)
        lost = _lost(block, lines, columns, growing=growing)
        html = block.html if block.first else _raw_html(blocks, position, lines)
        markup, context = written(html, context, lost, growing=growing)
        rendered.append(markup)
    return tuple(rendered)


def _is_underlined(source: str, html: str) -> bool:
    """Return whether a dash in the last line, which may begin a list, makes a heading."""
    if _UNDERLINE.search(source) is None:
        return False
    last = str(source.count("\n") + 1)
    return any(first != end == last for first, end in _HEADING_LINES.findall(html))


def _parsed(source: str) -> tuple[str, str]:
    """Return the source and its HTML once no two dollars of prices or shells make a formula."""
    html = parse(source)
    for _ in range(_MOST_READINGS):
        lines = source.split("\n")
        columns = Columns(lines)
        for *position, latex in _INLINE.findall(html):
            first, start, last, end = map(int, position)
            line, at = lines[first - 1], columns.characters(first, start - 1)
            following = _character(lines, columns, last, end + 1)
            shell = _SHELL.match(latex) and _SHELL_NEXT.match(following)
            if line[at : at + 1] == "$" and (first != last or shell):
                lines[first - 1] = line[:at] + DOLLAR + line[at + 1 :]
        single = "\n".join(lines)
        if single == source:
            break
        source, html = single, parse(single)
    return source, html


def _lost(block: Block, lines: list[str], columns: Columns, *, growing: bool) -> Source:
    return Source(
        indents=_indents(block, lines),
        delimiters=tuple(
            _character(lines, columns, int(line), int(column))
            for line, column in _FORMULA.findall(block.html)
        ),
        open_line=_open_line(lines) if growing else 0,
    )


def _character(lines: list[str], columns: Columns, line: int, column: int) -> str:
    start = columns.characters(line, column - 1)
    return lines[line - 1][start : start + 1]


def _open_line(lines: list[str]) -> int:
    """Return the last line that is not empty unless it closes a fence."""
    last = max((number for number, line in enumerate(lines, 1) if line.strip()), default=0)
    return 0 if last and _END_OF_FENCE.fullmatch(lines[last - 1]) else last


def _indents(block: Block, lines: list[str]) -> tuple[str, ...]:
    """Return what stands before the lines of a text: poems and code without a fence need it."""
    if block.first == block.last or not block.html.startswith(("<p ", "<h")):
        return ()
    shown = _TAGS.sub("", block.html).count("\n")
    last = block.last - block.html.startswith("<h")  # the line under a heading
    indents = tuple(line[: -len(line.lstrip(" \t"))] for line in lines[block.first - 1 : last])
    return indents if any(indents) and shown + 1 == len(indents) else ()


def _raw_html(blocks: list[Block], position: int, lines: list[str]) -> str:
    """Return raw HTML with the blank lines that stood in it."""
    html = blocks[position].html
    first = blocks[position - 1].last if position else 0
    last = blocks[position + 1].first - 1 if position + 1 < len(blocks) else len(lines)
    source = "\n".join(lines[first:last]).strip("\n")
    if source.split() != unescape(html).split():
        return html
    return restored(source).replace("&", "&amp;").replace("<", "&lt;")
