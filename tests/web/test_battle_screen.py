"""The battle page for every state: which controls stand, and that nothing names a model."""

import asyncio
from typing import Any

import gradio as gr
import pytest

from arena.domain.battle import BattleId, BattleState, BattleView, TurnView
from arena.domain.verdict import Verdict
from arena.services.voting import ModelCard, Reveal
from arena.web.pages.battle_layout import BattleLayout, Example, build_layout
from arena.web.pages.battle_screen import BattleScreen, Updates
from arena.web.texts import gradio_texts, load_texts

TEXTS = load_texts()
WORDS = TEXTS.by_language["en"]
EXAMPLES = (Example("Why?", "reasoning", "en"),)


@pytest.fixture(scope="module")
def page() -> tuple[BattleLayout, BattleScreen]:
    async def build() -> tuple[BattleLayout, BattleScreen]:
        i18n = gradio_texts(TEXTS)
        with gr.Blocks(analytics_enabled=False):
            layout = build_layout(i18n, slots=2, examples=len(EXAMPLES))
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


def shown(updates: Updates, component: Any) -> bool:
    return bool(updates[component]["visible"])


@pytest.mark.parametrize("state", BattleState)
def test_every_state_has_a_page(
    page: tuple[BattleLayout, BattleScreen], state: BattleState
) -> None:
    layout, screen = page
    updates = screen.battle(WORDS, view(state))
    assert shown(updates, layout.stop) == (state is BattleState.GENERATING)
    assert shown(updates, layout.retry) == (state in {BattleState.STOPPED, BattleState.VOID})
    for button in layout.vote_buttons.values():
        assert updates[button]["interactive"] == (state is BattleState.COMPLETE)


@pytest.mark.parametrize("state", BattleState)
@pytest.mark.parametrize("truncated", [False, True])
def test_continue_is_offered_for_a_cut_answer_of_a_complete_battle_alone(
    page: tuple[BattleLayout, BattleScreen], state: BattleState, truncated: bool
) -> None:
    layout, screen = page
    updates = screen.battle(WORDS, view(state, truncated=truncated))
    wanted = truncated and state is BattleState.COMPLETE
    assert shown(updates, layout.continue_cut) == wanted


def test_the_notices_speak_of_the_battle_and_never_of_a_side(
    page: tuple[BattleLayout, BattleScreen],
) -> None:
    layout, screen = page
    said = {state: screen.battle(WORDS, view(state))[layout.notice] for state in BattleState}
    assert WORDS["notice.void"] in said[BattleState.VOID]
    assert WORDS["notice.stopped"] in said[BattleState.STOPPED]
    cut = screen.battle(WORDS, view(BattleState.COMPLETE, truncated=True))[layout.notice]
    assert WORDS["notice.length_limit"] in cut


def test_a_complete_battle_empties_the_box_and_a_running_one_leaves_it(
    page: tuple[BattleLayout, BattleScreen],
) -> None:
    layout, screen = page
    assert screen.battle(WORDS, view(BattleState.COMPLETE))[layout.prompt]["value"] == ""
    assert layout.prompt not in screen.battle(WORDS, view(BattleState.GENERATING))


def test_a_frame_changes_the_columns_alone(page: tuple[BattleLayout, BattleScreen]) -> None:
    layout, screen = page
    updates = screen.texts(view(BattleState.GENERATING))
    assert updates.keys() == {column.chat for column in layout.columns}
    left, right = (updates[column.chat] for column in layout.columns)
    assert [message["content"] for message in left] == ["Why?", "left words"]
    assert [message["content"] for message in right] == ["Why?", "right words"]


def test_a_refusal_changes_nothing_but_its_own_place(
    page: tuple[BattleLayout, BattleScreen],
) -> None:
    layout, screen = page
    assert screen.refused("No.").keys() == {layout.refusal}


@pytest.mark.parametrize("verdict", Verdict)
def test_a_reveal_puts_a_card_in_place_of_every_title(
    page: tuple[BattleLayout, BattleScreen], verdict: Verdict
) -> None:
    layout, screen = page
    cards = tuple(
        ModelCard(
            slot=slot, name=name, key=name, license=None, description="", links={}, winner=False
        )
        for slot, name in (("A", "Sphinx"), ("B", "Kraken"))
    )
    updates = screen.reveal(WORDS, Reveal(BattleId("b1"), verdict, cards))
    for column, name in zip(layout.columns, ("Sphinx", "Kraken"), strict=True):
        assert updates[column.title]["visible"] is False
        assert name in updates[column.reveal]["value"]
    assert WORDS[f"vote.{verdict.value}"] in updates[layout.notice]
    for button in layout.vote_buttons.values():
        assert updates[button]["interactive"] is False


def test_a_new_battle_clears_the_box_and_hides_the_last_one(
    page: tuple[BattleLayout, BattleScreen],
) -> None:
    layout, screen = page
    cleared = screen.cleared(WORDS, EXAMPLES)
    assert cleared[layout.prompt]["value"] == ""
    assert "placeholder" in cleared[layout.prompt]
    assert cleared[layout.battle_id] is None
    assert not shown(cleared, layout.arena)
    assert all(cleared[column.chat] == [] for column in layout.columns)
