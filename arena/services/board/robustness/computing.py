"""Robustness of a board: what its rates would be under other choices, beside what they are."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from arena.domain.board import BoardFilter
from arena.domain.style import StyleFeature
from arena.services.board.details import SEED
from arena.services.board.leaderboard import Board
from arena.services.board.reading import read_board
from arena.services.board.suspicious_addresses import resolved
from arena.statistics.clustered_rates import clustered_rates
from arena.statistics.comparisons import Comparisons
from arena.statistics.goodness_of_fit import GoodnessOfFit, goodness_of_fit
from arena.statistics.measures import Measures, measures_of
from arena.statistics.ratings import rate_models, sides_of_models
from arena.statistics.style_control import StyleControl, style_control, style_difference
from arena.statistics.suspicious_addresses import cap_rates
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
    found = clustered_rates(comparisons)
    rates = cap_rates(found) if board.counts_suspects else found
    sides = sides_of_models(rates.pooled)
    ratings = rate_models(comparisons, random=np.random.default_rng(SEED), sides=sides)
    return BoardRobustness(
        board=board,
        style=_style(connection, board_filter, comparisons, features),
        measures=measures_of(rates, ratings),
        fit=goodness_of_fit(comparisons),
    )


def _style(
    connection: Connection,
    board_filter: BoardFilter,
    comparisons: Comparisons,
    features: Collection[StyleFeature],
) -> StyleControl:
    counts = style_columns(connection, resolved(connection, board_filter))
    differences = {
        feature.value: style_difference(counts[feature].earlier, counts[feature].later)
        for feature in features
    }
    return style_control(comparisons, differences, random=np.random.default_rng(SEED))
