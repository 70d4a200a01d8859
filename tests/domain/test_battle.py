"""The battle state machine, every transition of it, and what a view offers."""

from dataclasses import fields
from itertools import product

import pytest

from arena.domain.battle import (
    OPEN_STATES,
    Action,
    BattleId,
    BattleState,
    BattleView,
    Notice,
    Shown,
    TurnView,
    require_transition,
    slot_letter,
)
from arena.domain.errors import Conflict, Refusal

GENERATING = BattleState.GENERATING
COMPLETE = BattleState.COMPLETE
STOPPED = BattleState.STOPPED
VOID = BattleState.VOID
VOTED = BattleState.VOTED
ABANDONED = BattleState.ABANDONED

TRANSITIONS = {
    (GENERATING, COMPLETE),
    (GENERATING, STOPPED),
    (GENERATING, VOID),
    (GENERATING, ABANDONED),
    (COMPLETE, GENERATING),
    (COMPLETE, VOTED),
    (COMPLETE, ABANDONED),
    (STOPPED, GENERATING),
    (STOPPED, COMPLETE),
    (STOPPED, ABANDONED),
}


@pytest.mark.parametrize(("source", "target"), sorted(product(BattleState, repeat=2)))
def test_only_the_transitions_of_the_design_exist(source: BattleState, target: BattleState) -> None:
    if (source, target) in TRANSITIONS:
        require_transition(source, target)
    else:
        with pytest.raises(Conflict):
            require_transition(source, target)


def test_a_state_is_open_when_something_may_follow() -> None:
    assert {GENERATING, COMPLETE, STOPPED} == OPEN_STATES


@pytest.mark.parametrize(
    ("source", "target", "refusal"),
    [
        (VOTED, VOTED, Refusal.ALREADY_VOTED),
        (VOTED, GENERATING, Refusal.ALREADY_VOTED),
        (VOID, VOTED, Refusal.BATTLE_CLOSED),
        (ABANDONED, GENERATING, Refusal.BATTLE_CLOSED),
        (GENERATING, VOTED, Refusal.NOT_COMPLETE),
        (STOPPED, VOTED, Refusal.NOT_COMPLETE),
        (GENERATING, GENERATING, Refusal.STILL_GENERATING),
    ],
)
def test_a_refused_transition_says_why(
    source: BattleState, target: BattleState, refusal: Refusal
) -> None:
    with pytest.raises(Conflict) as caught:
        require_transition(source, target)
    assert caught.value.refusal is refusal


def view(state: BattleState, *, truncated: bool = False) -> BattleView:
    return BattleView(BattleId("b"), state, 2, (TurnView("Why?", ("x", "y")),), truncated)


@pytest.mark.parametrize(
    ("state", "truncated", "actions"),
    [
        (GENERATING, False, {Action.STOP}),
        (COMPLETE, False, {Action.VOTE, Action.NEXT_TURN}),
        (COMPLETE, True, {Action.VOTE, Action.NEXT_TURN, Action.CONTINUE}),
        (STOPPED, True, {Action.RETRY}),
        (VOID, False, {Action.RETRY}),
        (VOTED, False, set()),
        (ABANDONED, False, set()),
    ],
)
def test_a_view_offers_what_its_state_allows(
    state: BattleState, truncated: bool, actions: set[Action]
) -> None:
    assert view(state, truncated=truncated).actions == actions


@pytest.mark.parametrize("turns", [2, 3])
def test_a_stopped_turn_after_complete_ones_leaves_a_vote_on_those(turns: int) -> None:
    stopped = BattleView(BattleId("b"), STOPPED, 2, (TurnView("Why?", ("x", "y")),) * turns)
    assert stopped.actions == {Action.RETRY, Action.VOTE_EARLIER}


@pytest.mark.parametrize(
    ("state", "truncated", "notice"),
    [
        (GENERATING, True, None),
        (COMPLETE, False, None),
        (COMPLETE, True, Notice.LENGTH_LIMIT),
        (STOPPED, True, Notice.STOPPED),
        (VOID, True, Notice.VOID),
        (VOTED, True, None),
    ],
)
def test_a_view_has_one_notice_for_the_whole_battle(
    state: BattleState, truncated: bool, notice: Notice | None
) -> None:
    assert view(state, truncated=truncated).notice is notice


def test_a_view_has_no_place_for_anything_that_identifies_a_model() -> None:
    names = {field.name for kind in (BattleView, TurnView) for field in fields(kind)}
    of_turn = {"prompt", "replies"}
    assert names == {"battle_id", "state", "slots", "turns", "truncated", "recognised"} | of_turn


def test_slots_are_lettered_from_a() -> None:
    assert [slot_letter(position) for position in range(4)] == ["A", "B", "C", "D"]


ONE_TURN = (TurnView("Why?", ("Because.", "So.")),)


def shown(turns: tuple[TurnView, ...], battle: str = "one", state: BattleState = COMPLETE) -> Shown:
    return BattleView(BattleId(battle), state, slots=2, turns=turns).shown


def test_two_pages_with_the_same_texts_show_the_same() -> None:
    again = tuple(TurnView(turn.prompt, tuple(turn.replies)) for turn in ONE_TURN)
    assert shown(ONE_TURN) == shown(again, state=GENERATING)


@pytest.mark.parametrize(
    "turns",
    [
        (),
        (*ONE_TURN, ONE_TURN[0]),
        (TurnView("Why?", ("So.", "Because.")),),
        (TurnView("Why?", ("Because.", "So. ")),),
        (TurnView("Why", ("?Because.", "So.")),),
        (TurnView("Why?", ("Because.So.", "")),),
        (TurnView("Why?", ("Because.", "So.", "")),),
        (TurnView('Why?","Because.', ("So.",)),),
    ],
)
def test_pages_with_other_texts_show_something_else(turns: tuple[TurnView, ...]) -> None:
    assert shown(turns) != shown(ONE_TURN)


def test_the_same_texts_of_another_battle_are_something_else() -> None:
    assert shown(ONE_TURN, battle="two") != shown(ONE_TURN)
