"""Streams of stored rows."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, text

from arena.domain.battle import BattleState
from arena.domain.reply import FlagKind, ReplyEnd
from arena.domain.verdict import Reason, Verdict
from arena.storage.battles import mark_revealed
from arena.storage.database import Database, StorageError
from arena.storage.exports import (
    annotator_batches,
    battle_batches,
    comparison_batches,
    preference_batches,
    reply_batches,
    vote_batches,
)
from arena.storage.exports.batches import batches, iso_time
from arena.storage.replies import NewReply, insert_reply, show_reply
from arena.storage.schema import models, vote_revisions, votes
from tests.builders import NOON, seed_battle, seed_vote, seed_votes
from tests.database_kinds import ON_SQLITE
from tests.storage.batches import rows_of


def test_a_vote_comes_with_its_battle_models_reasons_and_flags(database: Database) -> None:
    seeded = seed_vote(
        database,
        Verdict.B_BETTER,
        prompts=("Ist 7 prim?", "Warum?"),
        category="math",
        language="de",
        recognised=True,
        reply_flags={0: [FlagKind.TRUNCATED]},
        reasons=[(1, Reason.CORRECT), (0, Reason.INCORRECT), (1, Reason.COMPLETE)],
        comment="clear",
        reading_s=12.5,
    )

    with database.writing() as connection:
        mark_revealed(connection, seeded.battle_id, NOON + timedelta(seconds=1))
    with database.reading() as connection:
        (row,) = rows_of(vote_batches(connection, names=True))

    assert row == {
        "vote_id": seeded.vote_id,
        "battle_id": seeded.battle_id,
        "model_id_a": 1,
        "model_id_b": 2,
        "annotator": "ada",
        "verdict": "b_better",
        "winner": "beta",
        "model_a": "alpha",
        "model_b": "beta",
        "ranking": None,
        "purpose": "judged",
        "strength": None,
        "category": "math",
        "language": "de",
        "campaign": None,
        "turns": 2,
        "prompt": "Ist 7 prim?",
        "recognised": True,
        "identity_leak": False,
        "truncated": True,
        "annotator_excluded": False,
        "reading_s": 12.5,
        "reasons": "a:incorrect b:complete b:correct",
        "comment": "clear",
        "revisions": 0,
        "fingerprint_a": "alpha-1",
        "fingerprint_b": "beta-1",
        "created_at": "2026-03-01T12:00:00.000000Z",
        "revealed_at": "2026-03-01T12:00:01.000000Z",
    }


@pytest.mark.parametrize(
    ("ranks", "ranking", "winner"),
    [
        ((3, 1, 2), "beta > gamma > alpha", "beta"),
        ((1, 1, 3), "alpha = beta > gamma", None),
        ((1, 1, 1), "alpha = beta = gamma", None),
    ],
)
def test_a_ranking_is_spelled_best_first(
    database: Database, ranks: tuple[int, ...], ranking: str, winner: str | None
) -> None:
    seed_vote(database, None, models=("alpha", "beta", "gamma"), ranks=ranks)

    with database.reading() as connection:
        (row,) = rows_of(vote_batches(connection, names=True))

    assert (row["verdict"], row["ranking"], row["winner"]) == (None, ranking, winner)


@pytest.mark.parametrize("verdict", [Verdict.TIE, Verdict.BOTH_BAD])
def test_an_undecided_vote_has_no_winner(database: Database, verdict: Verdict) -> None:
    seed_vote(database, verdict)

    with database.reading() as connection:
        assert [row["winner"] for row in rows_of(vote_batches(connection, names=True))] == [None]
        assert [row["winner"] for row in rows_of(comparison_batches(connection, names=True))] == [
            None
        ]


def test_a_corrected_vote_shows_the_verdict_in_force(database: Database) -> None:
    vote = seed_vote(database, Verdict.A_BETTER)
    values = {"vote_id": vote.vote_id, "revision": 1, "verdict": "tie", "who": 1, "why": "slip"}
    with database.writing() as connection:
        connection.execute(insert(vote_revisions).values(values | {"at": NOON}))

    with database.reading() as connection:
        (row,) = rows_of(vote_batches(connection, names=True))
        (person,) = rows_of(annotator_batches(connection, names=True))

    assert (row["verdict"], row["winner"], row["revisions"]) == ("tie", None, 1)
    assert (person["a_better"], person["tie"]) == (0, 1)


def test_a_ranking_of_three_gives_three_comparisons_with_slots(database: Database) -> None:
    seed_vote(database, None, models=("alpha", "beta", "gamma"), ranks=(2, 1, 3))

    with database.reading() as connection:
        rows = [
            (row["slot_a"], row["slot_b"], row["verdict"], row["winner"])
            for row in rows_of(comparison_batches(connection, names=True))
        ]

    assert rows == [
        ("A", "B", "b_better", "beta"),
        ("A", "C", "a_better", "alpha"),
        ("B", "C", "a_better", "beta"),
    ]


def test_battles_come_in_every_state_with_models_in_slot_order(database: Database) -> None:
    seed_vote(database, models=("zeta", "alpha"))
    seed_battle(database, state=BattleState.VOID, failing=0)

    with database.reading() as connection:
        rows = {
            row["state"]: row["models"] for row in rows_of(battle_batches(connection, names=True))
        }

    assert rows == {"voted": "zeta alpha", "void": "alpha beta"}


def test_replies_tell_place_attempt_and_cause(database: Database) -> None:
    seeded = seed_battle(database, failing=1, state=BattleState.VOID)
    with database.writing() as connection:
        model_id = connection.execute(select(models.c.id).limit(1)).scalar_one()
        again = NewReply(model_id, "hash-1", "second try", ReplyEnd.STOP)
        reply_id = insert_reply(connection, again, NOON)
        show_reply(connection, seeded.battle_id, turn=1, position=0, reply_id=reply_id)
        insert_reply(connection, NewReply(model_id, "hash-9", "alone", ReplyEnd.STOP), NOON)

    with database.reading() as connection:
        rows = rows_of(reply_batches(connection, names=True))

    places = [(r["slot"], r["attempt"], r["superseded"], r["finish_reason"]) for r in rows]
    assert places == [
        ("A", 1, True, "stop"),
        ("B", 1, False, "error"),
        ("A", 2, False, "stop"),
        (None, None, False, "stop"),
    ]
    assert rows[1]["error"] == "connection lost"
    assert rows[3]["battle_id"] is None


def test_annotators_without_votes_are_listed_with_zeros(database: Database) -> None:
    seed_votes(database, wins=2, ties=1)
    seed_battle(database, annotator="bob")

    with database.reading() as connection:
        rows = {
            row["annotator"]: (row["votes"], row["tie"])
            for row in rows_of(annotator_batches(connection, names=True))
        }

    assert rows == {"ada": (3, 1), "bob": (0, 0)}


def test_without_names_an_annotator_is_a_number(database: Database) -> None:
    seed_vote(database, annotator="ada")
    seed_vote(database, annotator="grace", at=NOON + timedelta(seconds=1))

    with database.reading() as connection:
        for table in (vote_batches, comparison_batches, battle_batches, preference_batches):
            assert [row["annotator"] for row in rows_of(table(connection, names=False))] == [1, 2]
            named = [row["annotator"] for row in rows_of(table(connection, names=True))]
            assert named == ["ada", "grace"]


def test_a_flag_on_the_third_slot_of_a_ranking_is_a_flag_of_the_vote(database: Database) -> None:
    seed_vote(
        database,
        None,
        models=("alpha", "beta", "gamma"),
        ranks=(1, 2, 3),
        reply_flags={2: [FlagKind.IDENTITY_LEAK]},
    )

    with database.reading() as connection:
        (row,) = rows_of(vote_batches(connection, names=True))

    assert (row["identity_leak"], row["truncated"]) == (True, False)


def test_tables_of_one_transaction_do_not_see_later_votes(database: Database) -> None:
    seed_votes(database, wins=3)

    with database.reading() as connection:
        before = rows_of(comparison_batches(connection, names=True))
        seed_vote(database)
        assert len(rows_of(vote_batches(connection, names=True))) == len(before) == 3


def test_a_table_is_read_in_batches_of_the_size_asked_for(database: Database) -> None:
    seed_votes(database, wins=5)

    with database.reading() as connection:
        query = select(votes.c.id, votes.c.created_at).order_by(votes.c.id)
        sizes = [len(batch["id"]) for batch in batches(connection, query, rows=2)]

    assert sizes == [2, 2, 1]


@ON_SQLITE
def test_a_cell_that_cannot_be_read_is_an_error_of_the_storage(database: Database) -> None:
    seed_votes(database, wins=2)
    with database.writing() as connection:
        connection.execute(text("UPDATE votes SET comment = CAST(x'ff' AS TEXT) WHERE id = 2"))

    with database.reading() as connection:
        found = batches(connection, select(votes.c.comment).order_by(votes.c.id), rows=1)
        assert next(found) == {"comment": ("",)}
        with pytest.raises(StorageError):
            next(found)


@pytest.mark.parametrize(
    "stored", ["2026-03-01 12:00:00", NOON.replace(tzinfo=None), "2026-03-01 12:00:00.000000"]
)
def test_times_are_spelled_one_way_whatever_the_driver_gives(stored: str | datetime) -> None:
    assert iso_time(stored) == "2026-03-01T12:00:00.000000Z"
