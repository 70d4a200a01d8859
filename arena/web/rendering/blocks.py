"""Blocks of an answer as HTML; what was written for a frame is kept for the next."""

import re
from functools import lru_cache

from markupsafe import Markup

from arena.web.rendering.context import Context, Source
from arena.web.rendering.elements import Writer
from arena.web.rendering.tags import closing_tag, opening_tag

_LONGEST_KEPT = 16_000
"""Characters of a block's HTML."""
_LONGEST_KEPT_ROW = 2_000
"""Every frame of a growing table has another last row, and all of them are kept."""
_ROW = re.compile(r"<tr .*?</tr>", re.DOTALL)


def written(
    html: str, context: Context, source: Source, *, growing: bool
) -> tuple[Markup, Context]:
    """Return comrak's HTML of a block as ours, and the context of the block after it.

    Args:
        html: A top-level block.
        context: The answer before the block.
        source: What its HTML has lost.
        growing: Whether the next frame has another text of this block, so keeping it is no use.
    """
    if html.startswith("<table ") and "data-math-style" not in html:
        return _table(html), context
    write = _write if growing or len(html) > _LONGEST_KEPT else _kept
    return write(html, context, source)


def _write(html: str, context: Context, source: Source) -> tuple[Markup, Context]:
    writer = Writer(context, source)
    return Markup(writer.write(html)), writer.context  # noqa: S704


_kept = lru_cache(maxsize=2048)(_write)


def _table(html: str) -> Markup:
    """Return a table: only rows that were not seen before are written."""
    head, *body = map(_row, _ROW.findall(html))
    rows = f"<tbody>{''.join(body)}</tbody>" if body else ""
    opening = opening_tag("table", {}, outermost=True)
    return Markup(f"{opening}<thead>{head}</thead>{rows}{closing_tag('table')}")  # noqa: S704


def _row(html: str) -> str:
    return _write_row(html) if len(html) > _LONGEST_KEPT_ROW else _kept_row(html)


def _write_row(html: str) -> str:
    return Writer(Context(), Source(), inside="table").write(html)


_kept_row = lru_cache(maxsize=4096)(_write_row)
