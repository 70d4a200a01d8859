"""Tags that every answer may have, each with attributes of this room alone."""

from html import unescape

from arena.web.rendering import links
from arena.web.rendering.characters import escaped_text, readable
from arena.web.rendering.marks import restored, restored_address

_AS_THEY_ARE = frozenset({"li", "hr"})
_OPENING = {
    "br": "",  # a line feed follows
    "section": '<div class="footnotes">',
    "table": '<div class="table" dir="auto" tabindex="0"><table>',
    "ul": '<ul dir="auto">',
}
_CLOSING = {"section": "</div>", "table": "</table></div>"}


def opening_tag(name: str, attributes: dict[str, str], *, outermost: bool) -> str:
    """Return the HTML that stands for one of comrak's tags; nothing for an unknown one.

    Args:
        name: The element.
        attributes: Its attributes, escaped.
        outermost: Whether it finds its direction by itself; inner blocks do so by their style.
    """
    if name in _AS_THEY_ARE:
        return f"<{name}>"
    if name in {"p", "blockquote"}:
        return f'<{name} dir="auto">' if outermost else f"<{name}>"
    if name in {"th", "td"}:
        align = attributes.get("align")
        return f'<{name} class="{align}">' if align else f"<{name}>"
    if name == "img":
        return _picture(attributes)
    if name == "input":
        return _task(done="checked" in attributes)
    return _OPENING.get(name, "")


def closing_tag(name: str) -> str:
    """Return the end of what `opening_tag` began."""
    return _CLOSING.get(name, f"</{name}>")


def ordered_list(attributes: dict[str, str], width: str) -> str:
    """Return the start of a numbered list, with a class for numbers of many digits."""
    start = attributes.get("start")
    number = f' start="{start}"' if start else ""
    return f'<ol{width} dir="auto"{number}>'


def _task(*, done: bool) -> str:
    label, glyph = ("[x]", "☑") if done else ("[ ]", "☐")
    return f'<span class="task" role="img" aria-label="{label}">{glyph}</span>'


def _picture(attributes: dict[str, str]) -> str:
    """Return a picture as its text and address: nothing is fetched from another host."""
    text, title = (unescape(attributes.get(key, "")) for key in ("alt", "title"))
    address = links.as_typed(restored_address(unescape(attributes.get("src", ""))))
    shown = f"{address} “{title}”" if title else address
    words = f"{text} ({shown})" if text else shown
    return f'<span class="picture">{escaped_text(readable(restored(words)))}</span>'
