"""The lease by which other servers of one database know that this one is alive."""

import logging
from datetime import timedelta

from arena.domain.clock import Clock
from arena.services.pseudonyms import export_key_path
from arena.storage.database import Connection, Database, StorageError, UnusableLedger
from arena.storage.key_files import KeyFile
from arena.storage.leases import begin_lease, end_lease, keys_of_servers, renew_lease

logger = logging.getLogger(__name__)

RENEW_S = 15.0

LEASE = timedelta(minutes=1)
"""Three renewals may fail before others stop this server's battles."""


def names_of_keys(database: Database) -> str:
    """Return what tells the secret keys of an arena apart, and says nothing about them."""
    export = KeyFile(export_key_path(database))
    return f"chain-key {database.chain_key.name}, export-key {export.name}"


def require_same_keys(database: Database, clock: Clock) -> None:
    """Refuse to serve beside servers with other keys. Blocking.

    Votes chained with several keys cannot be verified by any of them, and an annotator would have
    several pseudonyms. A file is served alone.

    Raises:
        UnusableLedger: Another server that is alive has other keys.
    """
    with database.reading() as connection:
        _compare_keys(connection, database, clock)


def _compare_keys(connection: Connection, database: Database, clock: Clock) -> None:
    if database.file is not None:
        return
    own = names_of_keys(database)
    others = keys_of_servers(connection, clock.now()) - {own}
    if others:
        raise UnusableLedger(
            f"another server of {database.place} has {others.pop()}, this one {own}: give all "
            f"servers of a database the same two files, here in {database.keys_folder}"
        )


class ServingLease:
    """A lease in the name of `owner`, which battles carry while this server generates them.

    Of a server that does not come to its end it expires, and one that starts deletes it.
    """

    def __init__(self, database: Database, clock: Clock, *, owner: str) -> None:
        self.owner = owner
        self._keys = names_of_keys(database)
        self._database = database
        self._clock = clock

    def begin(self) -> None:
        """Take the lease at start. Blocking; raises `StorageError`, and as `require_same_keys`."""
        now = self._clock.now()
        with self._database.writing() as connection:
            _compare_keys(connection, self._database, self._clock)  # servers may start at once
            begin_lease(connection, self.owner, now=now, expires_at=now + LEASE, keys=self._keys)

    def renew(self) -> None:
        """Prolong the lease from now. Blocking; raises `StorageError`."""
        with self._database.writing() as connection:
            expires_at = self._clock.now() + LEASE
            renew_lease(connection, self.owner, expires_at=expires_at, keys=self._keys)

    def end(self) -> None:
        """Give the lease back when nothing is generated any more. Blocking; never fails."""
        try:
            with self._database.writing() as connection:
                end_lease(connection, self.owner)
        except StorageError:
            logger.warning("the lease could not be given back: it expires", exc_info=True)
