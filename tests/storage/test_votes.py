"""Votes as stored, and the comparisons that follow from them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from arena.domain.reply import FlagKind
from arena.domain.verdict import Reason, Verdict
from arena.storage.database import Database
from arena.storage.votes import verdict_of
from tests.builders import SeededBattle, seed_vote
from tests.rankings import verdicts_of_ranking

MODELS = ("a", "b", "c", "d", "e")


def comparisons(database: Database, seeded: SeededBattle) -> dict[tuple[int, int], str]:
    query = text("SELECT position_a, position_b, verdict FROM comparisons WHERE vote_id = :vote")
    with database.reading() as connection:
        found = connection.execute(query, {"vote": seeded.vote_id})
        return {(row.position_a, row.position_b): row.verdict for row in found}


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_is_one_comparison(database: Database, verdict: Verdict) -> None:
    seeded = seed_vote(database, verdict)
    assert comparisons(database, seeded) == {(0, 1): verdict}
    with database.reading() as connection:
        assert verdict_of(connection, seeded.battle_id) is verdict


@given(st.lists(st.integers(1, 5), min_size=2, max_size=5))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_view_compares_every_two_slots_by_rank(database: Database, ranks: list[int]) -> None:
    seeded = seed_vote(database, None, models=MODELS[: len(ranks)], ranks=ranks)
    assert comparisons(database, seeded) == verdicts_of_ranking(ranks)
    with database.reading() as connection:
        assert verdict_of(connection, seeded.battle_id) is None


def test_a_battle_without_a_vote_has_no_verdict(database: Database) -> None:
    with database.reading() as connection:
        assert verdict_of(connection, "no such battle") is None


def test_reasons_are_kept_once_per_slot(database: Database) -> None:
    seed_vote(
        database,
        reasons=[(0, Reason.USEFUL), (0, Reason.USEFUL), (1, Reason.USEFUL), (1, Reason.UNSAFE)],
    )
    with database.reading() as connection:
        rows = connection.execute(text("SELECT position, reason FROM vote_reasons"))
        assert {tuple(row) for row in rows} == {(0, "useful"), (1, "useful"), (1, "unsafe")}


@pytest.mark.parametrize("kind", [FlagKind.IDENTITY_LEAK, FlagKind.TRUNCATED])
def test_a_flag_on_a_reply_is_a_column_of_its_comparisons(
    database: Database, kind: FlagKind
) -> None:
    seeded = seed_vote(database, None, models=MODELS[:3], ranks=(1, 2, 3), reply_flags={2: [kind]})
    query = text(f"SELECT position_a, position_b FROM comparisons WHERE {kind.value}")
    with database.reading() as connection:
        flagged = {tuple(row) for row in connection.execute(query)}
    assert flagged == {(0, 2), (1, 2)}
    assert len(comparisons(database, seeded)) == 3
