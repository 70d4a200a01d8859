"""A prompt as its author typed it."""

from markupsafe import Markup

from arena.web.rendering.characters import escaped_text, readable


def render_prompt(text: str) -> Markup:
    """Return a prompt verbatim: no Markdown, all white space, its own direction."""
    return Markup(f'<div class="prompt-text" dir="auto">{escaped_text(readable(text))}</div>')  # noqa: S704
