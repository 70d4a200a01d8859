"""The battle page for every state: what the page is told, and what it does not touch."""

import asyncio
import re
from pathlib import Path

import gradio as gr
import pytest

from arena.catalog import ArenaConfig, Example
from arena.domain.battle import Action, BattleId, BattleState, BattleView, TurnView
from arena.domain.errors import Conflict, Refusal
from arena.domain.reveal import RevealPolicy
from arena.domain.verdict import Verdict
from arena.services.battle.voting import ModelCard, Reveal
from arena.web.battle import layout as battle_layout
from arena.web.battle.columns import Value
from arena.web.battle.layout import BattleLayout, build_layout
from arena.web.battle.screen import BattleScreen, Updates
from arena.web.common.site import site_texts
from arena.web.common.texts import gradio_texts, load_texts

TEXTS = load_texts()
WORDS = TEXTS.by_language["en"]
STATIC = Path(battle_layout.__file__).parents[1] / "static"
STYLE = (STATIC / "battle.css").read_text(encoding="utf-8")
SCRIPT = "".join(
    (STATIC / f"{name}.js").read_text(encoding="utf-8") for name in ("columns", "dock", "keys")
)
Page = tuple[BattleLayout, BattleScreen]
EXAMPLES = (Example(prompt="Why?", category="reasoning", language="en"),)


@pytest.fixture(scope="module")
def page() -> Page:
    async def build() -> Page:
        i18n = gradio_texts(TEXTS)
        with gr.Blocks(analytics_enabled=False):
            layout = build_layout(i18n, slots=2, examples=len(EXAMPLES), categories=("law",))
        return layout, BattleScreen(layout)

    return asyncio.run(build())  # in a loop: outside one Gradio makes its own and leaves it


def view(state: BattleState, *, truncated: bool = False, turns: int = 1) -> BattleView:
    return BattleView(
        battle_id=BattleId("b1"),
        state=state,
        slots=2,
        turns=(TurnView("Why?", ("left words", "right words")),) * turns,
        truncated=truncated,
    )


def element(updates: Updates, layout: BattleLayout) -> dict[str, str]:
    """The data attributes of the page's state."""
    return dict(re.findall(r'data-([a-z]+)="([^"]*)"', updates[layout.view]))


def texts_of(column: Value) -> list[str]:
    return [turn["text"] for turn in column["turns"]]


def blocks_of(column: Value) -> list[str]:
    """The HTML of the newest answer."""
    return [str(block) for block in column["turns"][-1]["blocks"]]


@pytest.mark.parametrize("state", BattleState)
def test_every_state_is_told_with_what_may_be_done_in_it(page: Page, state: BattleState) -> None:
    layout, screen = page
    told = element(screen.frame(WORDS, view(state)), layout)
    actions = {
        BattleState.GENERATING: "stop",
        BattleState.COMPLETE: "next_turn vote",
        BattleState.STOPPED: "retry",
        BattleState.VOID: "retry",
        BattleState.VOTED: "look",
    }
    assert told.items() >= {
        ("state", state.value),
        ("actions", actions.get(state, "")),
        ("chosen", ""),
    }


@pytest.mark.parametrize("state", BattleState)
def test_the_style_sheet_knows_every_state(state: BattleState) -> None:
    """An abandoned battle is never shown."""
    if state is not BattleState.ABANDONED:
        assert f'[data-state="{state.value}"]' in STYLE


@pytest.mark.parametrize("action", Action)
def test_style_sheet_or_script_knows_every_action(action: Action) -> None:
    name = action.value
    known = f'[data-actions~="{name}"]' in STYLE or f'"{name}"' in SCRIPT
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
    assert WORDS["notice.stopped_more"] in said(BattleState.STOPPED)
    assert WORDS["notice.length_limit"] in said(BattleState.COMPLETE, truncated=True)


def test_a_stopped_later_turn_can_be_left_out_and_the_sentence_says_so(page: Page) -> None:
    layout, screen = page
    for turns, earlier in ((1, False), (2, True)):
        updates = screen.frame(WORDS, view(BattleState.STOPPED, turns=turns))
        assert ("vote_earlier" in element(updates, layout)["actions"].split()) == earlier
        assert (WORDS["notice.stopped_earlier"] in updates[layout.view]) == earlier


def test_a_frame_changes_the_columns_and_the_state_alone(page: Page) -> None:
    layout, screen = page
    updates = screen.frame(WORDS, view(BattleState.GENERATING))
    assert updates.keys() == {layout.view, layout.shown, *layout.answers}
    left, right = (updates[answers] for answers in layout.answers)
    assert (texts_of(left), blocks_of(left)) == (["left words"], ['<p dir="auto">left words</p>'])
    assert texts_of(right) == ["right words"]


