"""The table of formats in the documentation is the table in the code."""

from pathlib import Path

import pytest

from arena.domain.verdict import Verdict
from arena.services.importing.formats import VoteFormat
from arena.services.importing.vote_formats import FORMATS, KnownFormat, Shape

DOCUMENT = Path(__file__).parents[3] / "docs" / "importing.md"
SHOWN_WORDS = 2
SHOWN_VERDICTS = (Verdict.A_BETTER, Verdict.B_BETTER, Verdict.TIE, Verdict.BOTH_BAD)


@pytest.mark.parametrize("name", VoteFormat)
def test_the_documentation_says_of_a_format_what_the_code_knows(name: VoteFormat) -> None:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()

    assert documented(name, FORMATS[name]) in lines


def test_the_documentation_has_no_other_formats() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    table = text.split("| format | what it is |")[1].split("\n\n")[0]

    assert len(table.splitlines()) - 2 == len(FORMATS)


def documented(name: VoteFormat, known: KnownFormat) -> str:
    """The row of a format as the document should have it."""
    shapes = "; or ".join(map(columns_of, known.shapes))
    return f"| `{name}` | {known.title} | {shapes} | {words_of(known)} |"


def columns_of(shape: Shape) -> str:
    listed = [f"`{name}`" for name in sorted(shape.has)]
    if shape.ending:
        listed.append(f"one that ends in `{shape.ending}`")
    return ", ".join(listed) + "".join(f", not `{name}`" for name in sorted(shape.lacks))


def words_of(known: KnownFormat) -> str:
    """The words for each verdict in turn, the first of many."""
    parts = []
    for verdict in SHOWN_VERDICTS:
        words = [f"`{word}`" for word, meant in known.verdicts.items() if meant is verdict]
        more = " …" if len(words) > SHOWN_WORDS else ""
        parts.append(", ".join(words[:SHOWN_WORDS]) + more if words else "-")
    return " · ".join(parts) if known.verdicts else "ranks"
