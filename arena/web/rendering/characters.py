"""Characters that a browser drops, mangles or reorders, made harmless and visible."""

import re
from html import escape

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ud800-\udfff]")
_UNORDINARY = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef\ud800-\udfff]"
)
_BIDI_CONTROL = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_BIDI_RUN = re.compile(r"[\u202a-\u202e\u2066-\u2069](?:[^\n]*[\u202c\u2069]|[^\n]*)")
_LINE_ENDS = re.compile(r"\r\n?")
_CONTROL_PICTURES = 0x2400
_DELETE = 0x7F


def readable(text: str) -> str:
    """Return a text with line feeds for all line ends and a visible sign for each control.

    C0 controls become their control pictures (U+2400 block); C1 controls, noncharacters of the
    Arabic block (this room's own marks) and lone surrogates become their code points.
    """
    if "\r" in text:
        text = _LINE_ENDS.sub("\n", text)
    return _CONTROLS.sub(_picture, text)


def is_ordinary(markup: str) -> bool:
    """Return whether escaped text holds no character that this room changes."""
    return _UNORDINARY.search(markup) is None


def escaped_text(text: str) -> str:
    """Return running text as HTML; what a directional control reorders ends with its run."""
    markup = escape(text)
    if "\u2028" in markup or "\u2029" in markup:
        markup = markup.replace("\u2028", "\n").replace("\u2029", "\n")
    return _BIDI_RUN.sub(r"<bdi>\g<0></bdi>", markup)


def escaped_code(text: str) -> str:
    """Return code as HTML; directional controls become their code points (CVE-2021-42574)."""
    return _BIDI_CONTROL.sub(_picture, escape(text))


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(_CONTROL_PICTURES + code)
    return "␡" if code == _DELETE else f"⟨U+{code:04X}⟩"
