"""Pieces of the board: no exception and no number that looks surer than the votes are."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

import arena.web
from arena.domain.battle import BattleState
from arena.domain.board import EXCLUDING_FLAGS, FILTER_FIELDS
from arena.domain.conversation import ModelKey
from arena.domain.errors import Refusal
from arena.domain.verdict import Verdict
from arena.services.board import robustness, snapshots
from arena.storage.database import Database
from arena.web.leaderboard.body import board_body
from arena.web.leaderboard.parts.scale import scale_of
from arena.web.leaderboard.query import Tab
from arena.web.leaderboard.view import PANELS_AT_ONCE
from tests.builders import seed_battle, seed_vote, seed_votes
from tests.web.leaderboard.boards import TEXTS, row_of, text_of, varied_votes, view_of

NASTY = '<img src=x onerror="alert(1)">'


def unbeaten(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 40)
    varied_votes(database, ("gamma", "alpha"), 40, won=3)


def disconnected(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 60)
    varied_votes(database, ("gamma", "delta"), 40)


def one_annotator(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 60, annotators=1)


def no_decisive_vote(database: Database) -> None:
    seed_votes(database, ties=30, both_bad=8)


def one_side_only(database: Database) -> None:
    for number in range(40):
        seed_vote(database, annotator=f"annotator-{number % 9}", prompts=(f"prompt {number}",))


def one_vote(database: Database) -> None:
    seed_vote(database)


def all_flagged(database: Database) -> None:
    seed_vote(database, recognised=True)


def only_void(database: Database) -> None:
    seed_battle(database, failing=0, state=BattleState.VOID)


def nothing(database: Database) -> None:
    """An empty board."""


DEGENERATE = (
    *(unbeaten, disconnected, one_annotator, no_decisive_vote, one_side_only),
    *(one_vote, all_flagged, only_void, nothing),
)


@pytest.mark.parametrize("seed", DEGENERATE)
def test_every_tab_of_a_degenerate_board_is_drawn_in_both_languages(
    database: Database, seed: Callable[[Database], None]
) -> None:
    seed(database)
    for tab in Tab:
        for view in (view_of(database, tab, waiting=True), view_of(database, tab)):
            for texts, baseline in product(TEXTS.values(), (None, "alpha", "never heard of")):
                query = view.query.seen_from(ModelKey(baseline) if baseline else None)
                html = board_body(replace(view, texts=texts, query=query))
                assert "None" not in html
                assert "nan" not in text_of(html).lower().split()
                assert "{" not in html


def test_an_unbeaten_model_has_words_in_place_of_a_rating(database: Database) -> None:
    unbeaten(database)

    row = row_of(board_body(view_of(database, Tab.RATINGS)), "Name of gamma", "ratings")

    assert row.startswith("– – – unbeaten: no finite rating")


def test_a_model_without_a_chain_of_votes_to_the_others_is_not_connected(
    database: Database,
) -> None:
    disconnected(database)

    html = board_body(view_of(database, Tab.RATINGS))

    for name in ("Name of gamma", "Name of delta"):
        assert row_of(html, name, "ratings").startswith("– – – not connected: no rating")
    assert "any number would be an assumption" in html


def test_the_votes_of_one_annotator_hold_for_that_one_only(database: Database) -> None:
    one_annotator(database)

    rates = text_of(board_body(view_of(database, Tab.HEAD_TO_HEAD, "alpha")))
    quality = text_of(board_body(view_of(database, Tab.QUALITY)))

    assert "for this one annotator only" in rates
    assert "established" not in rates.split("What the columns mean")[0]
    assert "No alpha: only one person voted." in quality


def test_without_a_decisive_vote_there_is_no_rate(database: Database) -> None:
    no_decisive_vote(database)

    html = board_body(view_of(database, Tab.HEAD_TO_HEAD, "alpha"))

    assert 'class="lb-none">no decisive comparisons<' in html
    assert 'class="lb-win" style' not in html
    assert row_of(html, "Name of beta", "pairs-0").startswith(
        "– – 0 0 30 8 100.0 % 0 0 0 ○ too few"
    )
    matrix = board_body(view_of(database, Tab.MATRIX))
    assert "%" not in "".join(re.findall(r"<td[^>]*>([^<]*)</td>", matrix))


def test_votes_on_one_side_only_say_that_the_side_cannot_be_told_from_strength(
    database: Database,
) -> None:
    one_side_only(database)

    assert "Cannot be adjusted for strength" in board_body(view_of(database, Tab.QUALITY))
    rates = board_body(view_of(database, Tab.HEAD_TO_HEAD, "alpha"))
    assert 'style="width:100.00%">100</span>' in rates
    assert re.search(r"100\.0 % \d+\.\d–100\.0", text_of(rates))


@pytest.mark.parametrize(("votes", "few"), [(4, True), (40, False)])
@pytest.mark.parametrize("language", TEXTS)
def test_a_share_of_few_votes_is_pale_and_no_alarm(
    database: Database, votes: int, few: bool, language: str
) -> None:
    for number in range(votes):
        seed_vote(
            database,
            models=("alpha", "beta") if number % 2 else ("beta", "alpha"),
            annotator="ada",
            prompts=(f"prompt {number}",),
        )

    html, texts = board_body(view_of(database, Tab.QUALITY, language=language)), TEXTS[language]

    alarm = texts["leaderboard.no_adjusted.separated"]
    assert (alarm in html) != few
    decisive = texts["leaderboard.amount.decisive"].format(number=votes)
    said = texts["leaderboard.quality.too_few"].format(number=decisive, least=30)
    assert (said in html) == few
    assert ('class="lb-big lb-few">100.0 %' in html) == few


def test_of_many_models_the_best_two_are_shown_instead_of_a_wall_of_panels(
    database: Database,
) -> None:
    for number in range(PANELS_AT_ONCE + 1):
        seed_vote(database, models=(f"m{number}", f"m{number + 1}"))
    seed_votes(database, models=("m4", "m6"), wins=9)

    html = board_body(view_of(database, Tab.HEAD_TO_HEAD))

    shown = re.findall(r'<h2 class="lb-name">(.*?) <small>', html)
    assert shown == ["Name of m0", "Name of m4"]
    assert "Choose another one above, under «Model»" in html


def test_each_empty_board_has_its_own_sentence(database: Database) -> None:
    assert "No votes yet" in board_body(view_of(database))
    seed_vote(database, recognised=True, category="math")
    assert "Tick «Include flagged votes»" in board_body(view_of(database))
    assert "No votes match these filters." in board_body(view_of(database, category="coding"))


def test_names_from_outside_cannot_become_markup(database: Database) -> None:
    for number in range(40):
        seed_vote(
            database,
            models=(NASTY, "beta"),
            annotator=NASTY,
            category=NASTY,
            prompts=(f"{number}",),
        )
    for tab in Tab:
        view = view_of(database, tab)
        for baseline in (None, ModelKey(NASTY), ModelKey("beta")):
            html = board_body(replace(view, query=view.query.seen_from(baseline)))
            assert "<img" not in html
            assert not re.search(r'="[^"]*<', html), tab


def test_a_scale_has_round_ends_that_hold_everything() -> None:
    scale = scale_of([812.0, 1190.0])
    assert (scale.low, scale.high, scale.step) == (800, 1200, 100)
    assert scale.percent(1000) == 50
    for values in ([], [1000.0], [999.9, 1000.1], [-9e6, 9e6]):
        assert scale_of(values).high > scale_of(values).low


@pytest.mark.parametrize(("prompts", "whom"), [(12, "prompts_like_these"), (3, "these_prompts")])
@pytest.mark.parametrize("language", TEXTS)
def test_the_quality_tab_says_what_an_item_is_and_for_whom_alpha_speaks(
    database: Database, language: str, prompts: int, whom: str
) -> None:
    rivals = ("beta", "gamma", "delta", "epsilon")
    for number, verdict in product(range(12), (Verdict.A_BETTER, Verdict.TIE)):
        seed_vote(
            database,
            verdict if number % 3 else Verdict.TIE,
            models=("alpha", rivals[number // 3]),
            annotator=verdict.value,
            prompts=(f"Prompt {number % prompts}",),
        )

    text = text_of(board_body(view_of(database, Tab.QUALITY, language=language)))

    texts = TEXTS[language]
    assert texts["leaderboard.quality.item"] in text
    assert texts[f"leaderboard.quality.alpha_holds.{whom}"] in text
    assert (texts["leaderboard.quality.no_interval"] in text) == (prompts == 3)


def test_every_sentence_of_the_board_is_used() -> None:
    page = Path(arena.web.__path__[0]) / "leaderboard"
    tables = [Path(one.__path__[0]) for one in (robustness, snapshots)]  # name columns, sentences
    files = [*page.rglob("*.py"), *page.rglob("*.html")]
    files += [file for folder in tables for file in folder.rglob("*.py")]
    code = "".join(file.read_text(encoding="utf-8") for file in files)
    by_value = re.compile(
        r"leaderboard\.(state|state_help|reason|standing|standing_help|no_alpha|no_adjusted|lead"
        r"|plan|scope_of|quality\.alpha_holds|figure\.(intervals|one_address|flagged)_\w+"
        r"|firmness_of_\w+|figure\.(opponents|of|refused|width)_\w+|snapshots\.about_\w+"
        r"|one_address|robustness\.(note|word)|filter\.(tab|\w+_hint))\b"
    )
    values = {kind.value for kind in (*EXCLUDING_FLAGS, *Refusal)}
    values |= {field.name + end for field in FILTER_FIELDS for end in ("", "_hint")}

    for key in (key for key in TEXTS["en"] if key.startswith("leaderboard.")):
        name = key.rsplit(".", 1)[1]
        assert name in code or name in values or by_value.match(key), key
