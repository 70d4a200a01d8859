"""CommonMark with GitHub's extensions and dollar formulas, as comrak reads it."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import comrak

_CONTAINER = re.compile(r"<(/?)(?:ul|ol|blockquote)\b")
_LINES = re.compile(r'^<[a-z0-9]+ data-sourcepos="(\d+):\d+-(\d+):\d+"')


class Block(NamedTuple):
    """A top-level block of comrak's HTML and its first and last line in the source, from 1.

    Raw HTML has no element of its own and no lines (0, 0).
    """

    html: str
    first: int
    last: int


def parse(source: str) -> str:
    """Return comrak's HTML: raw HTML escaped, positions in bytes, no soft break joined."""
    return comrak.render_markdown(source, _WITH_FORMULAS, None, _RENDER)


def parse_without_formulas(source: str) -> str:
    """Return comrak's HTML where dollars are text: it tells what is code whatever is a formula."""
    return comrak.render_markdown(source, _PLAIN, None, _RENDER)


def top_level_blocks(html: str) -> Iterator[Block]:
    """Split comrak's HTML. Text is escaped in it, so every `<` begins one of its own tags.

    Raises:
        ValueError: An element has no end.
    """
    start = 0
    while start < len(html):
        end = _end_of_block(html, start)
        block = html[start:end]
        lines = _LINES.match(block)
        if block.strip("\n"):
            yield Block(block, *(map(int, lines.groups()) if lines else (0, 0)))
        start = end


def _end_of_block(html: str, start: int) -> int:
    if html[start] != "<":
        end = html.find("\n<", start) + 1
        return end or len(html)
    name = html[start + 1 : html.index(" ", start)]
    if name in {"ul", "ol", "blockquote"}:
        return _end_of_container(html, start)
    if name == "section":
        return len(html)
    closing = ">" if name == "hr" else f"</{name}>"
    return html.index(closing, start) + len(closing)


def _end_of_container(html: str, start: int) -> int:
    depth = 0
    for tag in _CONTAINER.finditer(html, start):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return html.index(">", tag.end()) + 1
    return len(html)


def _extensions(*, formulas: bool) -> comrak.ExtensionOptions:
    options = comrak.ExtensionOptions()
    options.autolink = True
    options.cjk_friendly_emphasis = True
    options.footnotes = True
    options.strikethrough = True
    options.table = True
    options.tasklist = True
    options.math_dollars = formulas
    options.math_latex = formulas
    return options


def _render_options() -> comrak.RenderOptions:
    options = comrak.RenderOptions()
    options.escape = True
    options.full_info_string = True
    options.sourcepos = True
    options.unsafe_ = True  # addresses arrive as written: `links.py` decides which become links
    return options


_WITH_FORMULAS = _extensions(formulas=True)
_PLAIN = _extensions(formulas=False)
_RENDER = _render_options()
