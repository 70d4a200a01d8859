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
from arena.statistics.comparisons import Comparisons
from arena.statistics.style_control import StyleControl, style_control, style_difference
from arena.storage.database import Connection, Database
from arena.storage.style_columns import style_columns

DEFAULT_FEATURES = tuple(one for one in StyleFeature if one is not StyleFeature.TOKENS)
"""Tokens say what characters say (correlation .99): beside them neither would have an effect."""


@dataclass(frozen=True, slots=True)
class BoardRobustness:
    """A board under other choices, from the snapshot of the votes that `board` counts."""

    board: Board
    style: StyleControl


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
    return BoardRobustness(
        board=board, style=_style(connection, board_filter, comparisons, features)
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
