"""Which example prompts an empty page offers."""

from collections.abc import Sequence
from random import Random

from arena.catalog import Example
from arena.domain.localized import DEFAULT_LANGUAGE
from arena.web.common.accept_language import AcceptedLanguages

MOST_EXAMPLES = 6
"""How many are offered, unless there are more categories."""


def choose_examples(
    examples: Sequence[Example], accepted: AcceptedLanguages, random: Random
) -> tuple[Example, ...]:
    """Return what a reader is offered: own language first, others only as far as there is room.

    Within a language the categories that nothing stands for yet come first. How many there are
    depends on the examples alone.
    """
    languages = accepted.sorted(
        dict.fromkeys(example.language for example in examples), default=DEFAULT_LANGUAGE
    )
    shuffled = random.sample(examples, len(examples))
    categories = dict.fromkeys(example.category for example in examples)
    chosen: list[Example] = []
    for language in languages:
        own = [example for example in shuffled if example.language == language]
        by_category = {example.category: example for example in own}
        covered = {example.category for example in chosen}
        leading = [by_category[one] for one in categories if one in by_category.keys() - covered]
        chosen += leading + [example for example in own if example not in leading]
    return tuple(chosen[: max(MOST_EXAMPLES, len(categories))])
