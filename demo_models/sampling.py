"""Draws exchanges of one split and puts them together into conversations."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from demo_models.exchange import Draw, Exchange, Family, Split, WrongSplitError
from demo_models.families.dialogue import DIALOGUES, Dialogue
from demo_models.families_by_category import CATEGORIES, Category
from demo_models.tables import Table

ATTEMPTS = 2000
LOWER_CASE_SHARE = 0.06
SYSTEM_PROMPT_SHARE = 0.08
FOLLOW_UP_SHARE = 0.05
TURNS = (1, 2, 3, 5, 8, 14)
TURN_WEIGHTS = (0.68, 0.14, 0.10, 0.04, 0.025, 0.015)

SYSTEM_PROMPTS = Table.read("conversation").words("system_prompts")


class NothingDrawnError(Exception):
    """A family yields nothing in this split."""


@dataclass(frozen=True)
class Message:
    role: str
    content: str


def draw_from(family: Family, *, rng: random.Random, split: Split) -> Exchange:
    """One exchange of a family; raises `NothingDrawnError` if it holds nothing in this split."""
    draw = Draw(rng=rng, split=split)
    for _ in range(ATTEMPTS):
        try:
            return family(draw)
        except WrongSplitError:
            continue
    raise NothingDrawnError(f"{family.__name__} yields nothing for {split}")


def draw_dialogue(
    dialogue: Dialogue, *, rng: random.Random, split: Split
) -> tuple[Exchange, Exchange]:
    """One dialogue, both turns of which belong to the split."""
    draw = Draw(rng=rng, split=split)
    while True:
        try:
            return dialogue(draw)
        except WrongSplitError:
            continue


def any_exchange(rng: random.Random, split: Split) -> Exchange:
    """One exchange of any family that the split has, by the weights of the catalog."""
    draw = Draw(rng=rng, split=split)
    while True:
        family = _any_family(rng, _any_category(rng))
        try:
            exchange = family(draw)
        except WrongSplitError:
            continue
        return _sometimes_lowered(rng, exchange)


def conversation(rng: random.Random, split: Split) -> list[Message]:
    """Draw a conversation of one to sixteen turns, sometimes with a system message first."""
    messages = []
    if rng.random() < SYSTEM_PROMPT_SHARE:
        messages.append(Message("system", rng.choice(SYSTEM_PROMPTS)))
    for exchange in _turns(rng, split):
        messages += [Message("user", exchange.prompt), Message("assistant", exchange.reply)]
    return messages


def conversations(seed: int, split: Split) -> Iterator[list[Message]]:
    """Yield the endless stream of conversations of a seed."""
    rng = random.Random(seed)
    while True:
        yield conversation(rng, split)


def _turns(rng: random.Random, split: Split) -> list[Exchange]:
    count = rng.choices(TURNS, TURN_WEIGHTS)[0]
    exchanges = [any_exchange(rng, split) for _ in range(count)]
    if rng.random() < FOLLOW_UP_SHARE:
        exchanges += draw_dialogue(rng.choice(DIALOGUES), rng=rng, split=split)
    return exchanges


def _any_category(rng: random.Random) -> Category:
    return rng.choices(CATEGORIES, [category.weight for category in CATEGORIES])[0]


def _any_family(rng: random.Random, category: Category) -> Family:
    families = [family for family, _ in category.families]
    return rng.choices(families, [weight for _, weight in category.families])[0]


def _sometimes_lowered(rng: random.Random, exchange: Exchange) -> Exchange:
    """People often type without the capital."""
    if rng.random() >= LOWER_CASE_SHARE:
        return exchange
    return replace(exchange, prompt=exchange.prompt[0].lower() + exchange.prompt[1:])
