"""Queries on one item, or on each, find its assignments by an index: campaigns have many."""

from typing import Any

import pytest
from sqlalchemy import Connection, event

from arena.domain.campaign import ProtocolKind
from arena.storage.campaigns.ballots import opinions_on
from arena.storage.campaigns.progress import item_counts
from arena.storage.database import Database
from tests.fakes.archived_campaigns import judged_campaign


@pytest.fixture
def database_kind() -> str:
    """Return where databases are made: what is tried here is of files alone."""
    return "sqlite"


@pytest.mark.parametrize("query", [item_counts, opinions_on])
def test_assignments_of_an_item_are_found_by_it(database: Database, query: Any) -> None:
    judged_campaign(database, ProtocolKind.PAIRWISE, judged=2)
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        asked.append((statement, values))

    with database.reading() as connection:
        event.listen(database.engine, "before_cursor_execute", note)
        found = query(connection, 1)
        event.remove(database.engine, "before_cursor_execute", note)
        plan = plan_of(connection, *asked[-1])

    assert found
    assert "SEARCH assignments USING INDEX uq_assignments_item_id_annotator_id (item_id=?)" in plan


def plan_of(connection: Connection, statement: str, values: Any) -> list[str]:
    """Return how SQLite reads, a step a line."""
    steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    return [str(step[3]) for step in steps]
