"""Queries on leases: which servers are alive, so that their running battles are left alone."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from arena.storage.schema import leases


def begin_lease(
    connection: Connection, owner: str, *, now: datetime, expires_at: datetime, keys: str
) -> None:
    """Store the lease of a server that starts, and delete those of servers that are gone.

    Of an SQLite file that is every other: one server at a time has it (`storage.serving_lock`).
    """
    others = delete(leases).where(leases.c.owner != owner)
    if connection.dialect.name != "sqlite":
        others = others.where(leases.c.expires_at <= now)
    connection.execute(others)
    renew_lease(connection, owner, expires_at=expires_at, keys=keys)


def keys_of_servers(connection: Connection, now: datetime) -> set[str]:
    """Return the keys of the servers that are alive, as far as they have told them."""
    of = leases.c
    query = select(of.key_names).where(of.expires_at > now, of.key_names.is_not(None))
    return set(connection.execute(query).scalars())


def renew_lease(connection: Connection, owner: str, *, expires_at: datetime, keys: str) -> None:
    """Prolong a lease; one that was deleted meanwhile is stored again."""
    renewed = update(leases).where(leases.c.owner == owner).values(expires_at=expires_at)
    if connection.execute(renewed).rowcount == 0:
        new = {"owner": owner, "expires_at": expires_at, "key_names": keys}
        connection.execute(insert(leases).values(**new))


def end_lease(connection: Connection, owner: str) -> None:
    """Delete the lease of a server that ends."""
    connection.execute(delete(leases).where(leases.c.owner == owner))