def test_a_turn_that_begins_shows_every_prompt_once_over_both_columns(page: Page) -> None:
    layout, screen = page
    first, *later = prompts = ("Why?", "__init__ <b>", "And?")
    turns = tuple(TurnView(prompt, ("left", "right")) for prompt in prompts)
    told = BattleView(BattleId("b1"), BattleState.GENERATING, 2, turns, truncated=False)

    updates = screen.begun(WORDS, told)

    def shown(value: Value) -> list[str]:
        return [prompt["text"] for prompt in value["prompts"]]

    assert shown(updates[layout.first_prompt]) == [first]
    assert shown(updates[layout.follow_ups]) == later
    html = updates[layout.follow_ups]["prompts"][0]["html"]
    assert "__init__ &lt;b&gt;" in html


def test_only_the_newest_answer_of_a_battle_that_generates_grows(page: Page) -> None:
    layout, screen = page
    for state, grows in ((BattleState.GENERATING, True), (BattleState.COMPLETE, False)):
        told = screen.frame(WORDS, view(state, turns=2))[layout.answers[0]]["turns"]
        assert [turn["grows"] for turn in told] == [False, grows]


def test_a_battle_that_came_to_nothing_cannot_be_skipped(page: Page) -> None:
    layout, screen = page
    for state in BattleState:
        is_over = state in {BattleState.VOID, BattleState.VOTED}
        leave = WORDS["battle.new" if is_over else "battle.skip"]
        assert element(screen.frame(WORDS, view(state)), layout)["leave"] == leave


def test_the_box_asks_for_what_the_state_takes(page: Page) -> None:
    layout, screen = page
    reveal = screen.reveal(WORDS, Reveal(BattleId("b1"), Verdict.TIE, (), 3))
    assert element(reveal, layout)["ask"] == WORDS["battle.prompt_after_vote"]
    complete, stopped = (
        element(screen.frame(WORDS, view(state)), layout)["ask"]
        for state in (BattleState.COMPLETE, BattleState.STOPPED)
    )
    assert (complete, stopped) == (WORDS["battle.prompt_next"], WORDS["battle.prompt_after_vote"])


def test_what_is_written_while_a_turn_begins_stays_in_the_box(page: Page) -> None:
    layout, screen = page
    assert layout.prompt not in screen.begun(WORDS, view(BattleState.GENERATING))


def test_a_battle_that_was_skipped_can_be_gone_back_to(page: Page) -> None:
    layout, screen = page
    for skipped in (False, True):
        empty = screen.empty(WORDS, EXAMPLES, skipped=skipped)
        assert (element(empty, layout)["actions"] == "undo") == skipped
        assert (WORDS["notice.skipped"] in empty[layout.view]) == skipped


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
    updates = screen.reveal(WORDS, Reveal(BattleId("b1"), verdict, cards, votes_today=14))
    for reveal, name in zip(layout.reveals, ("Sphinx", "Kraken"), strict=True):
        assert name in updates[reveal]
    assert WORDS[f"vote.{verdict.value}"] in updates[layout.view]
    assert WORDS["reveal.today"].format(number=14) in updates[layout.view]
    told = element(updates, layout)
    assert (told["actions"], told["chosen"]) == ("", verdict.value)


def test_a_vote_that_is_tried_again_says_so_and_changes_nothing_else(page: Page) -> None:
    layout, screen = page
    updates = screen.trying_again(WORDS)
    assert updates.keys() == {layout.refusal}
    assert 'class="notice refusal trying"' in updates[layout.refusal]


def test_a_reveal_without_cards_thanks_and_leaves_the_columns_anonymous(page: Page) -> None:
    layout, screen = page
    updates = screen.reveal(
        site_texts(TEXTS, ArenaConfig(), RevealPolicy.NEVER).of("en"),
        Reveal(BattleId("b1"), Verdict.TIE, (), 3),
    )
    assert [updates[reveal] for reveal in layout.reveals] == ["", ""]
    assert WORDS["vote.tie"] in updates[layout.view]
    assert element(updates, layout)["state"] == "voted"


def test_a_new_battle_keeps_what_is_being_written_and_forgets_the_last_one(page: Page) -> None:
    layout, screen = page
    empty = screen.empty(WORDS, EXAMPLES)
    assert layout.prompt not in empty
    assert element(empty, layout)["ask"] == WORDS["battle.prompt_first"]
    assert (empty[layout.category], empty[layout.language]) == ("", "")
    assert empty[layout.shown] == ""
    assert element(empty, layout)["state"] == "empty"
    assert all(empty[answers]["turns"] == [] for answers in layout.answers)
    assert all(empty[reveal] == "" for reveal in layout.reveals)


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
    assert texts_of(screen.frame(WORDS, told)[layout.answers[0]]) == [indented]
