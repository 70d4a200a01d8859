"""What a board says beyond its counts: honest intervals, ratings, agreement, and sides.

Minutes of votes make it in milliseconds; two million votes take seconds and 400 MB.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from arena.domain.conversation import ModelKey
from arena.services.comparisons import comparisons_of
from arena.services.leaderboard import Board, board_of
from arena.statistics.agreement import (
    Agreement,
    PairwiseAgreement,
    agreement_of,
    judged_items,
    pair_agreement_of,
)
from arena.statistics.clustered_rates import ClusteredRate, ClusteredRates, clustered_rates
from arena.statistics.comparisons import Comparisons
from arena.statistics.ratings import Rating, Ratings, rate_models
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
    random = np.random.default_rng(SEED)
    rates = clustered_rates(comparisons)
    ratings = rate_models(comparisons, random=random)
    side = adjusted_side_bias(comparisons)
    # Last: what it imports and holds would stand beside what the others need for a moment.
    judged = judged_items(comparisons)
    return BoardDetails(
        rates=rates,
        ratings=ratings,
        agreement=agreement_of(judged, rng=random),
        pair_agreement=pair_agreement_of(judged),
        adjusted_side=side,
    )


def board_document(
    board: Board, details: BoardDetails, *, baseline: ModelKey | None = None
) -> dict[str, Any]:
    """The board under the names of `arena leaderboard --json`, shares from 0 to 1.

    With a baseline `pairs` holds its pairs alone; all else speaks of the whole board.
    """
    pairs = board.pairs if baseline is None else board.pairs_of(baseline)
    side = board.side.interval
    return {
        "votes": board.votes,
        "models": list(board.names),
        "pairs": [
            _pair(pair, details.rates.pairs[pair])
            for pair in (Pair(one.model, one.opponent) for one in pairs)
        ],
        "ratings": [_rating(rating) for rating in details.ratings.ratings],
        "agreement": _agreement(details.agreement),
        "side_bias": {
            "share": board.side.share,
            "low": side.low if side else None,
            "high": side.high if side else None,
            "decisive": board.side.decisive,
            "adjusted_share": details.adjusted_side.share,
        },
        "excluded": {kind.value: number for kind, number in board.excluded.items()},
    }


def _pair(pair: Pair, found: ClusteredRate) -> dict[str, Any]:
    record, interval = found.record, found.interval
    return {
        "model": pair.model,
        "opponent": pair.opponent,
        "wins": record.wins,
        "losses": record.losses,
        "ties": record.ties,
        "both_bad": record.both_bad,
        "rate": found.rate,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "interval": interval.method if interval else None,
        "state": found.state.value,
        "holds": found.label,
        "annotators": found.annotators,
        "prompts": found.prompts,
        "deff": found.deff,
    }


def _rating(rating: Rating) -> dict[str, Any]:
    interval, rank = rating.interval, rating.rank
    return {
        "model": rating.model,
        "elo": rating.elo,
        "standing": rating.standing.value,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "interval": interval.method if interval else None,
        "rank": rank.best if rank else None,
        "rank_worst": rank.worst if rank else None,
        "from_prior": rating.from_prior,
        "decisive": rating.decisive,
    }


def _agreement(found: Agreement) -> dict[str, Any]:
    alpha = found.alpha
    return {
        "alpha": alpha.value if alpha else None,
        "low": alpha.low if alpha else None,
        "high": alpha.high if alpha else None,
        "reason": found.reason.value if found.reason else None,
        "raw": found.raw.share,
        "items": found.items,
        "shared_items": found.shared_items,
    }
