"""The number by which cached boards are known to be out of date."""

from sqlalchemy import Connection, select

from arena.storage.schema import board_version


def version(connection: Connection) -> int:
    """Return a number that grows with every change of any board."""
    return int(connection.execute(select(board_version.c.number)).scalar_one())
