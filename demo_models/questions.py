"""Held-out questions: single ones by family, follow-ups, and ends of long conversations."""

import random
from dataclasses import dataclass

from demo_models.exchange import Exchange, Family, Split
from demo_models.families.dialogue import DIALOGUES
from demo_models.families_by_category import CATEGORIES
from demo_models.sampling import (
    Message,
    NothingDrawnError,
    any_exchange,
    draw_dialogue,
    draw_from,
)

DRAWS_PER_QUESTION = 6
LONG_CHARACTERS = 1200
"""About 500 tokens: more than a window of 256."""


@dataclass(frozen=True)
class Question:
    """The last exchange is the one that is scored; `earlier` ones stand before it."""

    category: str
    family: str
    exchange: Exchange
    earlier: tuple[Exchange, ...] = ()

    def messages(self) -> list[Message]:
        messages = []
        for exchange in self.earlier:
            messages += [Message("user", exchange.prompt), Message("assistant", exchange.reply)]
        return [*messages, Message("user", self.exchange.prompt)]


def single_questions(*, seed: int, per_family: int) -> list[Question]:
    """Up to `per_family` different held-out questions of every family that can hold some out."""
    rng = random.Random(seed)
    return [
        Question(category.name, family.__name__, exchange)
        for category in CATEGORIES
        for family, _ in category.families
        for exchange in _different(family, rng=rng, count=per_family)
    ]


def _different(family: Family, *, rng: random.Random, count: int) -> list[Exchange]:
    found: dict[str, Exchange] = {}
    for _ in range(count * DRAWS_PER_QUESTION):
        try:
            exchange = draw_from(family, rng=rng, split=Split.TEST)
        except NothingDrawnError:
            return []
        found.setdefault(exchange.prompt, exchange)
        if len(found) == count:
            break
    return list(found.values())


def follow_ups(*, seed: int, count: int) -> list[Question]:
    """Two turns, the second of which only makes sense after the first."""
    rng = random.Random(seed)
    questions = []
    for number in range(count):
        dialogue = DIALOGUES[number % len(DIALOGUES)]
        first, second = draw_dialogue(dialogue, rng=rng, split=Split.TEST)
        questions.append(Question("follow-up", dialogue.__name__, second, (first,)))
    return questions


def long_conversations(*, seed: int, count: int) -> list[Question]:
    """Conversations of at least three turns that are longer than the short training windows."""
    rng = random.Random(seed)
    return [
        Question("long conversation", "any", any_exchange(rng, Split.TEST), _long_context(rng))
        for _ in range(count)
    ]


def _long_context(rng: random.Random) -> tuple[Exchange, ...]:
    earlier: list[Exchange] = []
    while sum(len(turn.prompt) + len(turn.reply) for turn in earlier) < LONG_CHARACTERS:
        earlier.append(any_exchange(rng, Split.TEST))
    return tuple(earlier)
