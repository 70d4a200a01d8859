"""Playgrounds of tests of battles."""

import pytest

from arena.storage.database import Database
from tests.fakes.playground import Playground
from tests.services.battle.polls import Polls


@pytest.fixture
def arena(database: Database) -> Playground:
    """Return a playground with two models that answer."""
    return Playground(database)


@pytest.fixture
def polls(database: Database) -> Polls:
    """Return battles of two models that wait for a vote."""
    return Polls(database)


@pytest.fixture
def three(database: Database) -> Polls:
    """Return battles of three models that wait for a ranking."""
    return Polls(database, keys=("a", "b", "c"))
