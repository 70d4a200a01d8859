"""What a figure says: the numbers of the board, for whom they hold, in words that can be drawn."""

import csv
from datetime import date

import pytest

from arena.domain.verdict import Verdict
from arena.storage.database import Database
from arena.web.common.texts import load_texts
from arena.web.leaderboard.figures import drawing, fonts
from arena.web.leaderboard.figures.content import FigureContent, figure_content
from arena.web.leaderboard.figures.data import figure_data
from arena.web.leaderboard.figures.drawing import FigureFormat, draw
from tests.builders import seed_vote, seed_votes
from tests.web.leaderboard.boards import in_one_order, varied_votes, view_of

TODAY = date(2026, 4, 1)
TEXTS = load_texts()

REFERENCE = r"C:\users $\frac{x}{y}$ & <b>name</b>"


def _content(database: Database, baseline: str = "alpha", language: str = "en") -> FigureContent:
    view = view_of(database, baseline=baseline, language=language)
    found = figure_content(view, TODAY)
    assert found is not None
    return found


def test_the_figure_says_what_it_shows(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 60)

    svg = draw(_content(database), FigureFormat.SVG).decode()

    for words in (
        *("Name of alpha", "Name of beta", ">67<", ">33<", "n = 60", "preliminary"),
        *("win", "lose", "95 % interval of the win rate", "clustered by annotator and prompt"),
        *("All votes", "60 decisive comparisons of 60", "2026-04-01"),
    ):
        assert words in svg, words


def test_the_figure_counts_the_flagged_comparisons_of_its_own_model(database: Database) -> None:
    seed_votes(database, wins=3)
    seed_vote(database, recognised=True)
    for _ in range(4):
        seed_vote(database, models=("gamma", "delta"), recognised=True)

    assert _content(database).caption[1].endswith("flagged comparisons left out: 1")


def test_without_an_interval_the_figure_has_no_whisker_and_says_why(database: Database) -> None:
    seed_votes(database, wins=3)

    svg = draw(_content(database), FigureFormat.SVG).decode()

    assert "No intervals: too few votes" in svg
    assert "too few" in svg
    assert "95 % interval of" not in svg


def test_no_decisive_vote_is_drawn_as_that(database: Database) -> None:
    seed_votes(database, ties=3)

    assert "no decisive comparisons" in draw(_content(database), FigureFormat.SVG).decode()


@pytest.mark.parametrize("kind", FigureFormat)
def test_a_name_is_text_and_no_formula(database: Database, kind: FigureFormat) -> None:
    seed_votes(database, models=(REFERENCE, "=1+1"), wins=1)

    assert draw(_content(database, REFERENCE), kind)


def test_the_same_votes_give_the_same_file(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 40)
    for kind in FigureFormat:
        assert draw(_content(database), kind) == draw(_content(database), kind)


@pytest.mark.parametrize("installed", [fonts.families(), (fonts.BUNDLED,)])
@pytest.mark.parametrize("kind", FigureFormat)
def test_a_chinese_figure_is_drawn_or_falls_back_to_words_that_can_be(
    database: Database,
    kind: FigureFormat,
    installed: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a machine without a Chinese font no box stands for a letter: warnings are errors here."""
    varied_votes(database, ("alpha", "通义千问"), 40)
    monkeypatch.setattr(fonts, "families", lambda: installed)
    monkeypatch.setattr(drawing, "families", lambda: installed)
    fonts.covered.cache_clear()
    try:
        file = draw(_content(database, "alpha", "zh"), kind)
    finally:
        fonts.covered.cache_clear()

    if kind is FigureFormat.SVG:
        words = ("通义千问", "胜") if len(installed) > 1 else ("\\u901a", "win", "lose")
        assert all(word in file.decode() for word in words)


def test_fifty_bars_fit_on_one_page(database: Database) -> None:
    for number in range(50):
        seed_votes(database, models=("alpha", f"opponent {number} with quite a long name"), wins=1)

    assert draw(_content(database), FigureFormat.PDF).startswith(b"%PDF")


def test_a_bar_that_was_shown_in_one_order_says_so_and_the_data_do(database: Database) -> None:
    in_one_order(database)

    content = _content(database)
    (row,) = csv.DictReader(figure_data(content).decode().splitlines())

    assert content.panels[0].bars[0].few == "‡ one order of sides"
    assert "one model was always or mostly on the left" in content.caption[1]
    assert [row[name] for name in ("state", "shown_first", "sides", "p_holm", "told_apart")] == [
        *("preliminary", "200", "one order", "", "false"),
    ]
    assert "‡ one order of sides" in draw(content, FigureFormat.SVG).decode()


def test_the_caption_says_how_many_ties_were_left_out_and_whose_ballots_they_are(
    database: Database,
) -> None:
    varied_votes(database, ("alpha", "beta"), 60)
    for verdict, number in ((Verdict.TIE, 3), (Verdict.BOTH_BAD, 2)):
        for one in range(number):
            seed_vote(database, verdict, annotator="annotator-0", prompts=(f"prompt {one}",))

    assert (
        _content(database)
        .caption[-1]
        .startswith(
            "60 decisive comparisons of 65 in this figure, by 10 annotators on "
            "30 prompts; "
            "the rates leave out 3 ties and 2 × «both bad». 65 votes on the board; "
        )
    )


def test_one_vote_is_one_vote_in_the_caption(database: Database) -> None:
    seed_votes(database, wins=1)

    assert (
        "1 decisive comparison of 1 in this figure, by 1 annotator on 1 prompt; "
        "the rates leave out 0 ties. 1 vote on the board; " in (_content(database).caption[-1])
    )
