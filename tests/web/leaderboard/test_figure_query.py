"""What an address says of a figure, and what of it makes no sense."""

import pytest

from arena.web.leaderboard.figure_style import (
    FigureChoice,
    FigureStyle,
    FigureSubject,
    FigureWidth,
)
from arena.web.leaderboard.figures.query import read_figure_query


def test_an_address_chooses_models_opponents_and_looks() -> None:
    found = read_figure_query(
        "?model=a&model=b&opponent=c&opponent=d&least=30&width=one&titles=off&notes=off&grey=on"
    )

    assert found.choice == FigureChoice(models=("a", "b"), opponents=frozenset("cd"), least=30)  # type: ignore[arg-type]
    assert found.style == FigureStyle(width=FigureWidth.ONE, titles=False, notes=False, grey=True)
    assert found.faults == ()


@pytest.mark.parametrize("subject", FigureSubject)
def test_an_address_chooses_what_is_shown(subject: FigureSubject) -> None:
    assert read_figure_query(f"?of={subject.value}&model=a").choice.subject is subject


def test_what_is_left_out_is_the_default() -> None:
    found = read_figure_query("model=a&category=math")

    assert (found.choice, found.style) == (FigureChoice(models=("a",)), FigureStyle())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("of=everything", "of"),
        ("width=three", "width"),
        ("grey=perhaps", "grey"),
        ("least=-1", "least"),
        ("least=1e3", "least"),
        ("least=9999999999", "least"),
        ("&".join(f"model=m{number}" for number in range(7)), "model"),
        ("&".join(["opponent=x"] * 1001), "opponent"),
    ],
)
def test_a_field_that_makes_no_sense_is_named(address: str, fault: str) -> None:
    assert read_figure_query(address).faults == (fault,)
