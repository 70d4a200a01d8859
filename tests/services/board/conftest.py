"""Statistics on request whose answers a test can hold back."""

from collections.abc import Iterator

import pytest

from arena.domain.visibility import Visibility
from arena.services.board.on_request import BoardStatistics
from arena.storage.database import Database
from tests.services.board.questions import Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    """Return the desk that answers the questions of `statistics`."""
    return Desk(database)


@pytest.fixture
def statistics(database: Database, desk: Desk) -> Iterator[BoardStatistics]:
    """Answer on request for annotators, and open the desk in the end."""
    served = BoardStatistics(database, visibility=Visibility.ANNOTATORS, ask=desk.ask)
    yield served
    desk.open.set()
    served.close()
