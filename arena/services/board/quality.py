"""Data quality of a board: agreement between and within annotators, sides, fragility, flags."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, TypeAlias

import numpy as np

from arena.domain.accounts import AnnotatorId
from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.services.board.details import Turnout, turnout_of
from arena.services.board.leaderboard import Board, board_of
from arena.services.board.reading import counts_of, numbered, with_answers
from arena.services.board.suspicious_addresses import resolved
from arena.statistics.agreement import Agreement, agreement
from arena.statistics.annotator_quality import AnnotatorQuality, Seconds, annotator_quality
from arena.statistics.clustered_rates import (
    ClusteredRate,
    clustered_rates,
    pooled_rates,
    uneven_pairs,
)
from arena.statistics.clustered_share import ClusteredShare
from arena.statistics.comparisons import Comparisons, Numbers
from arena.statistics.pair_quality import PairQuality, pair_quality
from arena.statistics.self_consistency import (
    AnnotatorConsistency,
    Repeats,
    SelfConsistency,
    intra_annotator_agreement,
    pooled,
    self_consistency,
)
from arena.statistics.side_bias import AdjustedSide, adjusted_side_bias, side_bias
from arena.statistics.win_rate import Pair
from arena.storage.accounts import annotator_names
from arena.storage.boards import is_import_day, last_vote
from arena.storage.columns import outcome_columns, reading_seconds
from arena.storage.database import Connection

MOST_REPORTS = 500
"""Annotators with a report of their own: an arena of guests may have as many accounts as votes."""

_Rates: TypeAlias = Mapping[ModelKey, ClusteredRate]


@dataclass(frozen=True, slots=True)
class AnnotatorReport:
    """One person's votes on the board, for admins alone. `consistency` is with itself."""

    id: AnnotatorId
    name: str
    quality: AnnotatorQuality
    consistency: SelfConsistency


@dataclass(frozen=True, slots=True)
class FlagEffect:
    """Pooled rate of a model without and with the comparisons that boards leave out.

    None where the model has no comparison of that kind.
    """

    without: ClusteredRate | None
    with_flagged: ClusteredRate | None


@dataclass(frozen=True, slots=True)
class BoardQuality:
    """Data quality of one board, from the snapshot of the votes that `board` counts.

    Everything but `flag_effects` speaks of the comparisons that the board counts.
    `side` is as it was seen, `adjusted_side` between equally strong models; `consistency` is of
    all annotators together, `intra_annotator_agreement` its share of agreeing pairs. `pairs` holds
    both orders of every pair that met, `uneven` both orders of those whose votes were cast mostly
    in one order of the two: there position bias looks like a lead. `annotators` are the
    `MOST_REPORTS` with most votes, most first; None for readers who are no admins. `last_vote` and
    `is_import_day` are as on a `DetailedBoard`.
    """

    board: Board
    comparisons: int
    turnout: Turnout
    last_vote: datetime | None
    is_import_day: bool
    agreement: Agreement
    side: ClusteredShare
    adjusted_side: AdjustedSide
    consistency: SelfConsistency
    intra_annotator_agreement: ClusteredShare
    annotators: tuple[AnnotatorReport, ...] | None
    pairs: Mapping[Pair, PairQuality]
    uneven: Set[Pair]
    flag_effects: Mapping[ModelKey, FlagEffect]

    @property
    def without_annotators(self) -> "BoardQuality":
        """The same for readers who may not see single annotators."""
        return replace(self, annotators=None)


def quality_of(connection: Connection, board_filter: BoardFilter) -> BoardQuality:
    """Read and compute everything, from the snapshot that a connection sees."""
    counted, effects = _with_and_without(connection, board_filter)
    consistency = self_consistency(counted.comparisons)
    newest = last_vote(connection, resolved(connection, board_filter))
    found = annotator_quality(counted.comparisons, reading_seconds=counted.seconds)
    return BoardQuality(
        board=counted.board,
        comparisons=len(counted.comparisons),
        turnout=turnout_of(counted.comparisons),
        last_vote=newest,
        is_import_day=is_import_day(connection, newest),
        agreement=agreement(counted.comparisons),
        side=side_bias(counted.comparisons),
        adjusted_side=adjusted_side_bias(counted.comparisons),
        consistency=pooled(consistency),
        intra_annotator_agreement=intra_annotator_agreement(counted.comparisons),
        annotators=_reports(connection, counted.people, found, consistency),
        pairs=pair_quality(counted.comparisons),
        uneven=_uneven(counted.comparisons),
        flag_effects=effects,
    )


def _uneven(comparisons: Comparisons) -> Set[Pair]:
    found = uneven_pairs(clustered_rates(comparisons))
    return {*found, *(Pair(pair.opponent, pair.model) for pair in found)}


class _Counted(NamedTuple):
    """What the board counts: `people` are accounts by the number that `comparisons` give them."""

    board: Board
    comparisons: Comparisons
    people: Numbers
    seconds: Seconds


def _with_and_without(
    connection: Connection, board_filter: BoardFilter
) -> tuple[_Counted, Mapping[ModelKey, FlagEffect]]:
    """Read everything once; what the board does not count is freed on return."""
    every = replace(resolved(connection, board_filter), include_flagged=True)
    columns = outcome_columns(connection, every)
    everything = numbered(columns, connection)
    clean = ~columns.flagged
    kept = np.ones_like(clean) if board_filter.include_flagged else clean
    people = np.unique(columns.annotator_id[kept])
    board = board_of(connection, board_filter, counts_of(columns, kept))
    del columns
    unflagged = everything.where(clean)
    effects = _flag_effects(pooled_rates(unflagged), pooled_rates(everything))
    counted = everything if board_filter.include_flagged else unflagged
    seconds = reading_seconds(connection, every)[kept]
    counted = with_answers(counted, connection, board_filter)
    return _Counted(board, counted, people, seconds), effects


def _flag_effects(without: _Rates, with_flagged: _Rates) -> dict[ModelKey, FlagEffect]:
    return {key: FlagEffect(without.get(key), with_flagged[key]) for key in sorted(with_flagged)}


def _reports(
    connection: Connection,
    people: Numbers,
    found: Sequence[AnnotatorQuality],
    consistency: Sequence[AnnotatorConsistency],
) -> tuple[AnnotatorReport, ...]:
    most = sorted(found, key=lambda one: (-one.votes, one.annotator))[:MOST_REPORTS]
    ids = {one.annotator: AnnotatorId(int(people[one.annotator])) for one in most}
    names = annotator_names(connection, ids.values())
    steady = {one.annotator: one.consistency for one in consistency}
    never = SelfConsistency(Repeats(), Repeats())
    return tuple(
        AnnotatorReport(
            id=ids[one.annotator],
            name=names[ids[one.annotator]],
            quality=one,
            consistency=steady.get(one.annotator, never),
        )
        for one in most
    )
