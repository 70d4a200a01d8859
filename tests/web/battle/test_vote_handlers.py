"""The events of votes: committed, tried again, and revealed only over their own battle."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gradio as gr
import pytest

from arena.domain.accounts import AccountRole, AnnotatorId, Caller
from arena.domain.battle import BattleId, BattleState, BattleView, Shown, TurnView
from arena.domain.errors import ArenaError, Conflict, Refusal, Unavailable
from arena.domain.verdict import Verdict
from arena.services.battle.voting import Ballot, ModelCard, Reveal
from arena.web.battle.layout import BattleLayout
from arena.web.battle.screen import BattleScreen
from arena.web.battle.vote_handlers import VoteHandlers
from arena.web.common.texts import Texts, load_texts
from arena.web.http.allowance import Allowance
from tests.web.allowances import allowance

ADA = Caller(AnnotatorId(1), "ada", AccountRole.ANNOTATOR)
CARD = ModelCard("A", "Sphinx 7B", "sphinx", None, "", {}, winner=True)
REVEAL = Reveal(BattleId("b1"), Verdict.TIE, (CARD, CARD), 1)
NEXT = BattleView(BattleId("b2"), BattleState.GENERATING, 2, (TurnView("Why?", ("", "")),))
BUSY = Unavailable(Refusal.VOTE_NOT_SAVED)


@dataclass
class Arena:
    """Everything that the handlers use: an annotator's battles, votes and session in one."""

    texts: Texts
    votes: Allowance
    faults: list[ArenaError] = field(default_factory=list)
    open_battle: BattleView | None = None
    ask_reasons: bool = False
    cast_on: list[Shown] = field(default_factory=list)
    cast_again: list[bool] = field(default_factory=list)

    @property
    def battles(self) -> "Arena":
        return self

    @property
    def voting(self) -> "Arena":
        return self

    @property
    def access(self) -> "Arena":
        return self

    async def find(self, _request: gr.Request) -> Caller:
        return ADA

    async def current(self, _caller: Caller) -> BattleView | None:
        return self.open_battle

    def cast(self, _caller: Caller, shown: Shown, _ballot: Ballot, *, again: bool) -> Reveal:
        self.cast_on.append(shown)
        self.cast_again.append(again)
        if self.faults:
            raise self.faults.pop(0)
        return REVEAL


Vote = Callable[[], list[dict[Any, Any]]]


@pytest.fixture
def arena() -> Arena:
    return Arena(load_texts(), allowance())


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def vote(arena: Arena, layout: BattleLayout, waits: list[float]) -> Vote:
    async def wait(seconds: float) -> None:
        waits.append(seconds)

    parts: Any = arena
    screen = BattleScreen(layout)
    handler: Any = VoteHandlers(parts, screen, sleep=wait).vote_with(Verdict.TIE)

    async def steps() -> list[dict[Any, Any]]:
        request = gr.Request(headers={}, client=None)
        return [step async for step in handler("b1 digest", False, request)]

    return lambda: asyncio.run(steps())


def test_a_vote_that_is_saved_names_the_models(vote: Vote, layout: BattleLayout) -> None:
    (step,) = vote()

    assert "Sphinx 7B" in step[layout.reveals[0]]


def test_a_vote_that_cannot_be_saved_is_tried_again_and_said_so(
    vote: Vote, arena: Arena, layout: BattleLayout, waits: list[float]
) -> None:
    arena.faults = [BUSY, BUSY]
    *trying, last = vote()

    assert ["trying" in step[layout.refusal] for step in trying] == [True, True]
    assert "Sphinx 7B" in last[layout.reveals[0]]
    assert waits == [1.0, 2.0]
    assert arena.cast_on == [Shown(BattleId("b1"), "digest")] * 3
    assert arena.cast_again == [False, True, True], "an attempt may have failed after its commit"


def test_a_vote_that_is_never_saved_names_nobody(
    vote: Vote, arena: Arena, layout: BattleLayout
) -> None:
    arena.faults = [BUSY] * 4
    *_, last = vote()

    assert set(last) == {layout.refusal}
    assert "trying" not in last[layout.refusal]
    assert len(arena.cast_on) == 4


def test_a_vote_of_another_tab_ends_the_trying(
    vote: Vote, arena: Arena, layout: BattleLayout
) -> None:
    arena.faults = [BUSY, Conflict(Refusal.ALREADY_VOTED)]
    *_, last = vote()

    assert set(last) == {layout.refusal}
    assert len(arena.cast_on) == 2


def test_names_of_a_battle_never_stand_over_the_next_one(
    vote: Vote, arena: Arena, layout: BattleLayout
) -> None:
    arena.open_battle = NEXT

    assert vote() == [{layout.refusal: ""}]
