"""Fixtures of tests that hand out items and judge them."""

import pytest

from arena.storage.database import Database
from tests.fakes.campaigns import CampaignDesk


@pytest.fixture
def desk(database: Database) -> CampaignDesk:
    """Return a desk with nothing on it yet."""
    return CampaignDesk(database)
