"""Messages that a browser would take too long to format, as text that it shows as it is.

Gradio's Chatbot formats the last block of an answer anew with every frame: the work grows with
the square of a table's, list's or listing's length. 3,000 rows held the page up for minutes.
"""

from html import escape

MOST_MARKS = 2_000
"""Signs that Markdown may make an element of; some 400 rows of three cells. A frame of both answers
then takes a fifth of a second on a slow laptop."""

MOST_CHARACTERS = 30_000
"""As many take as long without any mark."""

_MARKS = "\n|$*_`[<>\\~#-+."
_LINES = 200
"""Lines of a block: a new frame changes the last block alone."""
_OPENING = '<pre class="verbatim">\n'
_ENTITIES = str.maketrans({"$": "&#36;", "\\": "&#92;", "\r": "&#13;"})
"""What Gradio takes for a formula before it parses Markdown, and what a parser of HTML changes."""


def too_much_to_format(text: str) -> bool:
    """Whether a message is shown as text."""
    return len(text) > MOST_CHARACTERS or sum(map(text.count, _MARKS)) > MOST_MARKS


def verbatim(text: str) -> str:
    """Escape a text so that Markdown shows every character of it and formats nothing.

    The last block stays open: more text only appends to what was sent before.
    """
    lines = text.split("\n")
    blocks = ("\n".join(lines[start : start + _LINES]) for start in range(0, len(lines), _LINES))
    return "\n</pre>\n\n".join(_OPENING + _escaped(block) for block in blocks)


def _escaped(text: str) -> str:
    return escape(text).translate(_ENTITIES)
