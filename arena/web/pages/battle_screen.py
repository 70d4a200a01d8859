"""What the battle page shows for a view: one table from state to components."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from arena.domain.battle import Action, BattleState, BattleView, TurnView
from arena.services.voting import Reveal
from arena.web.pages.battle_layout import BattleLayout, Example
from arena.web.widgets.markup import Words, model_card, notice, refusal, slot_title, welcome

Updates = dict[Any, Any]
"""New properties by component; what is not named stays as it is."""


@dataclass(frozen=True, slots=True)
class _Mode:
    """How the controls stand in one state of the page."""

    notice: str = ""
    arena: bool = True
    votes: bool = True
    composer: bool = True
    stop: bool = False
    retry: bool = False
    new_battle: bool = True
    new_is_next: bool = False


_EMPTY = _Mode(arena=False, votes=False, new_battle=False)
_REVEALED = _Mode(votes=False, composer=False, new_is_next=True)
_MODES: Mapping[BattleState, _Mode] = {
    BattleState.GENERATING: _Mode(
        notice="notice.generating", composer=False, stop=True, new_battle=False
    ),
    BattleState.COMPLETE: _Mode(notice="notice.complete"),
    BattleState.STOPPED: _Mode(notice="notice.stopped", votes=False, composer=False, retry=True),
    BattleState.VOID: _Mode(notice="notice.void", votes=False, retry=True),
    BattleState.ABANDONED: _EMPTY,
    BattleState.VOTED: _REVEALED,
}


class BattleScreen:
    """Turns views and reveals into updates of a layout."""

    def __init__(self, layout: BattleLayout, i18n: gr.I18n) -> None:
        self._layout = layout
        self._i18n = i18n

    def empty(self, words: Words, examples: Sequence[Example]) -> Updates:
        """The page before a battle, with a fresh choice of examples."""
        layout = self._layout
        return {
            **self._controls(_EMPTY, frozenset()),
            layout.battle_id: None,
            layout.verdict: None,
            layout.welcome: gr.update(value=welcome(words), visible=True),
            layout.examples: gr.update(visible=bool(examples)),
            **{
                button: example.prompt
                for button, example in zip(layout.example_buttons, examples, strict=True)
            },
            layout.options: gr.update(visible=True),
            layout.notice: "",
            layout.prompt: gr.update(placeholder=self._i18n("battle.prompt_first")),
            **{column.chat: [] for column in layout.columns},
        }

    def cleared(self, words: Words, examples: Sequence[Example]) -> Updates:
        """The same with nothing left in the box."""
        prompt = gr.update(value="", placeholder=self._i18n("battle.prompt_first"))
        return self.empty(words, examples) | {self._layout.prompt: prompt}

    def battle(self, words: Words, view: BattleView) -> Updates:
        """The whole page for a view: columns, notice and controls."""
        layout = self._layout
        mode = _MODES[view.state]
        key = f"notice.{view.notice.value}" if view.notice else mode.notice
        updates: Updates = {
            **self._controls(mode, view.actions),
            **self.texts(view),
            layout.battle_id: str(view.battle_id),
            layout.welcome: gr.update(visible=False),
            layout.examples: gr.update(visible=False),
            layout.options: gr.update(visible=view.state is BattleState.VOID),
            layout.notice: notice(words[key] if key else "", view.state.value),
            layout.verdict: None,
        }
        for letter, column in zip("ABCDEFGH", layout.columns, strict=False):
            updates[column.title] = gr.update(value=slot_title(words, letter), visible=True)
            updates[column.reveal] = gr.update(visible=False)
        if view.state is BattleState.COMPLETE:
            updates[layout.prompt] = gr.update(
                value="", placeholder=self._i18n("battle.prompt_next")
            )
        return updates

    def texts(self, view: BattleView) -> Updates:
        """The columns alone: what a frame changes."""
        return {
            column.chat: [message for turn in view.turns for message in _messages(turn, position)]
            for position, column in enumerate(self._layout.columns)
        }

    def reveal(self, words: Words, reveal: Reveal) -> Updates:
        """Model cards in place of the anonymous titles."""
        layout = self._layout
        updates = self._controls(_REVEALED, frozenset())
        verdict = words[f"vote.{reveal.verdict.value}"] if reveal.verdict else ""
        updates[layout.notice] = notice(words["reveal.thanks"].format(verdict=verdict), "voted")
        updates[layout.options] = gr.update(visible=False)
        for card, column in zip(reveal.cards, layout.columns, strict=True):
            updates[column.title] = gr.update(visible=False)
            updates[column.reveal] = gr.update(value=model_card(words, card), visible=True)
        return updates

    def refused(self, sentence: str) -> Updates:
        """Say why nothing was done, next to where it was asked; all else stays as it is."""
        return {self._layout.refusal: gr.update(value=refusal(sentence), visible=True)}

    def choose(self, chosen: str) -> Updates:
        """Mark a verdict that waits for its reasons and the submit button."""
        layout = self._layout
        updates: Updates = {
            button: gr.update(variant="primary" if verdict.value == chosen else "secondary")
            for verdict, button in layout.vote_buttons.items()
        }
        return updates | {layout.verdict: chosen, layout.reasons_panel: gr.update(visible=True)}

    def _controls(self, mode: _Mode, actions: frozenset[Action]) -> Updates:
        layout = self._layout
        may_vote = Action.VOTE in actions
        updates: Updates = {
            layout.refusal: gr.update(visible=False),
            layout.arena: gr.update(visible=mode.arena),
            layout.votes: gr.update(visible=mode.votes),
            layout.recognised: gr.update(value=False, interactive=may_vote),
            layout.reasons_panel: gr.update(visible=False),
            layout.comment: "",
            layout.composer: gr.update(visible=mode.composer),
            layout.send: gr.update(interactive=True),
            layout.stop: gr.update(visible=mode.stop),
            layout.retry: gr.update(visible=mode.retry),
            layout.continue_cut: gr.update(visible=Action.CONTINUE in actions),
            layout.new_battle: gr.update(
                visible=mode.new_battle, variant="primary" if mode.new_is_next else "secondary"
            ),
        }
        for button in layout.vote_buttons.values():
            updates[button] = gr.update(interactive=may_vote, variant="secondary")
        return updates | {group: [] for group in layout.reasons}


def _messages(turn: TurnView, position: int) -> list[dict[str, str]]:
    asked = {"role": "user", "content": turn.prompt}
    text = turn.replies[position]
    return [asked, {"role": "assistant", "content": text}] if text else [asked]
