"""What an archive holds that follows from its ballots: comparisons, leaderboard and figures."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.services.board.details import DetailedBoard, boards_in_turn
from arena.services.board.rows import board_document
from arena.services.campaigns.archive.figures import FigureOf
from arena.services.campaigns.archive.files import (
    BOARD,
    BOARD_TABLE,
    COMPARISONS,
    figure_file,
)
from arena.services.campaigns.archive.lines import encoded
from arena.services.exports.board_table import models_csv
from arena.storage.campaigns.archive.ballots import archived_comparisons
from arena.storage.campaigns.archive.records import People
from arena.storage.campaigns.prompts import models_of_campaign
from arena.storage.database import Connection

DerivedFile = tuple[str, Iterable[bytes]]
"""A file's name and its content in chunks."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A stored campaign whose ballots are counted; `people` are pseudonyms by account."""

    connection: Connection
    campaign_id: int
    name: str
    people: People

    def board(self) -> DetailedBoard:
        """Return its board as `arena leaderboard --campaign` computes it."""
        *_, board = boards_in_turn(self.connection, BoardFilter(campaign=self.name))
        if not isinstance(board, DetailedBoard):
            raise TypeError("the last board in turn is a detailed one")
        return board

    def comparisons(self) -> DerivedFile:
        """Return every pairwise outcome that counts."""
        found = archived_comparisons(self.connection, self.campaign_id, self.people)
        return COMPARISONS, encoded(COMPARISONS, found)

    def figures(
        self, board: DetailedBoard, figure_of: FigureOf, day: date, *, drawn: bool
    ) -> Iterator[DerivedFile]:
        """Yield the numbers of each model's figure, and its drawing if wanted."""
        models = models_of_campaign(self.connection, self.campaign_id)
        for position, model in enumerate(models):
            figure = figure_of(board, ModelKey(model.key), day)
            if figure is not None:
                yield figure_file(position, "csv"), [figure.data]
                if drawn:
                    yield figure_file(position, "svg"), [figure.drawn()]


def board_files(board: DetailedBoard) -> Iterator[DerivedFile]:
    """Yield the board as `arena leaderboard --json` prints it, and its models as exported."""
    document = json.dumps(board_document(board), ensure_ascii=False, indent=2)
    yield BOARD, [document.encode(), b"\n"]
    yield BOARD_TABLE, models_csv(board)
