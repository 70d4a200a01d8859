"""The nouns of the generator: one question with its answer, and the draw that produced it."""

import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")

HELD_OUT_PERCENT = 10


class Split(StrEnum):
    TRAIN = "train"
    TEST = "test"


class WrongSplitError(Exception):
    """The drawn combination belongs to the other split; draw again."""


@dataclass(frozen=True)
class Check:
    """What a free-form answer has to satisfy; an exchange without one wants its exact reply."""

    lines: int
    mentions: tuple[str, ...] = ()
    opening: str = ""
    choices: tuple[str, ...] = ()

    def accepts(self, answer: str) -> bool:
        found = answer.strip().split("\n")
        mentioned = all(word.lower() in answer.lower() for word in self.mentions)
        return (
            len(found) == self.lines
            and mentioned
            and self._chosen(found)
            and answer.strip().startswith(self.opening)
        )

    def _chosen(self, found: list[str]) -> bool:
        """Whether a numbered list only holds known items, each once."""
        if not self.choices:
            return True
        items = [line.split(". ", 1)[-1] for line in found]
        return len(set(items)) == len(items) and all(item in self.choices for item in items)


@dataclass(frozen=True)
class Exchange:
    prompt: str
    reply: str
    check: Check | None = None

    def accepts(self, answer: str) -> bool:
        if self.check is not None:
            return self.check.accepts(answer)
        return answer.strip() == self.reply.strip()


@dataclass(frozen=True)
class Draw:
    """Source of randomness of one exchange, restricted to the combinations of one split."""

    rng: random.Random
    split: Split

    def pick(self, items: Sequence[T]) -> T:
        return self.rng.choice(items)

    def index(self, items: Sequence[object]) -> int:
        return self.rng.randrange(len(items))

    def pair(self, items: Sequence[T]) -> tuple[T, T]:
        """Two different items."""
        first, second = self.rng.sample(items, 2)
        return first, second

    def between(self, low: int, high: int) -> int:
        """Draw an integer from `low` to `high`, both included."""
        return self.rng.randint(low, high)

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def claim(self, *combination: object) -> None:
        """Goes on only if this combination belongs to the split being drawn."""
        if belongs_to(combination) is not self.split:
            raise WrongSplitError

    def claim_for_training(self) -> None:
        """For fixed sentences, of which nothing can be held out."""
        if self.split is not Split.TRAIN:
            raise WrongSplitError


Family = Callable[[Draw], Exchange]


def belongs_to(combination: Sequence[object]) -> Split:
    """Return the split of a combination of values, by a hash that no machine changes."""
    key = "|".join(str(part) for part in combination)
    held_out = zlib.crc32(key.encode()) % 100 < HELD_OUT_PERCENT
    return Split.TEST if held_out else Split.TRAIN


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def with_article(word: str) -> str:
    sounds_like_a_vowel = word[0] in "aeiou" and not word.startswith("uni")
    return f"an {word}" if sounds_like_a_vowel else f"a {word}"
