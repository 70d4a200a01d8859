"""Any text comes out as LaTeX that prints it, and nothing in it is a command."""

import re

from hypothesis import given
from hypothesis import strategies as st

from arena.services.report.latex_text import fallbacks, latex

_PIECE = re.compile(
    r"\\(?:textbackslash|textasciitilde|textasciicircum|textasciigrave|textquotedbl|textless"
    r"|textgreater|textbar|textendash|textemdash|textquotedblleft|textquotedblright"
    r"|textquoteright)\{\}"
    r"|\\[&%$#_{}]|\{[\[\]*]\}|\{\}|[^\\{}&%$#_^~`\"<>|\[\]*]"
)
_SPELLED = {
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textasciigrave": "`",
    "textquotedbl": '"',
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textendash": "–",
    "textemdash": "—",
    "textquotedblleft": "“",
    "textquotedblright": "”",
    "textquoteright": "’",
}


def _read(spelled: str) -> str:
    """Read LaTeX back as TeX would; raises ValueError for what is no escaped text."""
    told, place = [], 0
    while place < len(spelled):
        piece = _PIECE.match(spelled, place)
        if piece is None:
            raise ValueError(f"{spelled[place:]!r} is a command")
        word = piece.group()
        if word.startswith("\\text"):
            told.append(_SPELLED[word[1:-2]])
        elif word != "{}":
            told.append(word.strip("{}") if word[0] == "{" else word.removeprefix("\\"))
        place = piece.end()
    return "".join(told)


@given(st.text())
def test_every_text_is_escaped_and_can_be_read_back(text: str) -> None:
    plain = "".join(
        letter if letter.isprintable() else f"[U+{ord(letter):04X}]"
        for letter in " ".join(text.split())
    )
    assert _read(latex(text)) == plain.replace("\u00a0", " ")


@given(st.text(alphabet="-,'`<>!?\\{}[]*&%$#_^~|\" \n"))
def test_signs_never_meet_as_one(text: str) -> None:
    spelled = latex(text)
    assert not re.search(r"--|,,|''|``|<<|>>|\n", spelled)
    _read(spelled)


def test_an_injection_is_printed_as_it_is() -> None:
    assert latex(r"\input{/etc/passwd} & 100 % $x$") == (
        r"\textbackslash{}input\{/etc/passwd\} \& 100 \% \$x\$"
    )


def test_letters_beyond_ascii_have_a_fallback_once() -> None:
    assert fallbacks(["通义 é", "通"]) == [
        r"\arenaletter{é}{00E9}",
        r"\arenaletter{义}{4E49}",
        r"\arenaletter{通}{901A}",
    ]
