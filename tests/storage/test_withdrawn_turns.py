"""Turns that are taken out of stopped battles, on a real database."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from arena.domain.battle import BattleId, BattleState
from arena.domain.board import BoardFilter
from arena.domain.conversation import Message, Role
from arena.domain.reply import FlagKind, ReplyEnd
from arena.domain.verdict import Verdict
from arena.storage.battles import BattleRecord, battle, insert_turn, move_battle
from arena.storage.boards import flag_counts, outcome_counts
from arena.storage.database import Database, RuleBroken
from arena.storage.exports import (
    Batch,
    battle_batches,
    preference_batches,
    reply_batches,
    vote_batches,
)
from arena.storage.migrate import migrate, schema_sql
from arena.storage.replies import Flag, NewReply, flag_reply, insert_reply, show_reply
from arena.storage.votes import NewVote, insert_vote
from arena.storage.withdrawn_turns import turn_completed_at, withdraw_turn
from tests.builders import NOON, SeededBattle, seed_battle, seed_vote
from tests.database_kinds import ON_SQLITE
from tests.storage.old_ledgers import DAY, execute, oldest_ledger, rows

ASKED = ("Is 7 prime?", "Why?")


def stopped(database: Database, *flags: FlagKind) -> SeededBattle:
    """A battle that was stopped in its second turn; `flags` are on a reply of that turn."""
    return seed_battle(
        database, prompts=ASKED, reply_flags={0: flags}, category="math", state=BattleState.STOPPED
    )


def withdraw(database: Database, seeded: SeededBattle, number: int = 2) -> None:
    with database.writing() as connection:
        withdraw_turn(connection, seeded.battle_id, number=number, now=NOON + timedelta(hours=1))


def move(database: Database, battle_id: BattleId, source: str, target: str) -> None:
    with database.writing() as connection:
        assert move_battle(
            connection, battle_id, sources={BattleState(source)}, target=BattleState(target)
        )


def record(database: Database, seeded: SeededBattle) -> BattleRecord:
    with database.reading() as connection:
        found = battle(connection, seeded.battle_id)
    assert found is not None
    return found


def vote_on_the_complete_turn(database: Database, seeded: SeededBattle) -> None:
    withdraw(database, seeded)
    move(database, seeded.battle_id, "stopped", "complete")
    annotator_id = record(database, seeded).annotator_id
    with database.writing() as connection:
        insert_vote(connection, NewVote(seeded.battle_id, annotator_id, Verdict.A_BETTER), NOON)
    move(database, seeded.battle_id, "complete", "voted")


def cells(batch: Batch) -> list[dict[str, object]]:
    return [dict(zip(batch, row, strict=True)) for row in zip(*batch.values(), strict=True)]


def test_the_battle_has_only_the_turns_before(database: Database) -> None:
    seeded = stopped(database)
    first = record(database, seeded).turns[0]
    withdraw(database, seeded)
    assert record(database, seeded).turns == (first,)


def test_what_was_asked_and_shown_is_kept(database: Database) -> None:
    seeded = stopped(database)
    with database.writing() as connection:
        again = NewReply(1, "hash", "Second try", ReplyEnd.CANCELLED)
        reply_id = insert_reply(connection, again, NOON)
        show_reply(connection, seeded.battle_id, turn=2, position=0, reply_id=reply_id)
    before = rows(database)
    withdraw(database, seeded)
    after = rows(database)

    assert after["replies"] == before["replies"]
    (turn,) = after["withdrawn_turns"]
    assert (turn["battle_id"], turn["number"]) == (seeded.battle_id, 2)
    asked = before["turns"][1]
    assert (turn["prompt"], turn["created_at"]) == (asked["prompt"], asked["created_at"])
    assert str(turn["withdrawn_at"]).startswith("2026-03-01 13:00:00")
    kept = [
        (row["position"], row["attempt"], row["reply_id"]) for row in after["withdrawn_replies"]
    ]
    assert kept == [
        (0, 1, seeded.reply_ids[2, 0]),
        (0, 2, reply_id),
        (1, 1, seeded.reply_ids[2, 1]),
    ]
    assert {row["withdrawn_turn_id"] for row in after["withdrawn_replies"]} == {turn["id"]}


def test_other_battles_keep_their_turns(database: Database) -> None:
    other = stopped(database)
    before = record(database, other)
    withdraw(database, stopped(database))
    assert record(database, other) == before


def test_a_turn_that_was_lost_before_it_had_replies_is_withdrawn_too(database: Database) -> None:
    seeded = seed_battle(database, state=BattleState.STOPPED)
    with database.writing() as connection:
        insert_turn(connection, seeded.battle_id, number=2, prompt="Why?", now=NOON)
    withdraw(database, seeded)
    assert record(database, seeded).user_texts == ("What is a tie?",)
    assert rows(database)["withdrawn_replies"] == []


def test_its_number_is_free_again_and_may_be_withdrawn_again(database: Database) -> None:
    seeded = stopped(database)
    for prompt in ("How?", "When?"):
        withdraw(database, seeded)
        with database.writing() as connection:
            insert_turn(connection, seeded.battle_id, number=2, prompt=prompt, now=NOON)
            reply_id = seeded.reply_ids[2, 0]
            show_reply(connection, seeded.battle_id, turn=2, position=0, reply_id=reply_id)
    assert record(database, seeded).user_texts == ("Is 7 prime?", "When?")
    assert [turn["prompt"] for turn in rows(database)["withdrawn_turns"]] == ["Why?", "How?"]


def test_a_turn_is_complete_when_its_last_reply_is_stored(database: Database) -> None:
    seeded = stopped(database)
    later = NOON + timedelta(minutes=1)
    with database.writing() as connection:
        reply_id = insert_reply(connection, NewReply(1, "hash", "More", ReplyEnd.STOP), later)
        show_reply(connection, seeded.battle_id, turn=1, position=1, reply_id=reply_id)
        insert_turn(connection, seeded.battle_id, number=3, prompt="When?", now=later)
    with database.reading() as connection:
        assert turn_completed_at(connection, seeded.battle_id, number=1) == later
        assert turn_completed_at(connection, seeded.battle_id, number=2) == NOON
        assert turn_completed_at(connection, seeded.battle_id, number=3) is None


class TestRules:
    @pytest.mark.parametrize("state", sorted(set(BattleState) - {BattleState.STOPPED}))
    def test_only_a_stopped_battle_loses_a_turn(
        self, database: Database, state: BattleState
    ) -> None:
        seeded = seed_battle(database, prompts=ASKED, state=state)
        self.refused(database, seeded, 2, "only from a stopped battle")

    def test_the_first_turn_stays(self, database: Database) -> None:
        self.refused(database, stopped(database), 1, "number")

    @pytest.mark.parametrize(
        ("table", "because"),
        [
            ("turns WHERE number = 2", "only withdrawn"),
            ("slot_replies", "only withdrawn"),
            ("withdrawn_turns", "never deleted"),
            ("withdrawn_replies", "never deleted"),
        ],
    )
    def test_nothing_of_a_conversation_is_deleted_without_a_trace(
        self, database: Database, table: str, because: str
    ) -> None:
        withdraw(database, stopped(database))
        seed_vote(database, prompts=ASKED)
        before = rows(database)
        with pytest.raises(RuleBroken, match=because):
            execute(database, f"DELETE FROM {table}")
        assert rows(database) == before

    def refused(self, database: Database, seeded: SeededBattle, number: int, because: str) -> None:
        before = rows(database)
        with pytest.raises(RuleBroken, match=because):
            withdraw(database, seeded, number)
        assert rows(database) == before


class TestVoteOnTheCompleteTurns:
    """Only a leak tells it from a vote on a battle that never had a further turn."""

    def test_its_outcome_is_that_of_a_battle_of_the_complete_turns(
        self, database: Database
    ) -> None:
        seed_vote(database, prompts=ASKED[:1], category="math")
        seeded = stopped(database, FlagKind.TRUNCATED)
        vote_on_the_complete_turn(database, seeded)

        short, withdrawn = rows(database)["outcomes"]
        assert withdrawn | {"vote_id": short["vote_id"]} == short
        with database.reading() as connection:
            recounted = connection.execute(text("SELECT * FROM recounted_outcomes")).mappings()
            assert [dict(row) for row in recounted] == [short, withdrawn]

    def test_boards_count_it_though_a_withdrawn_answer_was_cut(self, database: Database) -> None:
        vote_on_the_complete_turn(database, stopped(database, FlagKind.TRUNCATED))
        with database.reading() as connection:
            (outcome,) = outcome_counts(connection, BoardFilter())
            assert (outcome.verdict, outcome.count) == ("a_better", 1)
            assert flag_counts(connection, BoardFilter()) == ()

    def test_a_model_that_named_itself_in_the_withdrawn_turn_was_known(
        self, database: Database
    ) -> None:
        vote_on_the_complete_turn(database, stopped(database, FlagKind.IDENTITY_LEAK))
        with database.reading() as connection:
            assert outcome_counts(connection, BoardFilter()) == ()
            (flagged,) = flag_counts(connection, BoardFilter())
            assert flagged.flags == {FlagKind.IDENTITY_LEAK}

    def test_that_may_be_found_out_and_taken_back_after_the_vote(self, database: Database) -> None:
        seeded = stopped(database)
        vote_on_the_complete_turn(database, seeded)
        with database.writing() as connection:
            leak = Flag(FlagKind.IDENTITY_LEAK, "Alpha")
            flag_reply(connection, seeded.reply_ids[2, 1], leak, NOON)
        assert [row["identity_leak"] for row in rows(database)["outcomes"]] == [1]
        execute(database, "DELETE FROM flags")
        assert [row["identity_leak"] for row in rows(database)["outcomes"]] == [0]

    def test_exports_speak_of_the_complete_turns(self, database: Database) -> None:
        seeded = stopped(database, FlagKind.TRUNCATED)
        vote_on_the_complete_turn(database, seeded)
        with database.reading() as connection:
            (vote,) = cells(*vote_batches(connection, names=True))
            (fought,) = cells(*battle_batches(connection, names=True))
            (preference,) = cells(*preference_batches(connection, names=True))
            shown = cells(*reply_batches(connection, names=True))

        assert (vote["turns"], fought["turns"]) == (1, 1)
        assert (vote["truncated"], vote["identity_leak"]) == (False, False)
        assert preference["prompt"] == (Message(Role.USER, ASKED[0]),)
        assert preference["chosen"] == (Message(Role.ASSISTANT, "Reply 1 of alpha"),)
        assert preference["rejected"] == (Message(Role.ASSISTANT, "Reply 1 of beta"),)
        places = [(row["battle_id"], row["turn"], row["text"]) for row in shown]
        assert places == [
            (seeded.battle_id, 1, "Reply 1 of alpha"),
            (seeded.battle_id, 1, "Reply 1 of beta"),
            (None, None, "Reply 2 of alpha"),
            (None, None, "Reply 2 of beta"),
        ]


@ON_SQLITE
def test_stopped_battles_of_an_older_database_can_lose_a_turn(
    tmp_path: Path, database: Database
) -> None:
    old = oldest_ledger(tmp_path)
    migrate(old, "0006")
    execute(
        old,
        "UPDATE battles SET state = 'stopped' WHERE id = 'd'",
        "INSERT INTO slots VALUES ('d', 0, 1, 'alpha'), ('d', 1, 2, 'beta')",
        f"INSERT INTO turns VALUES ('d', 1, 'Why?', '{DAY}', 7), ('d', 2, 'And?', '{DAY}', 8)",
        "INSERT INTO slot_replies VALUES"
        " ('d', 1, 0, 1, 1), ('d', 1, 1, 1, 2), ('d', 2, 0, 1, 1), ('d', 2, 1, 1, 2)",
    )
    before = rows(old)
    migrate(old, "0007")
    assert rows(old) == before | {"withdrawn_turns": [], "withdrawn_replies": []}

    migrate(old)
    before = rows(old)
    assert schema_sql(old) == schema_sql(database)
    seeded = SeededBattle(BattleId("d"), {}, None)
    withdraw(old, seeded)
    assert record(old, seeded).user_texts == ("Why?",)
    after = rows(old)
    assert [row["prompt"] for row in after["withdrawn_turns"]] == ["And?"]
    assert [row["reply_id"] for row in after["withdrawn_replies"]] == [1, 2]
    for table in ("replies", "votes", "outcomes", "flags"):
        assert after[table] == before[table]
    old.close()
