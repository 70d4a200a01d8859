"""The battle page for every state: what the page is told, and what it does not touch."""

import asyncio
import re
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from arena.catalog import ArenaConfig, Example
from arena.domain.battle import Action, BattleId, BattleState, BattleView, TurnView
from arena.domain.errors import Conflict, Refusal
from arena.domain.reveal import RevealPolicy
from arena.domain.verdict import Verdict
from arena.services.battle.voting import ModelCard, Reveal
from arena.web.battle import layout as battle_layout
from arena.web.battle.layout import BattleLayout, build_layout
from arena.web.battle.screen import BattleScreen, Message, Updates
from arena.web.common.site import site_texts
from arena.web.common.texts import gradio_texts, load_texts

TEXTS = load_texts()
WORDS = TEXTS.by_language["en"]
STATIC = Path(battle_layout.__file__).parents[1] / "static"
STYLE = (STATIC / "arena.css").read_text(encoding="utf-8")
SCRIPT = (STATIC / "battle.js").read_text(encoding="utf-8")
Page = tuple[BattleLayout, BattleScreen]
EXAMPLES = (Example(prompt="Why?", category="reasoning", language="en"),)


@pytest.fixture(scope="module")
def page() -> Page:
    async def build() -> Page:
        i18n = gradio_texts(TEXTS)
        with gr.Blocks(analytics_enabled=False):
            layout = build_layout(i18n, slots=2, examples=len(EXAMPLES), categories=("law",))
        return layout, BattleScreen(layout, i18n)

    return asyncio.run(build())  # in a loop: outside one Gradio makes its own and leaves it


def view(state: BattleState, *, truncated: bool = False) -> BattleView:
    return BattleView(
        battle_id=BattleId("b1"),
        state=state,
        slots=2,
        turns=(TurnView("Why?", ("left words", "right words")),),
        truncated=truncated,
    )


def element(updates: Updates, layout: BattleLayout) -> dict[str, str]:
    """The data attributes of the page's state."""
    return dict(re.findall(r'data-([a-z]+)="([^"]*)"', updates[layout.view]))


def texts_of(messages: list[Message]) -> list[str]:
    return [part["text"] for message in messages for part in message["content"]]


@pytest.mark.parametrize("state", BattleState)
def test_every_state_is_told_with_what_may_be_done_in_it(page: Page, state: BattleState) -> None:
    layout, screen = page
    told = element(screen.frame(WORDS, view(state)), layout)
    actions = {
        BattleState.GENERATING: "stop",
        BattleState.COMPLETE: "next_turn vote",
        BattleState.STOPPED: "retry",
        BattleState.VOID: "retry",
    }
    assert told == {"state": state.value, "actions": actions.get(state, ""), "chosen": ""}


@pytest.mark.parametrize("state", BattleState)
def test_the_style_sheet_knows_every_state(state: BattleState) -> None:
    """An abandoned battle is never shown."""
    if state is not BattleState.ABANDONED:
        assert f'[data-state="{state.value}"]' in STYLE


@pytest.mark.parametrize("action", Action)
def test_style_sheet_or_script_knows_every_action(action: Action) -> None:
    known = f'[data-actions~="{action.value}"]' in STYLE or f'"{action.value}"' in SCRIPT
    assert known or action is Action.NEXT_TURN, "the box stands wherever a follow-up may be asked"


@pytest.mark.parametrize("state", BattleState)
@pytest.mark.parametrize("truncated", [False, True])
def test_continue_is_offered_for_a_cut_answer_of_a_complete_battle_alone(
    page: Page, state: BattleState, truncated: bool
) -> None:
    layout, screen = page
    told = element(screen.frame(WORDS, view(state, truncated=truncated)), layout)
    wanted = truncated and state is BattleState.COMPLETE
    assert ("continue" in told["actions"].split()) == wanted


def test_the_notices_speak_of_the_battle_and_never_of_a_side(page: Page) -> None:
    layout, screen = page

    def said(state: BattleState, *, truncated: bool = False) -> str:
        return str(screen.frame(WORDS, view(state, truncated=truncated))[layout.view])

    assert WORDS["notice.void"] in said(BattleState.VOID)
    assert WORDS["notice.stopped"] in said(BattleState.STOPPED)
    assert WORDS["notice.length_limit"] in said(BattleState.COMPLETE, truncated=True)


def test_a_frame_changes_the_columns_and_the_state_alone(page: Page) -> None:
    layout, screen = page
    updates = screen.frame(WORDS, view(BattleState.GENERATING))
    assert updates.keys() == {layout.view, layout.shown, *layout.chats}
    left, right = (updates[chat] for chat in layout.chats)
    assert texts_of(left) == ["Why?", "left words"]
    assert texts_of(right) == ["Why?", "right words"]


