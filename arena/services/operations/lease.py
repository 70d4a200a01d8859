"""The lease by which other servers of one database know that this one is alive."""

from datetime import timedelta

from arena.domain.clock import Clock
from arena.storage.database import Database
from arena.storage.leases import begin_lease, renew_lease

RENEW_S = 15.0

LEASE = timedelta(minutes=1)
"""Three renewals may fail before others stop this server's battles."""


class ServingLease:
    """A lease in the name of `owner`, which battles carry while this server generates them.

    It is not given back at the end: it expires, and a server that starts deletes it.
    """

    def __init__(self, database: Database, clock: Clock, *, owner: str) -> None:
        self.owner = owner
        self._database = database
        self._clock = clock

    def begin(self) -> None:
        """Take the lease at start. Blocking; raises `StorageError`."""
        now = self._clock.now()
        with self._database.writing() as connection:
            begin_lease(connection, self.owner, now=now, expires_at=now + LEASE)

    def renew(self) -> None:
        """Prolong the lease from now. Blocking; raises `StorageError`."""
        with self._database.writing() as connection:
            renew_lease(connection, self.owner, expires_at=self._clock.now() + LEASE)
