"""What is written down of a turn."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from arena.domain.battle import BattleState
from arena.domain.conversation import FinishReason, Message, Role
from arena.domain.reply import ReplyEnd
from arena.inference.backend import Finished
from arena.services.battle.live_turn import SlotJob, SlotResult
from arena.services.battle.opening import Opening
from arena.services.battle.turn_results import (
    TakenOver,
    conversation,
    conversation_hash,
    cut_slots,
    store_results,
    store_void,
)
from arena.storage.battles import BattleRecord, move_battle
from arena.storage.database import Database
from tests.fakes.playground import OWNER, Playground


class Desk(Playground):
    """A playground where a turn's results are handed in by the test."""

    def drawn(self, prompt: str = "Why?") -> BattleRecord:
        record, _ = self.store.create(self.ada, Opening(prompt), self.choose)
        return record

    def result(self, record: BattleRecord, position: int, **values: Any) -> SlotResult:
        contestant = self.contestants[record.slots[position].model_key]
        job = SlotJob(position, contestant, conversation(record, position))
        return replace(SlotResult(job, "Because.", ReplyEnd.STOP), **values)

    def store_results(
        self, record: BattleRecord, results: list[SlotResult], *, owner: str = OWNER
    ) -> BattleState:
        return store_results(self.database, self.clock, record, results, owner=owner)

    def hand_in(self, record: BattleRecord, *ends: ReplyEnd) -> BattleState:
        results = [
            self.result(record, position, end=end, error="boom" if end is ReplyEnd.ERROR else None)
            for position, end in enumerate(ends)
        ]
        return self.store_results(record, results)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


STOP, LENGTH = ReplyEnd.STOP, ReplyEnd.LENGTH
CANCELLED, ERROR = ReplyEnd.CANCELLED, ReplyEnd.ERROR


@pytest.mark.parametrize(
    ("ends", "state"),
    [
        ((STOP, STOP), BattleState.COMPLETE),
        ((STOP, LENGTH), BattleState.COMPLETE),
        ((CANCELLED, CANCELLED), BattleState.STOPPED),
        ((STOP, CANCELLED), BattleState.STOPPED),
        ((ERROR, CANCELLED), BattleState.VOID),
        ((STOP, ERROR), BattleState.VOID),
    ],
)
def test_how_the_slots_ended_decides_the_state(
    desk: Desk, ends: tuple[ReplyEnd, ...], state: BattleState
) -> None:
    battle = desk.drawn()
    assert desk.hand_in(battle, *ends) is state
    record = desk.record(battle.id)
    assert record.state is state
    assert (record.completed_at is not None) == (state is BattleState.COMPLETE)
    assert tuple(reply.end for reply in record.turns[0].replies) == ends
    cut = tuple(position for position, end in enumerate(ends) if end is LENGTH)
    assert cut_slots(record.turns[0]) == cut


def test_an_abandoned_battle_stays_abandoned_and_gets_its_replies(desk: Desk) -> None:
    battle = desk.drawn()
    desk.store.abandon_open(desk.ada)
    desk.hand_in(battle, STOP, STOP)
    record = desk.record(battle.id)
    assert record.state is BattleState.ABANDONED
    assert len(record.turns[0].replies) == 2


@pytest.mark.parametrize(
    ("state", "owner"),
    [
        (BattleState.GENERATING, "another"),
        (BattleState.COMPLETE, "another"),
        (BattleState.STOPPED, OWNER),
    ],
)
def test_a_server_whose_battle_another_has_taken_over_or_stopped_stores_nothing(
    desk: Desk, state: BattleState, owner: str
) -> None:
    battle = desk.drawn()
    with desk.database.writing() as connection:
        move_battle(
            connection, battle.id, sources={BattleState.GENERATING}, target=state, owner=owner
        )
    results = [desk.result(battle, 0), desk.result(battle, 1)]

    with pytest.raises(TakenOver):
        desk.store_results(battle, results)
    store_void(desk.database, battle.id, owner=OWNER)

    record = desk.record(battle.id)
    assert (record.state, record.turns[0].replies) == (state, ())
    if state is BattleState.GENERATING:
        assert desk.store_results(battle, results, owner="another") is BattleState.COMPLETE


