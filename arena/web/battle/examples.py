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
    """Return one example of each category, and more as far as there is room.

    Within a category those in the reader's languages are taken first, and they lead on the page.
    How many there are depends on the examples alone.
    """
    languages = accepted.sorted(
        dict.fromkeys(example.language for example in examples), default=DEFAULT_LANGUAGE
    )
    shuffled = random.sample(examples, len(examples))
    wanted = sorted(shuffled, key=lambda example: languages.index(example.language))
    first, others = [], []
    for category in dict.fromkeys(example.category for example in examples):
        leading, *more = (example for example in wanted if example.category == category)
        first.append(leading)
        others += more
    others.sort(key=wanted.index)
    chosen = first + others[: max(0, MOST_EXAMPLES - len(first))]
    return tuple(sorted(chosen, key=lambda example: languages.index(example.language)))
