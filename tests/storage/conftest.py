"""Fixtures of storage."""

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Run every test of a database on both kinds of it."""
    return str(request.param)
