"""The panel of the figure: a plain form whose fields are those of a figure's address."""

import re
from urllib.parse import urlencode

import pytest

from arena.storage.database import Database
from arena.web.leaderboard.figure_style import FigureChoice, FigureStyle
from arena.web.leaderboard.figures.query import read_figure_query
from arena.web.leaderboard.head import board_head
from arena.web.leaderboard.query import Tab, read_query
from tests.builders import seed_votes
from tests.web.leaderboard.boards import TEXTS, text_of, varied_votes, view_of


def sent_fields(html: str) -> list[tuple[str, str]]:
    """What a browser sends of the form as it is."""
    (form,) = re.findall(r'<form id="figure-form".*?</form>', html, re.DOTALL)
    fields = []
    for tag in re.findall(r"<input [^>]*>", form):
        told = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if told["type"] not in {"checkbox", "radio"} or " checked" in tag:
            fields.append((told["name"], told["value"]))
    return fields


def head_of(database: Database, **view: object) -> str:
    return str(board_head(view_of(database, **view)))  # type: ignore[arg-type]


def test_as_it_is_the_form_asks_for_the_best_model_with_the_filters_of_the_board(
    database: Database,
) -> None:
    varied_votes(database, ("alpha", "beta"), 40, won=3)
    varied_votes(database, ("gamma", "beta"), 40)

    address = urlencode(sent_fields(head_of(database, tab=Tab.MATRIX, include_flagged=True)))

    figure = read_figure_query(address)
    assert figure.faults == ()
    assert (figure.choice, figure.style) == (FigureChoice(models=("alpha",)), FigureStyle())  # type: ignore[arg-type]
    assert read_query(address).filter == view_of(database, include_flagged=True).board.filter


def test_a_box_that_is_not_checked_is_off_and_a_checked_one_is_on(database: Database) -> None:
    seed_votes(database, wins=2)

    sent = sent_fields(head_of(database))

    assert [value for name, value in sent if name == "titles"] == ["on", "off"]
    assert [value for name, value in sent if name == "grey"] == ["off"]
    bare = [one for one in sent if one != ("titles", "on")]
    assert read_figure_query(urlencode(sent)).style.titles
    assert not read_figure_query(urlencode(bare)).style.titles


def test_the_model_that_is_looked_at_is_chosen(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 40)

    assert ("model", "beta") in sent_fields(head_of(database, baseline="beta"))


def test_every_model_can_be_chosen_as_a_panel_and_as_an_opponent(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 40)
    varied_votes(database, ("gamma", "beta"), 40)

    html = head_of(database)

    for name in ("model", "opponent"):
        boxes = re.findall(rf'<input type="checkbox" name="{name}" value="(\w+)"', html)
        assert sorted(boxes) == ["alpha", "beta", "gamma"]


def test_each_format_has_its_button(database: Database) -> None:
    seed_votes(database, wins=1)

    found = re.findall(r'formaction="([^"]+)">(\w+)<', head_of(database))

    assert found == [
        (f"/leaderboard/figure.{kind.lower()}", kind) for kind in ("SVG", "PNG", "PDF", "CSV")
    ]


def test_a_board_without_a_vote_has_no_panel(database: Database) -> None:
    assert "figure-panel" not in head_of(database)


@pytest.mark.parametrize("language", TEXTS)
def test_every_language_has_its_words(database: Database, language: str) -> None:
    seed_votes(database, wins=1)

    said = text_of(head_of(database, language=language))

    assert TEXTS[language]["leaderboard.figure.width_one"] in said
    assert "{" not in said
