"""The votes between two models, from the side of one of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from arena.statistics.comparisons import Comparisons, Numbers, pair_numbers
from arena.statistics.outcomes import SCORE
from arena.statistics.win_rate import Pair


@dataclass(frozen=True, slots=True, eq=False)
class PairVotes:
    """n votes on one pair as columns of length n, in the order of the comparisons.

    `score` is 1 for a win of `pair.model`, -1 for a loss, 0 for a tie or both bad. `position` is
    the row in the comparisons; `annotator` and `prompt` are the numbers used there.
    """

    pair: Pair
    position: Numbers
    score: Numbers
    annotator: Numbers
    prompt: Numbers

    def __len__(self) -> int:
        """Return the number of votes, ties included."""
        return len(self.score)

    @property
    def wins(self) -> int:
        """Votes for `pair.model`."""
        return int((self.score > 0).sum())

    @property
    def losses(self) -> int:
        """Votes for `pair.opponent`."""
        return int((self.score < 0).sum())


def votes_of_pairs(comparisons: Comparisons) -> Iterator[PairVotes]:
    """Yield the votes of every pair that met, from the side of the model that is named first.

    Sorts once: going through all comparisons for each pair would take minutes on large boards.
    """
    size, models = len(comparisons.models), comparisons.models
    pair = pair_numbers(comparisons)
    order = np.argsort(pair, kind="stable")
    starts = np.flatnonzero(np.diff(pair[order], prepend=-1))
    score = SCORE[comparisons.outcome]
    score = np.where(comparisons.a < comparisons.b, score, -score)
    for position in np.split(order, starts)[1:]:
        number = int(pair[position[0]])
        yield PairVotes(
            Pair(models[number // size], models[number % size]),
            position,
            score[position],
            comparisons.annotator[position],
            comparisons.prompt[position],
        )
