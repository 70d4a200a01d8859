"""A prompt as it was typed."""

from markupsafe import Markup


def render_prompt(text: str) -> Markup:
    """Return the prompt."""
    return Markup('<div class="verbatim" dir="auto">{}</div>').format(text)
