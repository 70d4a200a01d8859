r"""Any text as LaTeX that prints it: escaped, with a fallback for letters that a font lacks."""

import re
from collections.abc import Iterable

_SPELLED = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "`": r"\textasciigrave{}",
    '"': r"\textquotedbl{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "“": r"\textquotedblleft{}",
    "”": r"\textquotedblright{}",
    "’": r"\textquoteright{}",
    "\u00a0": "~",
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
    # In braces: after `\\\\` these would be its argument.
    **{letter: f"{{{letter}}}" for letter in "[]*"},
}
_LIGATURE = re.compile(r"([-,'])(?=\1)")
"""Two of these would be printed as one sign."""


def latex(text: str) -> str:
    """Return a text as LaTeX on one line. What cannot be printed becomes its code point."""
    spelled = "".join(map(_letter, " ".join(text.split())))
    return _LIGATURE.sub(r"\1{}", spelled)


def fallbacks(texts: Iterable[str]) -> list[str]:
    r"""Return lines for the preamble of a document with letters that a font may lack.

    By `\arenaletter` one that the font has is printed as it is, another one as its code point.
    """
    letters = sorted({letter for text in texts for letter in text if ord(letter) > 0x7F})
    return [
        rf"\arenaletter{{{letter}}}{{{ord(letter):04X}}}"
        for letter in letters
        if letter.isprintable()
    ]


def _letter(letter: str) -> str:
    if letter in _SPELLED:
        return _SPELLED[letter]
    return letter if letter.isprintable() else f"{{[}}U+{ord(letter):04X}{{]}}"
