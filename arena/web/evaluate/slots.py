"""The replies of an item as a page shows them, by slot."""

import json
from dataclasses import dataclass

from markupsafe import Markup

from arena.domain.battle import slot_letter
from arena.domain.evaluation import ItemView
from arena.web.common.markup import Words
from arena.web.evaluate.parts import RendersAnswers


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """A reply: its blocks of HTML, and the exact text in JSON for the copy button."""

    blocks: tuple[Markup, ...]
    source: str


@dataclass(frozen=True, slots=True)
class SlotPart:
    """The replies of one slot in the order of turns; `id` stands in names of elements."""

    position: int
    letter: str
    id: str
    title: str
    label: str
    copy: str
    answers: tuple[AnswerPart, ...]

    @staticmethod
    def letter_of(position: int) -> str:
        """Return the letter of a slot."""
        return slot_letter(position)


def slot_parts(texts: Words, item: ItemView, render: RendersAnswers) -> tuple[SlotPart, ...]:
    """Return what the page shows of each slot."""
    return tuple(
        _slot(
            texts,
            position,
            tuple(
                AnswerPart(
                    tuple(render(turn.replies[position])), json.dumps(turn.replies[position])
                )
                for turn in item.battle.turns
            ),
        )
        for position in range(item.battle.slots)
    )


def _slot(texts: Words, position: int, answers: tuple[AnswerPart, ...]) -> SlotPart:
    letter = slot_letter(position)
    return SlotPart(
        position=position,
        letter=letter,
        id=letter.lower(),
        title=texts["evaluate.answer"].format(letter=letter),
        label=texts["battle.answer"].format(letter=letter),
        copy=texts["copy.answer"].format(letter=letter),
        answers=answers,
    )
