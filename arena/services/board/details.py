"""A board with clustered intervals, ratings, agreement and sides.

Small boards take milliseconds; two million votes take seconds and 400 MB.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np

from arena.domain.board import BoardFilter
from arena.services.board.leaderboard import Board
from arena.services.board.reading import ReadBoard, read_board, with_answers
from arena.services.board.suspicious_addresses import resolved
from arena.statistics.agreement import (
    Agreement,
    PairwiseAgreement,
    agreement_of,
    judged_items,
    pair_agreement_of,
)
from arena.statistics.clustered_rates import ClusteredRates, clustered_rates
from arena.statistics.clustered_share import ClusteredShare
from arena.statistics.comparisons import Comparisons
from arena.statistics.concentration import Concentration, concentration
from arena.statistics.ratings import Ratings, rate_models, sides_of_models
from arena.statistics.side_bias import AdjustedSide, adjusted_side_bias, side_bias
from arena.statistics.suspicious_addresses import cap_rates
from arena.statistics.win_rate import Pair
from arena.storage.boards import is_import_day, last_vote
from arena.storage.database import Connection, Database

SEED = 0
"""The same votes give the same document: simulated quantiles start from here."""


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many people voted on a board, on how many different prompts, and how unequally.

    `concentration` is None where so few voted that it would tell of one of them.
    """

    annotators: int
    prompts: int
    concentration: Concentration | None = None


@dataclass(frozen=True, slots=True)
class RatedBoard:
    """A board with the intervals of its rates and its ratings, all of one snapshot."""

    board: Board
    rates: ClusteredRates
    ratings: Ratings
    turnout: Turnout


@dataclass(frozen=True, slots=True)
class DetailedBoard(RatedBoard):
    """The same with what takes as long again and says more of annotators than of models.

    `pair_agreement` has both orders of every pair of models of which two annotators judged the
    same item. `side` is the share of the earlier slot as it was seen, `adjusted_side` between
    equally strong models. `last_vote` is when the newest comparison was cast, None on an empty
    board; with `is_import_day` it is when it was imported, from a file that does not date it.
    """

    agreement: Agreement
    pair_agreement: Mapping[Pair, PairwiseAgreement]
    side: ClusteredShare
    adjusted_side: AdjustedSide
    last_vote: datetime | None
    is_import_day: bool


def detailed_board(database: Database, board_filter: BoardFilter) -> DetailedBoard:
    """Read and compute everything in this process."""
    with database.reading() as connection:
        return detailed_of(connection, board_filter)


def detailed_of(connection: Connection, board_filter: BoardFilter) -> DetailedBoard:
    """Read and compute everything, from the snapshot that a connection sees."""
    read = read_board(connection, board_filter)
    more = _more(read, connection, board_filter)
    return _detailed(_rated(read), more)


def boards_in_turn(connection: Connection, board_filter: BoardFilter) -> Iterator[RatedBoard]:
    """Yield the board of a connection's snapshot: rated, and then a `DetailedBoard`."""
    read = read_board(connection, board_filter)
    rated = _rated(read)
    yield rated
    yield _detailed(rated, _more(read, connection, board_filter))


def turnout_of(comparisons: Comparisons) -> Turnout:
    """Return who voted on what: both are numbered from 0 without gaps."""
    people, prompts = (
        int(column.max(initial=-1)) + 1 for column in (comparisons.annotator, comparisons.prompt)
    )
    return Turnout(people, prompts, concentration(comparisons.annotator))


def _rated(read: ReadBoard) -> RatedBoard:
    board, comparisons = read
    found = clustered_rates(comparisons)
    rates = cap_rates(found) if board.counts_suspects else found
    random, sides = np.random.default_rng(SEED), sides_of_models(rates.pooled)
    return RatedBoard(
        board=board,
        rates=rates,
        ratings=rate_models(comparisons, random=random, sides=sides),
        turnout=turnout_of(comparisons),
    )


class _More(NamedTuple):
    """What is read once the intervals are there."""

    comparisons: Comparisons
    last_vote: datetime | None
    is_import_day: bool


def _more(read: ReadBoard, connection: Connection, board_filter: BoardFilter) -> _More:
    newest = last_vote(connection, resolved(connection, board_filter))
    return _More(
        with_answers(read.comparisons, connection, board_filter),
        newest,
        is_import_day(connection, newest),
    )


def _detailed(rated: RatedBoard, more: _More) -> DetailedBoard:
    comparisons = more.comparisons
    side, adjusted = side_bias(comparisons), adjusted_side_bias(comparisons)
    # Last: what it holds would stand beside what the other needs for a moment.
    judged = judged_items(comparisons)
    return DetailedBoard(
        board=rated.board,
        rates=rated.rates,
        ratings=rated.ratings,
        turnout=rated.turnout,
        agreement=agreement_of(judged),
        pair_agreement=pair_agreement_of(judged),
        side=side,
        adjusted_side=adjusted,
        last_vote=more.last_vote,
        is_import_day=more.is_import_day,
    )
