"""`python -m arena.storage.schema_dump > db/schema.sql`: the migrated schema, written down."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from arena.storage.database import Database
from arena.storage.migrate import migrate, schema_sql


def fresh_schema() -> str:
    """Return the statements that create a new, empty SQLite database."""
    with TemporaryDirectory() as directory:
        database = Database(f"sqlite:///{Path(directory) / 'fresh.sqlite3'}")
        try:
            migrate(database)
            return schema_sql(database)
        finally:
            database.close()


if __name__ == "__main__":
    sys.stdout.write(fresh_schema())
