"""Documents of boards, and votes for them."""

import csv
from typing import Any

from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.services.board.details import detailed_board
from arena.services.board.rows import board_document
from arena.services.exports.columns import ExportTable
from arena.services.exports.exports import Exports
from arena.services.pseudonyms import Pseudonyms
from arena.storage.database import Database
from tests.builders import seed_vote

ALL = BoardFilter()


def document(database: Database, baseline: str | None = None) -> dict[str, Any]:
    key = ModelKey(baseline) if baseline else None
    return board_document(detailed_board(database, ALL), baseline=key)


def judged(database: Database, *, annotators: int, prompts: int, exchanged: bool = False) -> None:
    """Two models, judged by every annotator on every prompt; alpha wins most.

    It stands in the earlier slot, or with `exchanged` on every other vote only.
    """
    with database.writing() as connection:
        for annotator in range(annotators):
            for prompt in range(prompts):
                alpha_wins = (annotator + prompt) % 4 != 0
                beta_first = exchanged and (annotator + prompt // 2) % 2 == 1
                seed_vote(
                    connection,
                    Verdict.B_BETTER if alpha_wins == beta_first else Verdict.A_BETTER,
                    models=("beta", "alpha") if beta_first else ("alpha", "beta"),
                    annotator=f"annotator-{annotator}",
                    prompts=(f"Prompt {prompt}",),
                )


def exported(database: Database, table: ExportTable) -> list[dict[str, str]]:
    file = b"".join(Exports(database, pseudonyms=Pseudonyms(b"key")).file(table))
    return list(csv.DictReader(file.decode().splitlines()))
