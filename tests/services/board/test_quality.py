"""Data quality of a board: people, flags, failures, and the categories beside it."""

from datetime import timedelta
from functools import partial

import pytest

from arena.domain.battle import BattleState
from arena.domain.board import NO_CATEGORY, BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.reply import FlagKind
from arena.domain.verdict import Verdict
from arena.services.board import quality as board_quality
from arena.services.board.categories import board_categories
from arena.services.board.quality import BoardQuality, quality_of
from arena.services.importing.formats import VoteFormat
from arena.services.importing.imports import ImportOptions, Imports
from arena.storage.database import Database
from tests.builders import NOON, seed_battle, seed_vote, seed_votes
from tests.fakes.clock import VirtualClock
from tests.fakes.import_files import conversation, json_lines, judgment
from tests.services.importing.reading import read

ALPHA, BETA = ModelKey("alpha"), ModelKey("beta")


def quality(database: Database, chosen: BoardFilter | None = None) -> BoardQuality:
    with database.reading() as connection:
        return quality_of(connection, chosen or BoardFilter())


def test_every_annotator_has_a_report_those_with_most_votes_first(database: Database) -> None:
    for number, seconds in enumerate((10.0, 30.0, 50.0)):
        seed_vote(database, annotator="ada", reading_s=seconds, prompts=(f"Prompt {number}",))
    seed_vote(database, Verdict.TIE, annotator="bob")

    found = quality(database)

    assert found.annotators is not None
    ada, bob = found.annotators
    assert (ada.name, ada.quality.votes, ada.quality.median_seconds) == ("ada", 3, 30.0)
    assert (bob.name, bob.quality.tie_share, bob.quality.median_seconds) == ("bob", 1.0, None)
    assert found.turnout.annotators == 2


def test_a_clock_that_ran_backwards_leaves_the_other_reading_times(database: Database) -> None:
    for seconds in (-3600.0, 8.0):
        seed_vote(database, annotator="ada", reading_s=seconds)

    found = quality(database)

    assert found.annotators is not None
    assert found.annotators[0].quality.median_seconds == 8.0


def test_there_are_only_so_many_reports(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_quality, "MOST_REPORTS", 2)
    for number in range(4):
        for _ in range(number + 1):
            seed_vote(database, annotator=f"annotator-{number}")

    found = quality(database)

    assert found.annotators is not None
    assert [one.name for one in found.annotators] == ["annotator-3", "annotator-2"]
    assert found.turnout.annotators == 4


def test_reports_are_of_the_votes_that_the_board_counts(database: Database) -> None:
    seed_vote(database, annotator="ada", reading_s=5.0, recognised=True)
    seed_vote(database, annotator="ada", reading_s=7.0)
    seed_vote(database, annotator="bob", recognised=True)

    counted, everything = quality(database), quality(database, BoardFilter(include_flagged=True))

    assert counted.annotators is not None
    assert everything.annotators is not None
    assert [(one.name, one.quality.votes) for one in counted.annotators] == [("ada", 1)]
    assert counted.annotators[0].quality.median_seconds == 7.0
    assert [(one.name, one.quality.votes) for one in everything.annotators] == [
        ("ada", 2),
        ("bob", 1),
    ]


def test_an_annotator_who_judged_twice_is_compared_with_itself(database: Database) -> None:
    seed_vote(database, Verdict.A_BETTER, annotator="ada")
    seed_vote(database, Verdict.A_BETTER, annotator="ada", models=("beta", "alpha"))

    found = quality(database)

    assert (found.consistency.exchanged.pairs, found.consistency.exchanged.opposite) == (1, 1)
    assert found.annotators is not None
    assert found.annotators[0].consistency == found.consistency


def test_two_turns_of_one_conversation_are_no_repeat(database: Database) -> None:
    """The shape of MT-bench: the same judge, question and models, one vote on each turn."""
    again = conversation("Write.", "I write.", "Again.", "I wrote.")
    other = conversation("Write.", "Dear all,", "Again.", "Dear all, again,")
    exchanged = {"model_a": "gpt-3.5-turbo", "model_b": "alpaca-13b", "winner": "model_a"}
    rows = [
        judgment(),
        judgment(turn=2, winner="model_a"),
        judgment(**exchanged, conversation_a=other, conversation_b=again),
    ]
    imports = Imports(database, VirtualClock())
    report = imports.votes(
        partial(read, VoteFormat.MT_BENCH, json_lines(rows)),
        VoteFormat.MT_BENCH,
        ImportOptions(),
        progress=lambda _done, _all: None,
    )

    found = quality(database)

    assert report.votes == 3
    assert found.consistency.same_sides.pairs == 0
    assert (found.consistency.exchanged.pairs, found.consistency.exchanged.agreeing) == (1, 1)
    assert found.agreement.items == 2


def test_rates_with_and_without_what_is_flagged_stand_side_by_side(database: Database) -> None:
    seed_votes(database, wins=3, losses=1)
    for _ in range(4):
        seed_vote(database, Verdict.B_BETTER, reply_flags={1: [FlagKind.IDENTITY_LEAK]})
    seed_vote(database, models=("beta", "gamma"), recognised=True)

    for chosen in (BoardFilter(), BoardFilter(include_flagged=True)):
        found = quality(database, chosen)
        alpha = found.flag_effects[ALPHA]
        assert alpha.without is not None
        assert alpha.with_flagged is not None
        assert (alpha.without.rate, alpha.with_flagged.rate) == (0.75, 0.375)
        assert found.flag_effects[ModelKey("gamma")].without is None
        assert found.board.flagged.by_reason[FlagKind.IDENTITY_LEAK] == 4


def test_void_battles_are_a_rate_of_all_battles(database: Database) -> None:
    seed_votes(database, wins=3)
    seed_battle(database, state=BattleState.VOID, failing=0, at=NOON + timedelta(hours=1))

    found = quality(database)

    assert found.board.battles[ALPHA].void_rate == 0.25
    assert (found.board.battles[ALPHA].failed, found.board.battles[BETA].failed) == (1, 0)


def test_categories_know_no_flagged_votes_and_no_empty_ones(database: Database) -> None:
    seed_votes(database, wins=1, category="math")
    seed_vote(database, category="coding", recognised=True)
    seed_vote(database)

    with database.reading() as connection:
        found = board_categories(connection, BoardFilter()).by_category
        everything = board_categories(connection, BoardFilter(include_flagged=True)).by_category
        one = board_categories(connection, BoardFilter(category=NO_CATEGORY)).by_category

    assert list(found) == [NO_CATEGORY, "math"]
    assert list(everything) == [NO_CATEGORY, "coding", "math"]
    assert list(one) == [NO_CATEGORY]
    assert one[NO_CATEGORY].rates[ALPHA].record.total == 1


@pytest.mark.parametrize("both_orders", [False, True])
def test_pairs_that_were_shown_in_one_order_are_named(
    database: Database, both_orders: bool
) -> None:
    for number in range(60):
        seed_vote(
            database,
            Verdict.A_BETTER if number % 5 else Verdict.B_BETTER,
            models=("beta", "alpha") if both_orders and number % 2 else ("alpha", "beta"),
            annotator=f"annotator-{number % 10}",
            prompts=(f"Prompt {number % 12}",),
        )

    pairs = set() if both_orders else {(ALPHA, BETA), (BETA, ALPHA)}
    assert quality(database).uneven == pairs
