"""Panels, paragraphs and stacked lines: what every part of a board is made of."""

from collections.abc import Iterable

from markupsafe import Markup, escape

from arena.web.common.markup import joined

ROOM = Markup("&nbsp;")
"""Keeps the room of a line that is still to come."""


def panel(title: str, *inside: Markup) -> Markup:
    """Return a section under its heading."""
    return Markup('<section class="lb-panel"><h2>{}</h2>{}</section>').format(title, joined(inside))


def paragraphs(lines: Iterable[str], kind: str = "lb-note") -> Markup:
    """Return a paragraph for each line of text."""
    paragraph = Markup('<p class="{}">{}</p>')
    return joined(paragraph.format(kind, line) for line in lines)


def stacked(above: str, *below: str) -> Markup:
    """Return text with smaller lines of text below it."""
    line = Markup("<small>{}</small>")
    return escape(above) + joined(line.format(one) for one in below)
