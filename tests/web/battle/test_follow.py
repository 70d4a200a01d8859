"""The event that follows a battle: a frame for what is new, and none for what the page shows."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from arena.domain.accounts import AccountRole, AnnotatorId, Caller
from arena.domain.battle import BattleId, BattleState, BattleView, TurnView
from arena.web.battle.handlers import BattleHandlers
from arena.web.battle.layout import BattleLayout
from arena.web.battle.screen import BattleScreen
from arena.web.battle.shown_battle import shown_text
from arena.web.common.texts import Texts, load_texts

ADA = Caller(AnnotatorId(1), "ada", AccountRole.ANNOTATOR)


def view(text: str, state: BattleState = BattleState.GENERATING) -> BattleView:
    return BattleView(BattleId("b1"), state, 2, (TurnView("Why?", (text, text)),))


@dataclass
class Arena:
    """What the event uses: the session, and a battle that goes through `views`."""

    texts: Texts = field(default_factory=load_texts)
    views: Sequence[BattleView] = ()

    @property
    def battles(self) -> "Arena":
        return self

    @property
    def access(self) -> "Arena":
        return self

    async def find(self, _request: gr.Request) -> Caller:
        return ADA

    async def frames(self, _caller: Caller, _battle_id: str) -> AsyncGenerator[BattleView, None]:
        for one in self.views:
            yield one


def texts_of_frames(layout: BattleLayout, on_page: BattleView, *views: BattleView) -> list[str]:
    parts: Any = Arena(views=views)
    handlers = BattleHandlers(parts, layout, BattleScreen(layout))

    async def followed() -> list[str]:
        request = gr.Request(headers={}, client=None)
        steps = handlers.follow(shown_text(on_page.shown), request)
        return [step[layout.answers[0]]["turns"][0]["text"] async for step in steps]

    return asyncio.run(followed())


def test_a_page_is_not_sent_what_it_shows_already(layout: BattleLayout) -> None:
    ended = view("Because.", BattleState.COMPLETE)
    frames = texts_of_frames(layout, view(""), view(""), view("Bec"), ended)
    assert frames == ["Bec", "Because."]


def test_a_page_that_is_behind_is_sent_what_there_is_at_once(layout: BattleLayout) -> None:
    assert texts_of_frames(layout, view("Be"), view("Bec"), view("Beca")) == ["Bec", "Beca"]


def test_an_end_is_sent_though_no_text_has_changed(layout: BattleLayout) -> None:
    stopped = view("", BattleState.STOPPED)
    assert texts_of_frames(layout, view(""), view(""), stopped) == [""]
