"""Exports of a database of their own."""

import pytest

from arena.services.exports.exports import Exports
from arena.services.pseudonyms import Pseudonyms
from arena.storage.database import Database


@pytest.fixture
def exports(database: Database) -> Exports:
    """Export the database of the test, with pseudonyms of a known key."""
    return Exports(database, pseudonyms=Pseudonyms(b"key"))
