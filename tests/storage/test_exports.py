"""Streams of stored rows."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from arena.domain.accounts import AnnotatorId
from arena.domain.battle import BattleId, BattleState
from arena.domain.conversation import Message, ModelKey, Role
from arena.domain.reply import FlagKind, ReplyEnd
from arena.domain.verdict import Reason, Verdict
from arena.storage.battles import SlotRecord, mark_revealed
from arena.storage.database import Database, StorageError
from arena.storage.exports import (
    Batch,
    annotator_batches,
    battle_batches,
    comparison_batches,
    preference_batches,
    reply_batches,
    vote_batches,
)
from arena.storage.exports.batches import batches, iso_time
from arena.storage.external_votes import ExternalTurn, ExternalVote, insert_external_votes
from arena.storage.replies import NewReply, insert_reply, show_reply
from arena.storage.schema import models, vote_revisions, votes
from arena.storage.votes import NewVote
from tests.builders import NOON, seed_battle, seed_vote, seed_votes


def _rows(table: Iterable[Batch]) -> list[dict[str, Any]]:
    return [
        dict(zip(batch, cells, strict=True))
        for batch in table
        for cells in zip(*batch.values(), strict=True)
    ]


def _import_a_vote(database: Database) -> None:
    """A decisive vote of another arena, which comes without replies."""
    vote = ExternalVote(
        vote=NewVote(BattleId("imported"), AnnotatorId(1), Verdict.A_BETTER),
        slots=(SlotRecord(0, 1, ModelKey("alpha")), SlotRecord(1, 2, ModelKey("beta"))),
        turns=(ExternalTurn("Why?"),),
        category=None,
        language="en",
        at=NOON,
    )
    with database.writing() as connection:
        insert_external_votes(connection, [vote])


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
        (row,) = _rows(vote_batches(connection, names=True))

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
        (row,) = _rows(vote_batches(connection, names=True))

    assert (row["verdict"], row["ranking"], row["winner"]) == (None, ranking, winner)


@pytest.mark.parametrize("verdict", [Verdict.TIE, Verdict.BOTH_BAD])
def test_an_undecided_vote_has_no_winner(database: Database, verdict: Verdict) -> None:
    seed_vote(database, verdict)

    with database.reading() as connection:
        assert [row["winner"] for row in _rows(vote_batches(connection, names=True))] == [None]
        assert [row["winner"] for row in _rows(comparison_batches(connection, names=True))] == [
            None
        ]


def test_a_corrected_vote_shows_the_verdict_in_force(database: Database) -> None:
    vote = seed_vote(database, Verdict.A_BETTER)
    values = {"vote_id": vote.vote_id, "revision": 1, "verdict": "tie", "who": 1, "why": "slip"}
    with database.writing() as connection:
        connection.execute(insert(vote_revisions).values(values | {"at": NOON}))

    with database.reading() as connection:
        (row,) = _rows(vote_batches(connection, names=True))
        (person,) = _rows(annotator_batches(connection, names=True))

    assert (row["verdict"], row["winner"], row["revisions"]) == ("tie", None, 1)
    assert (person["a_better"], person["tie"]) == (0, 1)


def test_a_ranking_of_three_gives_three_comparisons_with_slots(database: Database) -> None:
    seed_vote(database, None, models=("alpha", "beta", "gamma"), ranks=(2, 1, 3))

    with database.reading() as connection:
        rows = [
            (row["slot_a"], row["slot_b"], row["verdict"], row["winner"])
            for row in _rows(comparison_batches(connection, names=True))
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
            row["state"]: row["models"] for row in _rows(battle_batches(connection, names=True))
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
        rows = _rows(reply_batches(connection, names=True))

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
            for row in _rows(annotator_batches(connection, names=True))
        }

    assert rows == {"ada": (3, 1), "bob": (0, 0)}


def test_without_names_an_annotator_is_a_number(database: Database) -> None:
    seed_vote(database, annotator="ada")
    seed_vote(database, annotator="grace", at=NOON + timedelta(seconds=1))

    with database.reading() as connection:
        for table in (vote_batches, comparison_batches, battle_batches, preference_batches):
            assert [row["annotator"] for row in _rows(table(connection, names=False))] == [1, 2]
            named = [row["annotator"] for row in _rows(table(connection, names=True))]
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
        (row,) = _rows(vote_batches(connection, names=True))

    assert (row["identity_leak"], row["truncated"]) == (True, False)


def test_a_preference_holds_both_conversations_with_the_newest_replies(database: Database) -> None:
    seeded = seed_vote(database, Verdict.B_BETTER, prompts=("Is 7 prime?", "Why?"), category="math")
    with database.writing() as connection:
        again = NewReply(1, "hash-1", "Second try", ReplyEnd.STOP)
        reply_id = insert_reply(connection, again, NOON)
        show_reply(connection, seeded.battle_id, turn=1, position=0, reply_id=reply_id)

    with database.reading() as connection:
        (row,) = _rows(preference_batches(connection, names=True))

    assert row["prompt"] == (Message(Role.USER, "Is 7 prime?"),)
    assert row["chosen"] == (
        Message(Role.ASSISTANT, "Reply 1 of beta"),
        Message(Role.USER, "Why?"),
        Message(Role.ASSISTANT, "Reply 2 of beta"),
    )
    assert row["rejected"] == (
        Message(Role.ASSISTANT, "Second try"),
        Message(Role.USER, "Why?"),
        Message(Role.ASSISTANT, "Reply 2 of alpha"),
    )
    assert (row["chosen_model"], row["rejected_model"]) == ("beta", "alpha")
    assert (row["vote_id"], row["category"]) == (seeded.vote_id, "math")


def test_a_ranking_gives_a_preference_for_every_decisive_comparison(database: Database) -> None:
    seed_vote(database, None, models=("alpha", "beta", "gamma"), ranks=(2, 1, 2))

    with database.reading() as connection:
        rows = _rows(preference_batches(connection, names=True))

    assert [(row["chosen_model"], row["rejected_model"]) for row in rows] == [
        ("beta", "alpha"),
        ("beta", "gamma"),
    ]


def test_ties_flagged_votes_and_votes_without_a_reply_are_no_preferences(
    database: Database,
) -> None:
    seed_vote(database, Verdict.TIE)
    seed_vote(database, Verdict.BOTH_BAD)
    seed_vote(database, recognised=True)
    seed_vote(database, reply_flags={1: [FlagKind.TRUNCATED]})
    silent = seed_vote(database)
    kept = seed_vote(database)
    with database.writing() as connection:
        reply_id = insert_reply(connection, NewReply(1, "hash-1", "", ReplyEnd.STOP), NOON)
        show_reply(connection, silent.battle_id, turn=1, position=0, reply_id=reply_id)
    _import_a_vote(database)

    with database.reading() as connection:
        rows = _rows(preference_batches(connection, names=True))
        assert len(_rows(vote_batches(connection, names=True))) == 7

    assert [row["vote_id"] for row in rows] == [kept.vote_id]


def test_tables_of_one_transaction_do_not_see_later_votes(database: Database) -> None:
    seed_votes(database, wins=3)

    with database.reading() as connection:
        before = _rows(comparison_batches(connection, names=True))
        seed_vote(database)
        assert len(_rows(vote_batches(connection, names=True))) == len(before) == 3


def test_a_table_is_read_in_batches_of_the_size_asked_for(database: Database) -> None:
    seed_votes(database, wins=5)

    with database.reading() as connection:
        query = select(votes.c.id, votes.c.created_at).order_by(votes.c.id)
        sizes = [len(batch["id"]) for batch in batches(connection, query, rows=2)]

    assert sizes == [2, 2, 1]


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
