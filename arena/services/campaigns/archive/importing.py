"""Reads an archive into a database: all of it, or nothing."""

from dataclasses import dataclass

from arena.domain.clock import Clock
from arena.services.campaigns.archive.reading import OpenArchive
from arena.services.campaigns.archive.refusals import BadArchive
from arena.services.campaigns.archive.storing import IMPORTED, head_of, store_archive
from arena.services.campaigns.refusals import CampaignRefused
from arena.storage.campaigns.campaigns import campaign_named, events_of, is_name_taken
from arena.storage.database import Connection, Database, RuleBroken

_TOO_LARGE = "it has a number or a time that no arena writes"


@dataclass(frozen=True, slots=True)
class ImportedArchive:
    """What was imported. `new` is False where the same archive was there already."""

    name: str
    votes: int
    annotators: int
    new: bool


class ArchiveImports:
    """Imports of archives into one database. Blocking; for commands on the machine."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def store(self, archive: OpenArchive) -> ImportedArchive:
        """Store an archive in one transaction. The same archive again changes nothing.

        Raises:
            BadArchive: A file was changed, or the archive contradicts itself.
            CampaignRefused: The database has another campaign of that name.
            StorageError: The database cannot store it.
        """
        archive.versions()
        for fault in archive.faults():
            raise BadArchive(fault)
        head = head_of(archive)
        with self._database.writing() as connection:
            if is_name_taken(connection, head.name):
                _require_same(connection, head.name, archive)
                return ImportedArchive(head.name, 0, 0, new=False)
            try:
                stored = store_archive(connection, archive, self._clock.now())
            except RuleBroken as error:
                rule, *_ = str(error.orig).splitlines()  # PostgreSQL goes on with the whole row
                raise BadArchive(f"it contradicts what is stored: {rule}") from error
            except OverflowError as error:
                raise BadArchive(_TOO_LARGE) from error
        return ImportedArchive(stored.name, stored.votes, len(stored.accounts), new=True)


def _require_same(connection: Connection, name: str, archive: OpenArchive) -> None:
    """Raise `CampaignRefused` unless the campaign of that name came from this archive."""
    stored = campaign_named(connection, name)
    events = events_of(connection, stored.id) if stored else ()
    if not any((event.kind, event.detail) == (IMPORTED, archive.digest) for event in events):
        raise CampaignRefused(
            f"there is another campaign {name!r} here: import the archive into a database of its "
            "own with --database-url"
        )
