"""The comparisons of a board as the statistics read them."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arena.domain.board import BoardFilter
from arena.domain.verdict import Verdict
from arena.services.board.leaderboard import Board, board_of
from arena.services.board.suspicious_addresses import resolved
from arena.statistics.comparisons import Comparisons, partition, renumbered
from arena.storage.boards import OutcomeCount, model_keys
from arena.storage.columns import OutcomeColumns, item_hashes, outcome_columns
from arena.storage.database import Connection


class ReadBoard(NamedTuple):
    """A board and the comparisons that it counts, both of one snapshot."""

    board: Board
    comparisons: Comparisons


def read_board(connection: Connection, board_filter: BoardFilter) -> ReadBoard:
    """Read once what the filter chooses. Two million take about 1.5 s of CPU and 300 MB."""
    columns = outcome_columns(connection, resolved(connection, board_filter))
    board = board_of(connection, board_filter, counts_of(columns))
    return ReadBoard(board, numbered(columns, connection))


def numbered(columns: OutcomeColumns, connection: Connection) -> Comparisons:
    """Make comparisons in the order of their columns, models sorted by key.

    Configurations of one model count as one; annotators are numbered in the order of ids.
    """
    keys = model_keys(connection)
    met = np.flatnonzero(np.bincount(np.concatenate((columns.model_id_a, columns.model_id_b))))
    models = tuple(sorted({keys[int(number)] for number in met}))
    position = {key: place for place, key in enumerate(models)}
    places = np.zeros(int(met.max(initial=0)) + 1, np.int64)
    for number in met:
        places[number] = position[keys[int(number)]]
    return Comparisons(
        models,
        a=places[columns.model_id_a],
        b=places[columns.model_id_b],
        outcome=columns.verdict,
        annotator=renumbered(columns.annotator_id),
        prompt=renumbered(columns.prompt_hash),
        weight=columns.weight,
    )


def with_answers(
    comparisons: Comparisons, connection: Connection, board_filter: BoardFilter
) -> Comparisons:
    """Add to comparisons what was judged in each: conversation and replies.

    From the snapshot that they were read from. Two million take about half a second of CPU.
    """
    return replace(comparisons, answers=item_hashes(connection, resolved(connection, board_filter)))


def counts_of(
    columns: OutcomeColumns, kept: NDArray[np.bool_] | None = None
) -> tuple[OutcomeCount, ...]:
    """Count the rows that are `kept` as the database would; all of them without it."""
    size = int(max(columns.model_id_a.max(initial=0), columns.model_id_b.max(initial=0))) + 1
    cells = columns.model_id_a * size + columns.model_id_b
    words = tuple(verdict.value for verdict in Verdict)
    cells = (cells * len(words) + columns.verdict) * 2 + columns.ranked
    labels, numbers = partition(cells if kept is None else cells[kept])
    pairs, verdicts = np.divmod(labels // 2, len(words))
    return tuple(
        OutcomeCount(pair // size, pair % size, words[verdict], bool(ranked), count)
        for pair, verdict, ranked, count in zip(
            *(column.tolist() for column in (pairs, verdicts, labels % 2, np.bincount(numbers))),
            strict=True,
        )
    )