def test_a_reply_keeps_its_provenance(desk: Desk) -> None:
    battle = desk.drawn()
    finished = Finished(FinishReason.STOP, 7, 11, "<s>USER: Why? ASSISTANT:")
    result = desk.result(
        battle, 0, finished=finished, reasoning="Hm.", first_token_s=0.25, total_s=2.5
    )
    desk.store_results(battle, [result, desk.result(battle, 1)])
    columns = "rendered_prompt, prompt_tokens, reply_tokens, reasoning, first_token_s, total_s"
    assert desk.rows(f"SELECT {columns}, conversation_hash FROM replies")[0] == (
        "<s>USER: Why? ASSISTANT:",
        7,
        11,
        "Hm.",
        0.25,
        2.5,
        conversation_hash([Message(Role.USER, "Why?")]),
    )


class TestFlags:
    def flags(self, desk: Desk, prompt: str, text: str, end: ReplyEnd = STOP) -> set[Any]:
        battle = desk.drawn(prompt)
        results = [desk.result(battle, 0, text=text, end=end), desk.result(battle, 1)]
        desk.store_results(battle, results)
        return set(desk.rows("SELECT kind, detail FROM flags"))

    def test_a_reply_that_names_its_maker_is_flagged(self, desk: Desk) -> None:
        assert self.flags(desk, "Why?", "I am Claude.") == {("identity_leak", "Claude")}

    def test_a_name_from_the_prompt_is_not_flagged(self, desk: Desk) -> None:
        assert self.flags(desk, "Are you Claude?", "I am Claude.") == set()

    def test_the_slots_own_identity_words_are_flagged(self, desk: Desk) -> None:
        battle = desk.drawn()
        own = f"The {battle.slots[0].model_key} model"
        desk.store.abandon_open(desk.ada)
        mirrored = desk.contestants[battle.slots[0].model_key].identity_words
        assert mirrored == (own,)
        results = [desk.result(battle, 0, text=f"{own} wrote this."), desk.result(battle, 1)]
        desk.store_results(battle, results)
        assert desk.rows("SELECT kind, detail FROM flags") == [("identity_leak", own)]

    def test_a_cut_reply_is_flagged(self, desk: Desk) -> None:
        assert self.flags(desk, "Why?", "Because", LENGTH) == {("truncated", "")}

    def test_flags_delete_nothing(self, desk: Desk) -> None:
        self.flags(desk, "Why?", "I am Claude.", LENGTH)
        assert desk.rows("SELECT count(*) FROM replies") == [(2,)]
        assert desk.rows("SELECT state FROM battles") == [("complete",)]


class TestConversationHash:
    asked = (Message(Role.USER, "Why?"),)

    def test_it_never_changes_for_the_ledger_keeps_it(self) -> None:
        told = (Message(Role.USER, "天?"), Message(Role.ASSISTANT, "é"))
        plain = '[["user", "天?"], ["assistant", "é"]]'
        assert conversation_hash(told) == hashlib.sha256(plain.encode("utf-8")).hexdigest()

    def test_equal_conversations_are_equal(self) -> None:
        assert conversation_hash(self.asked) == conversation_hash(list(self.asked))

    @pytest.mark.parametrize(
        "other",
        [
            (Message(Role.USER, "why?"),),
            (Message(Role.ASSISTANT, "Why?"),),
            (Message(Role.USER, "Why"), Message(Role.USER, "?")),
            (),
        ],
    )
    def test_any_difference_shows(self, other: tuple[Message, ...]) -> None:
        assert conversation_hash(self.asked) != conversation_hash(other)


def test_the_admin_learns_which_model_failed_and_the_annotator_does_not(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    battle = desk.drawn()
    desk.hand_in(battle, ERROR, CANCELLED)
    failed = f"battle {battle.id} is void: {battle.slots[0].model_key} failed: boom"
    assert [record.message for record in caplog.records] == [failed]
    assert "boom" not in repr(desk.record(battle.id))
