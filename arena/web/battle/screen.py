"""What the battle page shows for a view: values by component, almost all of them plain."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from arena.catalog import Example
from arena.domain.battle import BattleState, BattleView, slot_letter
from arena.domain.errors import ArenaError, Refusal
from arena.services.battle.voting import Reveal
from arena.web.battle.columns import column, empty_column, prompts
from arena.web.battle.layout import BattleLayout
from arena.web.battle.notices import (
    Sentence,
    labels_of,
    labels_of_none,
    notes_of,
    sentence_of,
    view_element,
)
from arena.web.battle.shown_battle import NOTHING, shown_text
from arena.web.common.markup import Words, model_card, refusal, slot_title, welcome
from arena.web.common.site import NO_WORDS, SiteWords
from arena.web.common.texts import refusal_sentence

Updates = dict[Any, Any]
"""New values by component; what is not named stays as it is."""

UNDO = "undo"
"""What a page may do that has left an open battle: go back to it."""
LOOK = "look"
"""What the script does by itself with a battle that another window has voted on: ask about it."""
CLOSED = "closed"
"""The kind of a refusal after which the script asks what has become of the battle."""

_OF_CLOSED = frozenset({Refusal.ALREADY_VOTED, Refusal.BATTLE_CLOSED})


class BattleScreen:
    """Turns views and reveals into values of a layout."""

    def __init__(self, layout: BattleLayout) -> None:
        self._layout = layout

    def titles(self, words: Words) -> Updates:
        """Show the anonymous headings, which never change."""
        letters = map(slot_letter, range(len(self._layout.columns)))
        return {
            title: slot_title(words, letter)
            for title, letter in zip(self._layout.titles, letters, strict=True)
        }

    def empty(
        self,
        words: Words,
        examples: Sequence[Example],
        *,
        site: SiteWords = NO_WORDS,
        skipped: bool = False,
    ) -> Updates:
        """Show the page before a battle, with new examples; the box keeps its text.

        After a battle that was skipped, which is still open, the page offers to go back to it.
        """
        layout = self._layout
        texts = (example.prompt for example in examples)
        return {
            **self._fresh(),
            **self._no_battle(words, skipped=skipped),
            **dict(zip(layout.examples, texts, strict=True)),
            layout.category: "",
            layout.language: "",
            layout.welcome: welcome(words, site),
        }

    def begun(self, words: Words, view: BattleView) -> Updates:
        """Show a turn that has begun, with its prompt above the answers; the box keeps its text."""
        layout = self._layout
        first, *later = (turn.prompt for turn in view.turns)
        return {
            **self._fresh(),
            **self.frame(words, view),
            layout.recognised: view.recognised,
            layout.first_prompt: prompts(words, [first]),
            layout.follow_ups: prompts(words, later),
        }

    def frame(self, words: Words, view: BattleView) -> Updates:
        """State and texts alone: what changes while models answer, and at the end of it.

        Every output has a value: Gradio builds a component anew that is left out.
        """
        layout = self._layout
        return {
            layout.view: _view(words, view, sentence_of(words, view)),
            layout.shown: shown_text(view.shown),
            **{
                answers: column(words, view, position)
                for position, answers in enumerate(layout.answers)
            },
        }

    def no_frame(self, words: Words) -> Updates:
        """Columns and state of a page without a battle."""
        layout = self._layout
        columns = {
            answers: empty_column(words, position)
            for position, answers in enumerate(layout.answers)
        }
        view = view_element("empty", labels=labels_of_none(words))
        return {**columns, layout.view: view, layout.shown: NOTHING}

    def left_elsewhere(self, words: Words) -> Updates:
        """Columns and state of a page whose battle was left in another window."""
        sentence = Sentence(words["notice.left"], words["notice.left_more"])
        view = view_element("empty", sentence=sentence, labels=labels_of_none(words))
        return {**self.no_frame(words), self._layout.view: view}

    def closed_elsewhere(self, words: Words) -> Updates:
        """Show the page before a battle, and that the one it showed was left in another window."""
        layout = self._layout
        return {
            **self._fresh(),
            **self.left_elsewhere(words),
            layout.first_prompt: prompts(words, []),
            layout.follow_ups: prompts(words, []),
        }

    def voted_elsewhere(self, words: Words, view: BattleView, reveal: Reveal) -> Updates:
        """Show all turns and the reveal of a battle that was voted on in another window."""
        verdict = words[f"vote.{reveal.verdict.value}"] if reveal.verdict else ""
        sentence = Sentence(
            words["notice.voted_elsewhere"].format(verdict=verdict),
            words["notice.voted_elsewhere_more"],
            aside=_names(reveal),
        )
        return {**self.begun(words, view), **self.reveal(words, reveal, sentence)}

    def nothing_new(self) -> Updates:
        """Leave all as it stands."""
        return {self._layout.view: gr.skip()}

    def reveal(self, words: Words, reveal: Reveal, sentence: Sentence | None = None) -> Updates:
        """Model cards in place of the anonymous headings; the box asks for the next prompt."""
        layout = self._layout
        cards = (model_card(words, card) for card in reveal.cards)
        return {
            **self._fresh(),
            **dict(zip(layout.reveals, cards, strict=bool(reveal.cards))),
            layout.view: view_element(
                BattleState.VOTED.value,
                sentence=sentence or _saved(words, reveal),
                chosen=reveal.verdict or "",
                labels=labels_of(words, BattleState.VOTED),
            ),
            layout.shown: NOTHING,
        }

    def chosen(self, words: Words, view: BattleView, verdict: str) -> Updates:
        """Mark a verdict that waits for its reasons and the submit button."""
        sentence = Sentence(
            words["vote.chosen"].format(verdict=words[f"vote.{verdict}"]),
            words["vote.chosen_more"],
        )
        element = _view(words, view, sentence, chosen=verdict)
        return {self._layout.view: element, self._layout.verdict: verdict}

    def trying_again(self, words: Words) -> Updates:
        """Say that the vote is not saved yet and is tried again."""
        return {self._layout.refusal: refusal(words["vote.trying_again"], kind="trying")}

    def kept(self) -> Updates:
        """Leave all as it stands, after a vote that was saved when the page had gone on."""
        return {self._layout.refusal: ""}

    def refused(self, words: Words, error: ArenaError) -> Updates:
        """Say why nothing was done, next to where it was asked; all else stays as it is."""
        kind = CLOSED if error.refusal in _OF_CLOSED else "final"
        return {self._layout.refusal: refusal(refusal_sentence(words, error), kind=kind)}

    def _no_battle(self, words: Words, *, skipped: bool) -> Updates:
        layout = self._layout
        nothing = {
            **self.no_frame(words),
            layout.first_prompt: prompts(words, []),
            layout.follow_ups: prompts(words, []),
        }
        if not skipped:
            return nothing
        sentence = Sentence(words["notice.skipped"], words["notice.skipped_more"])
        labels = labels_of_none(words, skipped=True)
        view = view_element("empty", actions=[UNDO], sentence=sentence, labels=labels)
        return nothing | {layout.view: view}

    def _fresh(self) -> Updates:
        """Clear refusals, reveals, reasons, the chosen verdict and the check box."""
        layout = self._layout
        return {
            **dict.fromkeys(layout.reveals, ""),
            **{key: [] for key in layout.reasons},
            layout.refusal: "",
            layout.comment: "",
            layout.verdict: "",
            layout.recognised: False,
        }


def _view(words: Words, view: BattleView, sentence: Sentence, *, chosen: str = "") -> str:
    actions = sorted(action.value for action in view.actions)
    if view.state is BattleState.VOTED:
        actions = [LOOK]
    return view_element(
        view.state.value,
        actions=actions,
        sentence=sentence,
        notes=notes_of(words, view),
        chosen=chosen,
        labels=labels_of(words, view.state, turns=len(view.turns)),
    )


def _saved(words: Words, reveal: Reveal) -> Sentence:
    """Return what was saved; names for those who hear the page, who see them in the headings."""
    verdict = words[f"vote.{reveal.verdict.value}"] if reveal.verdict else ""
    return Sentence(
        words["reveal.saved"].format(verdict=verdict),
        words["reveal.today"].format(number=reveal.votes_today),
        aside=_names(reveal),
    )


def _names(reveal: Reveal) -> str:
    return " · ".join(f"{card.slot}: {card.name}" for card in reveal.cards)
