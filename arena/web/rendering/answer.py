"""An answer as blocks of safe HTML."""

from markupsafe import Markup


def render_answer(text: str, *, ended: bool) -> tuple[Markup, ...]:
    """Return the blocks."""
    return tuple(Markup("<p>{}</p>").format(part) for part in text.split("\n\n") if part)
