"""A board with clustered intervals, ratings, agreement and sides.

Small boards take milliseconds; two million votes take seconds and 400 MB.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from arena.domain.board import BoardFilter
from arena.services.board.leaderboard import Board
from arena.services.board.reading import read_board, with_answers
from arena.statistics.agreement import (
    Agreement,
    PairwiseAgreement,
    agreement_of,
    judged_items,
    pair_agreement_of,
)
from arena.statistics.clustered_rates import ClusteredRates, clustered_rates
from arena.statistics.comparisons import Comparisons
from arena.statistics.ratings import Ratings, rate_models, sides_of_models
from arena.statistics.side_bias import AdjustedSide, adjusted_side_bias
from arena.statistics.suspicious_addresses import cap_rates
from arena.statistics.win_rate import Pair
from arena.storage.database import Connection, Database

SEED = 0
"""The same votes give the same document: simulated quantiles start from here."""


@dataclass(frozen=True, slots=True)
class RatedBoard:
    """A board with the intervals of its rates and its ratings, all of one snapshot."""

    board: Board
    rates: ClusteredRates
    ratings: Ratings


@dataclass(frozen=True, slots=True)
class DetailedBoard(RatedBoard):
    """The same with what takes as long again and says more of annotators than of models.

    `pair_agreement` has both orders of every pair of models of which two annotators judged the
    same item.
    """

    agreement: Agreement
    pair_agreement: Mapping[Pair, PairwiseAgreement]
    adjusted_side: AdjustedSide


def detailed_board(database: Database, board_filter: BoardFilter) -> DetailedBoard:
    """Read and compute everything in this process."""
    with database.reading() as connection:
        board, comparisons = read_board(connection, board_filter)
        judged = with_answers(comparisons, connection, board_filter)
    return _detailed(_rated(board, comparisons), judged)


def boards_in_turn(connection: Connection, board_filter: BoardFilter) -> Iterator[RatedBoard]:
    """Yield the board of a connection's snapshot: rated, and then a `DetailedBoard`."""
    board, comparisons = read_board(connection, board_filter)
    rated = _rated(board, comparisons)
    yield rated
    yield _detailed(rated, with_answers(comparisons, connection, board_filter))


def _rated(board: Board, comparisons: Comparisons) -> RatedBoard:
    found = clustered_rates(comparisons)
    rates = cap_rates(found) if board.counts_suspects else found
    random, sides = np.random.default_rng(SEED), sides_of_models(rates.pooled)
    return RatedBoard(board, rates, rate_models(comparisons, random=random, sides=sides))


def _detailed(rated: RatedBoard, comparisons: Comparisons) -> DetailedBoard:
    side = adjusted_side_bias(comparisons)
    # Last: what it holds would stand beside what the other needs for a moment.
    judged = judged_items(comparisons)
    return DetailedBoard(
        board=rated.board,
        rates=rated.rates,
        ratings=rated.ratings,
        agreement=agreement_of(judged),
        pair_agreement=pair_agreement_of(judged),
        adjusted_side=side,
    )
