"""How models do in each category of a board."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.services.board.leaderboard import Board, board_of
from arena.services.board.reading import read_board
from arena.services.board.suspicious_addresses import resolved
from arena.statistics.clustered_rates import ClusteredRate, pooled_rates
from arena.statistics.suspicious_addresses import cap_states
from arena.storage.boards.choices import categories_of
from arena.storage.database import Connection


@dataclass(frozen=True, slots=True)
class CategoryBoard:
    """The board of one category and the pooled rates of its models, both of one snapshot."""

    board: Board
    rates: Mapping[ModelKey, ClusteredRate]


@dataclass(frozen=True, slots=True)
class BoardCategories:
    """A board and those of its categories, all of one snapshot.

    A key is what `BoardFilter.category` takes: `NO_CATEGORY` stands for votes without one. A
    category of which every comparison is flagged and left out has no entry.
    """

    board: Board
    by_category: Mapping[str, CategoryBoard]


def board_categories(connection: Connection, board_filter: BoardFilter) -> BoardCategories:
    """Return boards and pooled rates of every model that was compared, by category."""
    found: dict[str, CategoryBoard] = {}
    for category in categories_of(connection, resolved(connection, board_filter)):
        board, comparisons = read_board(connection, replace(board_filter, category=category))
        if len(comparisons):
            rates = pooled_rates(comparisons)
            capped = cap_states(rates) if board.counts_suspects else rates
            found[category] = CategoryBoard(board, capped)
    return BoardCategories(board_of(connection, board_filter), found)
