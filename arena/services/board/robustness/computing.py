"""Robustness of a board: what its rates would be under other choices, beside what they are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.style import StyleFeature
from arena.services.board.details import SEED
from arena.services.board.leaderboard import Board
from arena.services.board.reading import numbered, read_board
from arena.services.board.robustness.vote_tables import LeftOut
from arena.services.board.suspicious_addresses import resolved
from arena.statistics.annotator_weights import WeightedRates, weighted_rates
from arena.statistics.clustered_rates import clustered_rates
from arena.statistics.comparisons import Comparisons
from arena.statistics.flag_choices import FlagChoice, flag_choices
from arena.statistics.goodness_of_fit import GoodnessOfFit, goodness_of_fit
from arena.statistics.leaving_out import LeavingOut, leaving_out
from arena.statistics.measures import Measures, measures_of
from arena.statistics.over_time import OverTime, over_time
from arena.statistics.ratings import Ratings, rate_models, sides_of_models
from arena.statistics.style_control import StyleControl, style_control, style_difference
from arena.statistics.suspicious_addresses import cap_rates
from arena.statistics.thresholds import DEFAULT_THRESHOLDS
from arena.statistics.tie_readings import TieReading, tie_readings
from arena.storage.boards import remote_models
from arena.storage.columns import outcome_columns
from arena.storage.comparison_facts import cast_days, category_column, flag_marks
from arena.storage.database import Connection, Database
from arena.storage.style_columns import style_columns

DEFAULT_FEATURES = tuple(one for one in StyleFeature if one is not StyleFeature.TOKENS)
"""Tokens say what characters say (correlation .99): beside them neither would have an effect."""


@dataclass(frozen=True, slots=True)
class BoardRobustness:
    """A board under other choices, from the snapshot of the votes that `board` counts."""

    board: Board
    style: StyleControl
    measures: Measures
    fit: GoodnessOfFit | None
    ties: Mapping[TieReading, Ratings]
    left_out: Mapping[LeftOut, LeavingOut]
    flags: tuple[FlagChoice, ...]
    weighted: WeightedRates | None
    over_time: OverTime
    remote: frozenset[ModelKey]


def board_robustness(
    database: Database,
    board_filter: BoardFilter,
    features: Collection[StyleFeature] = DEFAULT_FEATURES,
) -> BoardRobustness:
    """Read and compute everything in this process."""
    with database.reading() as connection:
        return robustness_of(connection, board_filter, features)


def robustness_of(
    connection: Connection,
    board_filter: BoardFilter,
    features: Collection[StyleFeature] = DEFAULT_FEATURES,
) -> BoardRobustness:
    """Read and compute everything, from the snapshot that a connection sees."""
    board, comparisons = read_board(connection, board_filter)
    chosen = resolved(connection, board_filter)
    found = clustered_rates(comparisons)
    rates = cap_rates(found) if board.counts_suspects else found
    sides = sides_of_models(rates.pooled)
    ratings = rate_models(comparisons, random=np.random.default_rng(SEED), sides=sides)
    return BoardRobustness(
        board=board,
        style=_style(connection, chosen, comparisons, features),
        measures=measures_of(rates, ratings),
        fit=goodness_of_fit(comparisons),
        ties=tie_readings(comparisons, random=np.random.default_rng(SEED), sides=sides),
        left_out=_left_out(connection, chosen, comparisons),
        flags=_flags(connection, chosen),
        weighted=weighted_rates(comparisons),
        over_time=over_time(comparisons, cast_days(connection, chosen)),
        remote=remote_models(connection),
    )


def _left_out(
    connection: Connection, board_filter: BoardFilter, comparisons: Comparisons
) -> Mapping[LeftOut, LeavingOut]:
    categories = category_column(connection, board_filter)
    labels = {
        LeftOut.ANNOTATORS: comparisons.annotator,
        LeftOut.PROMPTS: comparisons.prompt,
        LeftOut.CATEGORIES: categories.number,
    }
    found = {kind: leaving_out(comparisons, labels[kind]) for kind in LeftOut}
    people = found[LeftOut.ANNOTATORS].clusters
    if people < DEFAULT_THRESHOLDS.clusters:
        # Of a handful, whoever knows them could work out how one of them voted.
        found[LeftOut.ANNOTATORS] = LeavingOut(people, {}, (), ())
    return found


def _flags(connection: Connection, board_filter: BoardFilter) -> tuple[FlagChoice, ...]:
    """Read everything once more, flagged or not."""
    every = replace(board_filter, include_flagged=True)
    marks = flag_marks(connection, every)
    return flag_choices(numbered(outcome_columns(connection, every), connection), marks)


def _style(
    connection: Connection,
    board_filter: BoardFilter,
    comparisons: Comparisons,
    features: Collection[StyleFeature],
) -> StyleControl:
    counts = style_columns(connection, board_filter)
    differences = {
        feature.value: style_difference(counts[feature].earlier, counts[feature].later)
        for feature in features
    }
    return style_control(comparisons, differences, random=np.random.default_rng(SEED))
