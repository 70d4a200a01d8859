"""What a board says beyond its counts: honest intervals, ratings, agreement, and sides.

Minutes of votes make it in milliseconds; two million votes take seconds and 400 MB.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from arena.services.comparisons import comparisons_of
from arena.services.leaderboard import Board, board_of
from arena.statistics.agreement import (
    Agreement,
    PairwiseAgreement,
    agreement_of,
    judged_items,
    pair_agreement_of,
)
from arena.statistics.clustered_rates import ClusteredRates, clustered_rates
from arena.statistics.comparisons import Comparisons
from arena.statistics.ratings import Ratings, rate_models
from arena.statistics.side_bias import AdjustedSide, adjusted_side_bias
from arena.statistics.win_rate import Pair
from arena.storage.boards import BoardFilter
from arena.storage.database import Connection, Database

SEED = 0
"""The same votes give the same document: bootstrap and simulated quantiles start from here."""


@dataclass(frozen=True, slots=True)
class BoardDetails:
    """The statistics of one board, from the comparisons that it counts.

    `pair_agreement` has both orders of every pair of models that two annotators judged on the
    same prompt.
    """

    rates: ClusteredRates
    ratings: Ratings
    agreement: Agreement
    pair_agreement: Mapping[Pair, PairwiseAgreement]
    adjusted_side: AdjustedSide


class DetailedBoard(NamedTuple):
    """A board and its statistics, both of one snapshot of the votes."""

    board: Board
    details: BoardDetails


def detailed_board(database: Database, chosen: BoardFilter) -> DetailedBoard:
    """Read and compute in this process."""
    with database.reading() as connection:
        return detailed_board_of(connection, chosen)


def detailed_board_of(connection: Connection, chosen: BoardFilter) -> DetailedBoard:
    """The same of the snapshot that a connection sees."""
    return DetailedBoard(board_of(connection, chosen), details_of(connection, chosen))


def details_of(connection: Connection, chosen: BoardFilter) -> BoardDetails:
    """Read the comparisons that the filter chooses and compute everything."""
    return details(comparisons_of(connection, chosen))


def details(comparisons: Comparisons) -> BoardDetails:
    """Compute everything."""
    rates = clustered_rates(comparisons)
    ratings = rate_models(comparisons, random=np.random.default_rng(SEED))
    side = adjusted_side_bias(comparisons)
    # Last: what it imports and holds would stand beside what the others need for a moment.
    judged = judged_items(comparisons)
    return BoardDetails(
        rates=rates,
        ratings=ratings,
        agreement=agreement_of(judged, rng=np.random.default_rng(SEED)),
        pair_agreement=pair_agreement_of(judged),
        adjusted_side=side,
    )
