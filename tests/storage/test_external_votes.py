"""Votes from elsewhere: many at a time, and under every rule of the ledger."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from arena.domain.battle import BattleId
from arena.domain.conversation import ModelKey
from arena.domain.reply import FlagKind, ReplyEnd
from arena.domain.verdict import Reason, Verdict
from arena.storage.battles import SlotRecord
from arena.storage.chain.checking import ChainKey, chain_faults
from arena.storage.database import Database, RuleBroken
from arena.storage.external_votes import (
    ExternalReply,
    ExternalTurn,
    ExternalVote,
    insert_external_votes,
)
from arena.storage.imports import annotators_called, insert_external_annotators, insert_model
from arena.storage.models import ModelSnapshot
from arena.storage.replies import Flag, NewReply
from arena.storage.votes import NewVote
from tests.builders import NOON

NAMES = ("alpha", "beta", "gamma")


def prepared(database: Database) -> ExternalVote:
    """A vote `b1` on alpha and beta, whose models and annotator are stored and which is not."""
    with database.writing() as connection:
        ids = [
            insert_model(
                connection,
                ModelSnapshot(ModelKey(name), f"{name}-1", name.title(), origin="external"),
                NOON,
            )
            for name in NAMES
        ]
        insert_external_annotators(connection, ["elsewhere:1"], group="elsewhere", now=NOON)
        annotator = annotators_called(connection, ["elsewhere:1"])["elsewhere:1"]
    return ExternalVote(
        vote=NewVote(BattleId("b1"), annotator, Verdict.A_BETTER),
        slots=tuple(
            SlotRecord(position, ids[position], ModelKey(NAMES[position])) for position in (0, 1)
        ),
        turns=(ExternalTurn("Why?"),),
        category=None,
        language="en",
        at=NOON,
    )


def changed(vote: ExternalVote, battle_id: str, **cast: Any) -> ExternalVote:
    return replace(vote, vote=replace(vote.vote, battle_id=BattleId(battle_id), **cast))


def answered(vote: ExternalVote, *texts: str, flags: Sequence[Flag] = ()) -> ExternalVote:
    replies = tuple(
        ExternalReply(NewReply(slot.model_id, "hash", text, ReplyEnd.STOP), tuple(flags))
        for slot, text in zip(vote.slots, texts, strict=True)
    )
    return replace(vote, turns=(ExternalTurn("Why?", replies), ExternalTurn("And?")))


def insert(database: Database, *votes: ExternalVote) -> None:
    with database.writing() as connection:
        insert_external_votes(connection, votes)


def read(database: Database, sql: str) -> list[tuple[object, ...]]:
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def test_a_vote_is_stored_with_everything_that_it_needs(database: Database) -> None:
    vote = prepared(database)
    told = changed(
        vote,
        "b2",
        verdict=None,
        ranks=(2, 1),
        reasons=((1, Reason.USEFUL), (1, Reason.USEFUL)),
        flags=(Flag(FlagKind.RECOGNISED),),
    )

    insert(database, vote, answered(told, "Because.", "So."))

    assert read(database, "SELECT id, state FROM battles") == [("b1", "voted"), ("b2", "voted")]
    assert read(database, "SELECT battle_id, verdict FROM votes") == [
        ("b1", "a_better"),
        ("b2", None),
    ]
    assert read(database, "SELECT position, rank FROM vote_rankings") == [(0, 2), (1, 1)]
    assert read(database, "SELECT position, reason FROM vote_reasons") == [(1, "useful")]
    shown = "SELECT battle_id, turn, position, text FROM slot_replies JOIN replies ON id = reply_id"
    assert read(database, shown) == [("b2", 1, 0, "Because."), ("b2", 1, 1, "So.")]
    assert read(database, "SELECT battle_id, number, prompt FROM turns") == [
        ("b1", 1, "Why?"),
        ("b2", 1, "Why?"),
        ("b2", 2, "And?"),
    ]


def test_boards_count_imported_votes_as_a_recount_does(database: Database) -> None:
    vote = prepared(database)
    flagged = answered(changed(vote, "b2"), "a", "b", flags=[Flag(FlagKind.TRUNCATED)])
    third = SlotRecord(2, vote.slots[0].model_id + 2, ModelKey("gamma"))
    ranked = replace(changed(vote, "b3", verdict=None, ranks=(3, 1, 2)), slots=(*vote.slots, third))

    insert(database, vote, flagged, ranked)

    outcomes = "SELECT vote_id, position_a, position_b, verdict, flagged FROM {} ORDER BY 1, 2, 3"
    assert read(database, outcomes.format("outcomes")) == [
        (1, 0, 1, "a_better", 0),
        (2, 0, 1, "a_better", 1),
        (3, 0, 1, "b_better", 0),
        (3, 0, 2, "b_better", 0),
        (3, 1, 2, "a_better", 0),
    ]
    assert read(database, outcomes.format("outcomes")) == read(
        database, outcomes.format("recounted_outcomes")
    )


def broken(vote: ExternalVote) -> dict[str, ExternalVote]:
    first = vote.slots[0]
    return {
        "votes_need_one_battle_each": changed(vote, "b1"),
        "a_model_never_meets_itself": replace(
            changed(vote, "b2"), slots=(first, replace(first, position=1))
        ),
        "a_key_belongs_to_its_model": replace(
            changed(vote, "b2"), slots=(replace(first, model_key=ModelKey("beta")), vote.slots[1])
        ),
        "a_verdict_or_a_ranking": changed(vote, "b2", ranks=(1, 2)),
        "ranks_begin_at_one": changed(vote, "b2", verdict=None, ranks=(0, 1)),
    }


@pytest.mark.parametrize(
    "rule",
    [
        "votes_need_one_battle_each",
        "a_model_never_meets_itself",
        "a_key_belongs_to_its_model",
        "a_verdict_or_a_ranking",
        "ranks_begin_at_one",
    ],
)
def test_a_row_against_the_rules_takes_the_whole_import_with_it(
    database: Database, rule: str
) -> None:
    vote = prepared(database)

    with pytest.raises(RuleBroken):
        insert(database, vote, changed(vote, "b9"), broken(vote)[rule])

    assert read(database, "SELECT * FROM battles") == []
    assert read(database, "SELECT * FROM votes") == []


def test_an_imported_vote_is_never_overwritten_or_deleted(database: Database) -> None:
    insert(database, prepared(database))

    for statement in ("UPDATE votes SET verdict = 'tie'", "DELETE FROM votes"):
        with pytest.raises(RuleBroken), database.writing() as connection:
            connection.execute(text(statement))


def test_votes_from_elsewhere_are_chained_with_all_that_belongs_to_them(database: Database) -> None:
    first = prepared(database)
    insert(
        database,
        answered(first, "So", "Because"),
        changed(first, "b2", verdict=None, ranks=(1, 2), reasons=((0, Reason.USEFUL),)),
    )
    assert read(database, "SELECT number, vote_id, revision FROM vote_chain") == [
        (1, 1, 0),
        (2, 2, 0),
    ]
    key = ChainKey(database.chain_key.name, database.chain_key.secret)
    with database.reading() as connection:
        assert list(chain_faults(connection, key)) == []
