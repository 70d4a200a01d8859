"""How long the hash of a network address is kept: until its last session has ended."""

from arena.domain.clock import Clock
from arena.storage.addresses import forget_addresses
from arena.storage.database import Database


def forget_ended_addresses(database: Database, clock: Clock) -> int:
    """Clear hashes that no session needs any more; return how many. Blocking.

    Opening a session does so, too; where nobody comes any more, this alone does.
    """
    with database.writing() as connection:
        return forget_addresses(connection, clock.now())
