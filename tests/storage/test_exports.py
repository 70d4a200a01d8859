"""Streams of stored rows."""

import pytest
from sqlalchemy import insert, select

from arena.domain.battle import BattleState
from arena.domain.verdict import Reason, Verdict
from arena.storage.database import Database
from arena.storage.exports import (
    annotator_rows,
    battle_rows,
    comparison_rows,
    reply_rows,
    vote_rows,
)
from arena.storage.replies import NewReply, insert_reply, show_reply
from arena.storage.schema import FlagKind, ReplyEnd, models, vote_revisions
from tests.builders import NOON, seed_battle, seed_vote, seed_votes


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

    with database.reading() as connection:
        (row,) = vote_rows(connection)

    assert row == {
        "vote_id": seeded.vote_id,
        "battle_id": seeded.battle_id,
        "annotator_id": 1,
        "annotator": "ada",
        "verdict": "b_better",
        "winner": "beta",
        "model_a": "alpha",
        "model_b": "beta",
        "ranking": None,
        "category": "math",
        "language": "de",
        "turns": 2,
        "prompt": "Ist 7 prim?",
        "recognised": True,
        "identity_leak": False,
        "truncated": True,
        "reading_s": 12.5,
        "reasons": "a:incorrect b:complete b:correct",
        "comment": "clear",
        "revisions": 0,
        "fingerprint_a": "alpha-1",
        "fingerprint_b": "beta-1",
        "created_at": NOON,
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
        (row,) = vote_rows(connection)

    assert (row["verdict"], row["ranking"], row["winner"]) == (None, ranking, winner)


@pytest.mark.parametrize("verdict", [Verdict.TIE, Verdict.BOTH_BAD])
def test_an_undecided_vote_has_no_winner(database: Database, verdict: Verdict) -> None:
    seed_vote(database, verdict)

    with database.reading() as connection:
        assert [row["winner"] for row in vote_rows(connection)] == [None]
        assert [row["winner"] for row in comparison_rows(connection)] == [None]


def test_a_corrected_vote_shows_the_verdict_in_force(database: Database) -> None:
    vote = seed_vote(database, Verdict.A_BETTER)
    values = {"vote_id": vote.vote_id, "revision": 1, "verdict": "tie", "who": 1, "why": "slip"}
    with database.writing() as connection:
        connection.execute(insert(vote_revisions).values(values | {"at": NOON}))

    with database.reading() as connection:
        (row,) = vote_rows(connection)
        (person,) = annotator_rows(connection)

    assert (row["verdict"], row["winner"], row["revisions"]) == ("tie", None, 1)
    assert (person["a_better"], person["tie"]) == (0, 1)


def test_a_ranking_of_three_gives_three_comparisons_with_slots(database: Database) -> None:
    seed_vote(database, None, models=("alpha", "beta", "gamma"), ranks=(2, 1, 3))

    with database.reading() as connection:
        rows = [
            (row["slot_a"], row["slot_b"], row["verdict"], row["winner"])
            for row in comparison_rows(connection)
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
        rows = {row["state"]: row["models"] for row in battle_rows(connection)}

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
        rows = list(reply_rows(connection))

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
        rows = {row["annotator"]: (row["votes"], row["tie"]) for row in annotator_rows(connection)}

    assert rows == {"ada": (3, 1), "bob": (0, 0)}


def test_a_stream_begun_earlier_does_not_see_later_votes(database: Database) -> None:
    seed_votes(database, wins=3)

    with database.reading() as connection:
        rows = vote_rows(connection)
        next(rows)
        seed_vote(database)
        assert len(list(rows)) == 2
