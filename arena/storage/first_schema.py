"""The newest tables in an empty database of a server, without the way there.

The migrations before were written for SQLite files, and no database of a server was ever of an
older schema than that. Those that come run on both.
"""

from sqlalchemy import Connection, insert

from arena.storage.schema import VALUE_SETS, board_version, metadata


def create_tables(connection: Connection) -> None:
    """Create every table, and the rows that a new database has."""
    metadata.create_all(connection)
    for table, kinds in VALUE_SETS.items():
        connection.execute(insert(table), [{"name": kind.value} for kind in kinds])
    connection.execute(insert(board_version).values(number=0))
