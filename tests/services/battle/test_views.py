"""A view is what the ledger holds of a battle, with newer texts of the last turn."""

from arena.domain.accounts import AnnotatorId
from arena.domain.battle import BattleId, BattleState, BattleView, TurnView
from arena.domain.conversation import ModelKey
from arena.domain.reply import ReplyEnd
from arena.services.battle.views import view_of
from arena.storage.battles import BattleRecord, SlotRecord, TurnRecord
from arena.storage.replies import ReplyRecord

B = BattleId("b")


def turn(number: int, prompt: str, *texts: str, end: ReplyEnd = ReplyEnd.STOP) -> TurnRecord:
    replies = (ReplyRecord(id_, id_, 1, text, end) for id_, text in enumerate(texts))
    return TurnRecord(number, prompt, tuple(replies))


def record(*turns: TurnRecord) -> BattleRecord:
    return BattleRecord(
        id=B,
        annotator_id=AnnotatorId(1),
        state=BattleState.COMPLETE,
        category=None,
        language="en",
        completed_at=None,
        revealed_at=None,
        slots=(SlotRecord(0, 1, ModelKey("sphinx")), SlotRecord(1, 2, ModelKey("kraken"))),
        turns=turns,
    )


def test_every_turn_has_its_prompt_and_its_replies_in_order() -> None:
    stored = record(turn(1, "Why?", "a", "b"), turn(2, "How?", "c", "d"), turn(3, "Who?", "e", "f"))
    assert view_of(stored) == BattleView(
        B,
        BattleState.COMPLETE,
        slots=2,
        turns=(
            TurnView("Why?", ("a", "b")),
            TurnView("How?", ("c", "d")),
            TurnView("Who?", ("e", "f")),
        ),
    )


def test_newer_texts_of_the_last_turn_replace_those_that_are_stored() -> None:
    stored = record(turn(1, "Why?", "a", "b"), turn(2, "How?", "c", "d"))
    assert view_of(stored, {1: "newer"}).turns == (
        TurnView("Why?", ("a", "b")),
        TurnView("How?", ("c", "newer")),
    )


def test_a_slot_without_a_reply_is_empty() -> None:
    assert view_of(record(turn(1, "Why?"))).turns == (TurnView("Why?", ("", "")),)


def test_only_a_last_turn_that_was_cut_makes_a_view_truncated() -> None:
    cut = turn(1, "Why?", "a", "b", end=ReplyEnd.LENGTH)
    assert view_of(record(cut)).truncated
    assert not view_of(record(cut, turn(2, "How?", "c", "d"))).truncated
