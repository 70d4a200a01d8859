"""The ledger of benchmarks."""

from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from arena.domain.board import BoardFilter
from arena.services.board.details import detailed_board
from arena.storage.database import Database
from tests.benchmarks.ledger import Size, fill

SMALL = Size(votes=300, models=4, annotators=20, prompts=30)


def test_a_ledger_written_past_the_triggers_holds_what_they_would_have_written(
    tmp_path: Path,
) -> None:
    url = fill(tmp_path / "ledger.sqlite3", SMALL)
    with closing(Database(url)) as database, database.reading() as connection:
        written, counted = (
            sorted(connection.execute(text(f"SELECT {columns} FROM {table}")).fetchall())
            for columns, table in (
                ("vote_id, model_id_a, model_id_b, verdict, annotator_id", "outcomes"),
                ("vote_id, model_id_a, model_id_b, verdict, annotator_id", "recounted_outcomes"),
            )
        )
    assert len(written) == SMALL.votes
    assert written == counted


def test_boards_read_a_ledger_of_outcomes_alone(tmp_path: Path) -> None:
    url = fill(tmp_path / "ledger.sqlite3", SMALL, outcomes_only=True)
    with closing(Database(url)) as database:
        board = detailed_board(database, BoardFilter(include_flagged=True)).board
    assert board.comparisons == SMALL.votes
