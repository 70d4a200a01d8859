"""Figures of all models: their rates, who beats whom, and their ratings."""

import csv
from datetime import date
from typing import Final

import pytest

from arena.domain.verdict import Verdict
from arena.storage.database import Database
from arena.web.leaderboard.figure_style import (
    FigureChoice,
    FigureStyle,
    FigureSubject,
    FigureWidth,
    TooManyModelsError,
)
from arena.web.leaderboard.figures.data import figure_data
from arena.web.leaderboard.figures.drawing import FigureFormat, draw
from arena.web.leaderboard.figures.matrix import luminance, shade
from arena.web.leaderboard.figures.panel import COLOUR, GREY
from arena.web.leaderboard.figures.subjects import AnyContent, content_of
from tests.builders import seed_vote, seed_votes
from tests.web.leaderboard.boards import in_one_order, varied_votes, view_of
from tests.web.leaderboard.test_figure_styles import LONG, STYLES, check_letters, drawn

TODAY: Final = date(2026, 4, 1)
OF_ALL: Final = [one for one in FigureSubject if one is not FigureSubject.MODELS]


@pytest.fixture
def board(database: Database) -> Database:
    """Four models that are rated, of which one has a long name; a fifth that never lost."""
    in_one_order(database)
    varied_votes(database, ("alpha", LONG), 60)
    varied_votes(database, ("beta", LONG), 60)
    varied_votes(database, ("gamma", LONG), 40, won=1)
    seed_votes(database, models=("unbeaten", "gamma"), wins=2, ties=1)
    return database


def content(database: Database, subject: FigureSubject, language: str = "en") -> AnyContent:
    view = view_of(database, language=language)
    found = content_of(view, FigureChoice(models=(), subject=subject), TODAY)
    assert found is not None
    return found


def rows_of(database: Database, subject: FigureSubject) -> list[dict[str, str]]:
    return list(csv.DictReader(figure_data(content(database, subject)).decode().splitlines()))


@pytest.mark.parametrize("subject", OF_ALL)
@pytest.mark.parametrize("style", STYLES, ids=repr)
def test_letters_are_large_enough_stay_on_the_page_and_apart(
    board: Database, subject: FigureSubject, style: FigureStyle
) -> None:
    check_letters(drawn(content(board, subject), style), style)


@pytest.mark.parametrize("subject", OF_ALL)
@pytest.mark.parametrize("kind", FigureFormat)
def test_every_figure_is_drawn_in_chinese_too(
    board: Database, subject: FigureSubject, kind: FigureFormat
) -> None:
    assert draw(content(board, subject, "zh"), kind)


@pytest.mark.parametrize("subject", OF_ALL)
def test_every_figure_says_when_which_votes_were_counted(
    board: Database, subject: FigureSubject
) -> None:
    notes = " ".join(content(board, subject).caption)

    assert "All votes · flagged comparisons left out: 0" in notes
    assert "362 decisive comparisons of 363 in this figure, by 11 annotators" in notes
    assert "2026-04-01" in notes


def test_rates_have_a_row_for_each_model_best_first_with_its_interval(board: Database) -> None:
    rows = rows_of(board, FigureSubject.RATES)

    rates = [float(row["rate"]) for row in rows]
    assert rates == sorted(rates, reverse=True)
    assert {row["model"] for row in rows} == {"alpha", "beta", "gamma", "unbeaten", LONG}
    assert {row["opponent"] for row in rows} == {""}
    alpha = next(row for row in rows if row["model"] == "alpha")
    assert alpha["wins"] == str(160 + 40)
    assert float(alpha["low"]) < float(alpha["rate"]) < float(alpha["high"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_figure_of_re_weighted_rates_says_so_and_one_of_pairs_does_not(
    database: Database, language: str
) -> None:
    seed_vote(database, chances=(0.5, 0.1))
    of_models, of_pairs = (
        " ".join(content(database, subject, language).caption)
        for subject in (FigureSubject.RATES, FigureSubject.MATRIX)
    )
    said = {"en": "re-weighted to even drawing", "zh": "按均匀抽取重新加权"}[language]
    assert said in of_models
    assert said not in of_pairs


def test_the_matrix_has_both_views_of_every_pair(board: Database) -> None:
    rows = rows_of(board, FigureSubject.MATRIX)

    rates = {(row["model"], row["opponent"]): float(row["rate"]) for row in rows}
    assert len(rates) == 10
    for (model, opponent), rate in rates.items():
        assert rates[opponent, model] == pytest.approx(1 - rate)


def test_a_matrix_says_numbers_where_there_is_room(board: Database) -> None:
    svg = draw(content(board, FigureSubject.MATRIX), FigureFormat.SVG).decode()

    assert ">80<" in svg  # alpha against beta
    assert ">20<" in svg
    assert "too few votes to read" in svg


def test_a_matrix_of_too_many_models_is_refused_with_how_many_fit(database: Database) -> None:
    with database.writing() as connection:
        for number in range(60):
            seed_vote(connection, Verdict.A_BETTER, models=(f"m{number}", f"m{(number + 1) % 60}"))
    found = content(database, FigureSubject.MATRIX)

    with pytest.raises(TooManyModelsError) as refused:
        draw(found, FigureFormat.SVG)
    with pytest.raises(TooManyModelsError) as narrow:
        draw(found, FigureFormat.SVG, FigureStyle(width=FigureWidth.ONE))

    assert 40 <= refused.value.most < 60
    assert 15 <= narrow.value.most < 30
    assert figure_data(found), "its numbers fit into a file all the same"


def test_shades_tell_winning_from_losing_with_and_without_colours() -> None:
    assert (shade(1, COLOUR), shade(0, COLOUR)) == (COLOUR.win, COLOUR.lose)
    greys = [luminance(shade(number / 10, GREY)) for number in range(11)]
    assert greys == sorted(greys, reverse=True)
    assert greys[0] - greys[-1] > 0.5


def test_ratings_are_those_of_rated_models_and_others_are_counted(board: Database) -> None:
    rows = rows_of(board, FigureSubject.RATINGS)

    assert "unbeaten" not in [row["model"] for row in rows]
    elos = [float(row["elo"]) for row in rows]
    assert elos == sorted(elos, reverse=True)
    assert "Models without a rating, not shown: 1." in rows[0]["note"]


def test_nothing_to_rate_is_no_figure(database: Database) -> None:
    seed_votes(database, wins=1)

    choice = FigureChoice(models=(), subject=FigureSubject.RATINGS)

    assert content_of(view_of(database), choice, TODAY) is None


_PAGE_HIGH: Final = 9.7
"""Inches between the margins of an A4 page, of 25 mm each."""
_LAST: Final = 58


def test_figures_of_59_models_can_be_read_on_a_page(database: Database) -> None:
    for number in range(_LAST):
        varied_votes(database, ("m", f"m{number}"), 18, won=1 + number % 2)

    for subject in (FigureSubject.RATES, FigureSubject.RATINGS):
        found = content(database, subject)
        for width in FigureWidth:
            style = FigureStyle(width=width, titles=False, notes=False)
            figure = drawn(found, style)
            check_letters(figure, style)
            assert figure.get_figheight() <= _PAGE_HIGH
