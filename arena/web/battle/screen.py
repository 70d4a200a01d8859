"""What the battle page shows for a view: values by component, almost all of them plain."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import gradio as gr

from arena.catalog import Example
from arena.domain.battle import BattleState, BattleView, TurnView, slot_letter
from arena.domain.errors import ArenaError
from arena.services.battle.voting import Reveal
from arena.web.battle.layout import BattleLayout
from arena.web.battle.shown_battle import NOTHING, shown_text
from arena.web.battle.verbatim import too_much_to_format, verbatim
from arena.web.common.markup import (
    Words,
    model_card,
    refusal,
    slot_title,
    view_element,
    welcome,
)
from arena.web.common.texts import refusal_sentence

Updates = dict[Any, Any]
"""New values by component; what is not named stays as it is."""

Message = dict[str, Any]
"""A message of a chat, as the browser gets it."""

_SENTENCES: Mapping[BattleState, str] = {
    BattleState.GENERATING: "notice.generating",
    BattleState.COMPLETE: "notice.complete",
}
"""Sentences of states for which the view has no notice of its own."""


class BattleScreen:
    """Turns views and reveals into values of a layout."""

    def __init__(self, layout: BattleLayout, i18n: gr.I18n) -> None:
        self._layout = layout
        self._i18n = i18n

    def titles(self, words: Words) -> Updates:
        """Show the anonymous headings, which never change."""
        letters = map(slot_letter, range(len(self._layout.columns)))
        return {
            title: slot_title(words, letter)
            for title, letter in zip(self._layout.titles, letters, strict=True)
        }

    def empty(self, words: Words, examples: Sequence[Example]) -> Updates:
        """Show the page before a battle, with new examples; the box keeps its text."""
        layout = self._layout
        texts = (example.prompt for example in examples)
        return {
            **self._fresh(),
            **self.no_frame(),
            **dict(zip(layout.examples, texts, strict=True)),
            layout.recognised: False,
            layout.category: "",
            layout.language: "",
            layout.welcome: welcome(words),
            layout.prompt: gr.update(placeholder=self._i18n("battle.prompt_first")),
        }

    def begun(self, words: Words, view: BattleView) -> Updates:
        """Show that a turn has begun: the prompt has moved into the columns."""
        layout = self._layout
        return {
            **self._fresh(),
            **self.frame(words, view),
            layout.prompt: gr.update(value="", placeholder=self._i18n("battle.prompt_next")),
        }

    def frame(self, words: Words, view: BattleView) -> Updates:
        """State and texts alone: what changes while models answer, and at the end of it.

        Every output has a value: Gradio builds a component anew that is left out.
        """
        layout = self._layout
        key = f"notice.{view.notice.value}" if view.notice else _SENTENCES.get(view.state, "")
        element = view_element(
            view.state.value,
            actions=(action.value for action in view.actions),
            text=words[key] if key else "",
        )
        chats = (list(_messages(view.turns, position)) for position in range(len(layout.columns)))
        return {
            layout.view: element,
            layout.shown: shown_text(view.shown),
            **dict(zip(layout.chats, chats, strict=True)),
        }

    def no_frame(self) -> Updates:
        """Columns and state of a page without a battle."""
        layout = self._layout
        chats: Updates = {chat: [] for chat in layout.chats}
        return chats | {layout.view: view_element("empty"), layout.shown: NOTHING}

    def settled(self, view: BattleView) -> Updates:
        """Put the prompt of a void battle back into the box."""
        if view.state is not BattleState.VOID:
            return {self._layout.prompt: gr.skip()}
        return {self._layout.prompt: view.turns[-1].prompt}

    def reveal(self, words: Words, reveal: Reveal) -> Updates:
        """Model cards in place of the anonymous headings."""
        layout = self._layout
        verdict = words[f"vote.{reveal.verdict.value}"] if reveal.verdict else ""
        cards = (model_card(words, card) for card in reveal.cards)
        names = " · ".join(f"{card.slot}: {card.name}" for card in reveal.cards)
        thanks = words["reveal.thanks"].format(verdict=verdict, names=names)
        return {
            **self._fresh(),
            **dict(zip(layout.reveals, cards, strict=bool(reveal.cards))),
            layout.view: view_element(BattleState.VOTED.value, text=thanks),
            layout.shown: NOTHING,
        }

    def chosen(self, words: Words, view: BattleView, verdict: str) -> Updates:
        """Mark a verdict that waits for its reasons and the submit button."""
        element = view_element(
            view.state.value,
            actions=(action.value for action in view.actions),
            text=words["vote.chosen"].format(verdict=words[f"vote.{verdict}"]),
            chosen=verdict,
        )
        return {self._layout.view: element, self._layout.verdict: verdict}

    def refused(self, words: Words, error: ArenaError) -> Updates:
        """Say why nothing was done, next to where it was asked; all else stays as it is."""
        return {self._layout.refusal: refusal(refusal_sentence(words, error))}

    def _fresh(self) -> Updates:
        """Clear refusals, reveals, reasons and the chosen verdict."""
        layout = self._layout
        return {
            **dict.fromkeys(layout.reveals, ""),
            **{key: [] for key in layout.reasons},
            layout.refusal: "",
            layout.comment: "",
            layout.verdict: "",
        }


def _messages(turns: Sequence[TurnView], position: int) -> Iterator[Message]:
    """Return the messages of a column; all replies of a turn are formatted, or none is."""
    for turn in turns:
        shown = verbatim if any(map(too_much_to_format, turn.replies)) else str
        yield _message(
            "user", verbatim(turn.prompt) if too_much_to_format(turn.prompt) else turn.prompt
        )
        if turn.replies[position]:
            yield _message("assistant", shown(turn.replies[position]))


def _message(role: str, text: str) -> Message:
    """Return a message as Gradio's Chatbot sends it to the browser (tested against its own)."""
    content = [{"text": text, "type": "text"}]
    return {"role": role, "metadata": None, "content": content, "options": None}
