"""Text as it was written: prompts, and answers whose formatting would hold a page up."""

from markupsafe import Markup

from arena.web.rendering.characters import escaped_text, readable

_LINES = 200
"""Lines of a block: a new frame changes the last block alone."""


def verbatim_blocks(text: str) -> tuple[Markup, ...]:
    """Return a text as blocks of 200 lines; more text changes the last block only."""
    lines = readable(text).split("\n")
    blocks = ("\n".join(lines[start : start + _LINES]) for start in range(0, len(lines), _LINES))
    return tuple(_block(block) for block in blocks)


def _block(text: str) -> Markup:
    # A parser of HTML drops the first line feed of a `pre`.
    return Markup(f'<pre class="verbatim" dir="auto">\n{escaped_text(text)}</pre>')  # noqa: S704
