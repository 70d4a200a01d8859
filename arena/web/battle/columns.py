"""What the page's script draws: the answers of a column, and the prompts over both.

A column is sent as its blocks, so that a frame carries those that changed, and the script leaves
the others as they stand. Each text goes along as it is, for the copy button.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from arena.domain.battle import BattleState, BattleView, slot_letter
from arena.web.common.markup import Words
from arena.web.rendering.answer import render_answer
from arena.web.rendering.prompt import render_prompt

Value = dict[str, Any]
"""The value of a component that the script draws."""

_KEPT = 512
"""Finished answers whose blocks are kept: earlier turns are sent again with every frame."""


def column(words: Words, view: BattleView, position: int) -> Value:
    """Return the answers of one slot, a part per turn."""
    last = len(view.turns) - 1
    grows = view.state is BattleState.GENERATING
    return _column(words, position) | {
        "turns": [
            _answer(turn.replies[position], grows=grows and number == last)
            for number, turn in enumerate(view.turns)
        ]
    }


def empty_column(words: Words, position: int) -> Value:
    """Return a column without an answer."""
    return _column(words, position) | {"turns": []}


def prompts(words: Words, texts: Sequence[str]) -> Value:
    """Return prompts as they were typed, each a bar over both columns."""
    return {
        "label": words["battle.prompt_label"],
        "copy": words["copy.prompt"],
        "copied": words["copy.done"],
        "prompts": [{"text": text, "html": render_prompt(text)} for text in texts],
    }


def _column(words: Words, position: int) -> Value:
    letter = slot_letter(position)
    return {
        "label": words["battle.answer"].format(letter=letter),
        "copy": words["copy.answer"].format(letter=letter),
        "copy_code": words["copy.code"],
        "copied": words["copy.done"],
        "told": words["copy.answer_done"].format(letter=letter),
    }


def _answer(text: str, *, grows: bool) -> Value:
    blocks = render_answer(text, ended=False) if grows and text else _finished(text)
    return {"text": text, "blocks": list(blocks), "grows": grows}


@lru_cache(maxsize=_KEPT)
def _finished(text: str) -> tuple[Markup, ...]:
    return render_answer(text, ended=True)
