"""An answer as blocks of HTML; while it grows, the blocks before its end stay as they are."""

import re
from functools import lru_cache
from html import unescape

from markupsafe import Markup

from arena.web.rendering.characters import readable
from arena.web.rendering.context import Context, Source
from arena.web.rendering.elements import Writer
from arena.web.rendering.marks import DOLLAR, restored
from arena.web.rendering.parser import Block, parse, top_level_blocks
from arena.web.rendering.preparation import prepared
from arena.web.rendering.verbatim import verbatim_blocks

MOST_CHARACTERS = 100_000
MOST_MARKS = 10_000
"""Signs that Markdown may make an element of. Beyond either, an answer is shown verbatim."""
_MARKS = "\n|$*_`[<>\\~#-+."
_LONGEST_CACHED = 16_000
"""Characters of a block's HTML."""

_FORMULA = re.compile(r'data-math-style="[a-z]+" data-sourcepos="(\d+):(\d+)-')
_DOLLARS_OF_LINES = re.compile(r'data-math-style="inline" data-sourcepos="(\d+):(\d+)-(?!\1:)')
_MOST_READINGS = 3
_TAGS = re.compile(r"<[^<>]*>")
_END_OF_FENCE = re.compile(r"[ >]*(?:`{3,}|~{3,})[ \t]*")


def render_answer(text: str, *, ended: bool) -> tuple[Markup, ...]:
    """Return an answer as top-level blocks of HTML, in order; together they are the whole column.

    The HTML has no ids, names, styles, forms, scripts or pictures, and every link opens elsewhere.
    The same text gives the same blocks, whoever wrote it.

    Args:
        text: The Markdown of a model, any string.
        ended: Whether the text is complete; a code block that may still grow has no colours.
    """
    if too_much_to_format(text):
        return verbatim_blocks(text)
    source, html = _parsed(prepared(readable(text)))
    lines = source.split("\n")
    blocks = list(top_level_blocks(html))
    context = Context()
    rendered = []
    for position, block in enumerate(blocks):
        growing = not ended and position + 1 == len(blocks)
        lost = _lost(block, lines, growing=growing)
        html = block.html if block.first else _raw_html(blocks, position, lines)
        write = _written if growing or len(html) > _LONGEST_CACHED else _remembered
        markup, context = write(html, context, lost)
        rendered.append(markup)
    return tuple(rendered)


def too_much_to_format(text: str) -> bool:
    """Whether an answer is shown verbatim because formatting it would hold its reader up."""
    return len(text) > MOST_CHARACTERS or sum(map(text.count, _MARKS)) > MOST_MARKS


def _parsed(source: str) -> tuple[str, str]:
    """Return the source and its HTML once no two dollars of different lines make a formula."""
    html = parse(source)
    for _ in range(_MOST_READINGS):
        lines = source.split("\n")
        for line, column in _DOLLARS_OF_LINES.findall(html):
            text, at = lines[int(line) - 1], int(column) - 1
            if text[at : at + 1] == "$":
                lines[int(line) - 1] = text[:at] + DOLLAR + text[at + 1 :]
        single = "\n".join(lines)
        if single == source:
            break
        source, html = single, parse(single)
    return source, html


def _written(html: str, context: Context, lost: Source) -> tuple[Markup, Context]:
    writer = Writer(context, lost)
    return Markup(writer.write(html)), writer.context  # noqa: S704


_remembered = lru_cache(maxsize=2048)(_written)


def _lost(block: Block, lines: list[str], *, growing: bool) -> Source:
    return Source(
        indents=_indents(block, lines),
        delimiters=tuple(
            lines[int(line) - 1][int(column) - 1 : int(column)]
            for line, column in _FORMULA.findall(block.html)
        ),
        open_line=len(lines) if growing and not _END_OF_FENCE.fullmatch(lines[-1]) else 0,
    )


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