def test_a_prompt_that_came_to_nothing_goes_back_into_the_box(page: Page) -> None:
    layout, screen = page
    assert screen.settled(view(BattleState.VOID)) == {layout.prompt: "Why?"}
    for state in set(BattleState) - {BattleState.VOID}:
        assert screen.settled(view(state)) == {layout.prompt: gr.skip()}


def test_a_refusal_changes_nothing_but_its_own_place(page: Page) -> None:
    layout, screen = page
    refused = screen.refused(WORDS, Conflict(Refusal.PAGE_OUTDATED))
    assert refused.keys() == {layout.refusal}
    assert WORDS["error.page_outdated"] in refused[layout.refusal]


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_that_waits_for_submit_is_marked_and_votes_stay_possible(
    page: Page, verdict: Verdict
) -> None:
    layout, screen = page
    updates = screen.chosen(WORDS, view(BattleState.COMPLETE), verdict.value)
    told = element(updates, layout)
    assert (told["chosen"], updates[layout.verdict]) == (verdict.value, verdict.value)
    assert "vote" in told["actions"].split()


@pytest.mark.parametrize("verdict", Verdict)
def test_a_reveal_puts_a_card_into_every_column_and_ends_the_voting(
    page: Page, verdict: Verdict
) -> None:
    layout, screen = page
    cards = tuple(
        ModelCard(
            slot=slot, name=name, key=name, license=None, description="", links={}, winner=False
        )
        for slot, name in (("A", "Sphinx"), ("B", "Kraken"))
    )
    updates = screen.reveal(WORDS, Reveal(BattleId("b1"), verdict, cards))
    for reveal, name in zip(layout.reveals, ("Sphinx", "Kraken"), strict=True):
        assert name in updates[reveal]
    assert WORDS[f"vote.{verdict.value}"] in updates[layout.view]
    assert element(updates, layout)["actions"] == ""


def test_a_reveal_without_cards_thanks_and_leaves_the_columns_anonymous(page: Page) -> None:
    layout, screen = page
    updates = screen.reveal(
        site_texts(TEXTS, ArenaConfig(), RevealPolicy.NEVER).of("en"),
        Reveal(BattleId("b1"), Verdict.TIE, ()),
    )
    assert [updates[reveal] for reveal in layout.reveals] == ["", ""]
    assert WORDS["vote.tie"] in updates[layout.view]
    assert element(updates, layout)["state"] == "voted"


def test_a_new_battle_keeps_what_is_being_written_and_forgets_the_last_one(page: Page) -> None:
    layout, screen = page
    empty = screen.empty(WORDS, EXAMPLES)
    assert "value" not in empty[layout.prompt]
    assert "placeholder" in empty[layout.prompt]
    assert (empty[layout.category], empty[layout.language]) == ("", "")
    assert empty[layout.shown] == ""
    assert element(empty, layout)["state"] == "empty"
    assert all(empty[chat] == [] for chat in layout.chats)
    assert all(empty[reveal] == "" for reveal in layout.reveals)


def test_messages_are_what_gradios_own_chat_would_send(page: Page) -> None:
    layout, screen = page
    messages = screen.frame(WORDS, view(BattleState.COMPLETE))[layout.chats[0]]
    plain: list[Any] = [
        {"role": message["role"], "content": text}
        for message, text in zip(messages, texts_of(messages), strict=True)
    ]
    assert layout.chats[0].postprocess(plain).model_dump() == messages


def test_an_answer_keeps_its_indentation(page: Page) -> None:
    layout, screen = page
    indented = "    def f():\n        return 1\n    f()"
    told = BattleView(
        battle_id=BattleId("b1"),
        state=BattleState.COMPLETE,
        slots=2,
        turns=(TurnView("Why?", (indented, "right words")),),
        truncated=False,
    )
    assert texts_of(screen.frame(WORDS, told)[layout.chats[0]]) == ["Why?", indented]


def test_what_one_answer_is_too_long_for_is_done_to_both(page: Page) -> None:
    layout, screen = page
    table = "| a | b |\n|---|---|\n" + "| one | two |\n" * 1000
    turns = (TurnView("Why?", ("short", "**words**")), TurnView("And?", ("short", table)))
    told = BattleView(BattleId("b1"), BattleState.GENERATING, 2, turns, truncated=False)

    updates = screen.frame(WORDS, told)

    left, right = (texts_of(updates[chat]) for chat in layout.chats)
    assert left == ["Why?", "short", "And?", '<pre class="verbatim">\nshort']
    assert right[:3] == ["Why?", "**words**", "And?"]
    assert right[3].startswith('<pre class="verbatim">\n| a | b |')
