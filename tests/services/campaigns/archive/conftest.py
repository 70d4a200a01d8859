"""A judged campaign of each protocol and its archive, made once and copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena.domain.campaign import ProtocolKind
from arena.storage.database import Database
from tests.fakes.archived_campaigns import archive_of, judged_campaign
from tests.fakes.campaigns import CampaignDesk


@pytest.fixture(scope="package", params=list(ProtocolKind), ids=str)
def kind(request: pytest.FixtureRequest) -> ProtocolKind:
    """Each protocol in turn."""
    return ProtocolKind(request.param)


@pytest.fixture(scope="package")
def judged(
    kind: ProtocolKind, migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with the database of a judged campaign, and its archive."""
    folder = tmp_path_factory.mktemp("judged")
    shutil.copy(migrated_file, folder / "arena.sqlite3")
    database = Database(f"sqlite:///{folder / 'arena.sqlite3'}")
    archive_of(judged_campaign(database, kind), folder / "spring.zip")
    database.close()
    return folder


@pytest.fixture
def desk(judged: Path, tmp_path: Path) -> Iterator[CampaignDesk]:
    """The desk of a judged campaign, in a database of the test's own."""
    shutil.copy(judged / "arena.sqlite3", tmp_path / "judged.sqlite3")
    shutil.copy(judged / "chain-key", tmp_path / "chain-key")
    database = Database(f"sqlite:///{tmp_path / 'judged.sqlite3'}")
    yield CampaignDesk(database)
    database.close()


@pytest.fixture
def archive(judged: Path, tmp_path: Path) -> Path:
    """The archive of the judged campaign, to read or to change."""
    return Path(shutil.copy(judged / "spring.zip", tmp_path / "spring.zip"))
