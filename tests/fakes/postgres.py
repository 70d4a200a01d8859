"""A PostgreSQL server of the tests' own: on a socket in a folder, unprivileged, without fsync."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from arena.storage.database import Database
from arena.storage.migrate import migrate
from arena.storage.schema import VALUE_SETS, metadata
from tests.fakes.postmaster import Postmaster

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "autovacuum": "off",
    "log_min_messages": "fatal",
}
_SHAPE = """
SELECT (SELECT version_num FROM alembic_version), count(*), sum(changed)
FROM (
  SELECT xmin::text::bigint AS changed FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT xmin::text::bigint FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT xmin::text::bigint FROM pg_trigger
  UNION ALL SELECT xmin::text::bigint FROM pg_constraint
  UNION ALL SELECT xmin::text::bigint FROM pg_attribute WHERE attnum > 0
) AS parts
"""
"""The same in all copies of a database until something but rows changes."""

_EMPTYING = "; ".join(
    (
        "SET LOCAL session_replication_role = replica",
        *(f"DELETE FROM {table}" for table in metadata.tables),
        *(
            f"INSERT INTO {table} VALUES ('{kind.value}')"
            for table, kinds in VALUE_SETS.items()
            for kind in kinds
        ),
        "INSERT INTO board_version VALUES (0)",
        "SELECT setval(seqrelid::regclass, 1, false) FROM pg_sequence",
    )
)


class TestServer:
    """A running server. What a test leaves in a database is deleted, and the next test gets it.

    To copy a database takes 0.2 s of CPU, to empty one a tenth of that. One whose tables, rules or
    revision a test has changed is not used again.
    """

    __test__ = False

    def __init__(self, postmaster: Postmaster) -> None:
        self._postmaster = postmaster
        self._made = 0
        self._free: list[str] = []
        self._sound: object = None
        self._control = self._connected()

    def crash(self) -> None:
        """End the server in the middle of whatever it does, and start it again."""
        self._control.close()
        self._postmaster.crash()
        self._postmaster.start()
        self._control = self._connected()

    def lend(self, template: str) -> str:
        """Return the name of an empty, migrated database: a free one, or a copy of `template`."""
        return self._free.pop() if self._free else self.copy_of(template)

    def take_back(self, name: str) -> None:
        """Empty a lent database for the next test, or delete it."""
        self.disconnect_all(name)
        with psycopg.connect(self._conninfo(name)) as connection:
            found = connection.execute(_SHAPE).fetchone()
            self._sound = self._sound or found
            if found == self._sound:
                connection.execute(_EMPTYING)
        if found == self._sound:
            self._free.append(name)
        else:
            self.drop(name)

    def empty_database(self, *, icu: str | None = None) -> str:
        """Make a database without tables, and return its name; it may sort as a language does."""
        name = self._next_name()
        made = "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
        if icu is None:
            self._run(made, name)
        else:
            self._run(f"{made} LOCALE_PROVIDER icu ICU_LOCALE {{}}", name, icu)
        return name

    def copy_of(self, template: str) -> str:
        """Make a copy of a database that nobody uses, and return its name."""
        name = self._next_name()
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, name: str) -> None:
        """Delete a database, whoever is connected to it."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def disconnect_all(self, name: str) -> None:
        """End every connection to a database, as a restart of the server does."""
        self._control.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )

    def url(self, name: str, keys: Path) -> str:
        """Return the address of a database whose arena has its keys in a folder."""
        return f"postgresql://arena@/{name}?host={self._postmaster.folder}&keys={keys}"

    def close(self) -> None:
        """End the connection from which databases are made."""
        self._control.close()

    def _next_name(self) -> str:
        self._made += 1
        return f"arena_{self._made}"

    def _run(self, statement: str, *names: str) -> None:
        self._control.execute(SQL(statement).format(*map(Identifier, names)))

    def _connected(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._conninfo("postgres"), autocommit=True)

    def _conninfo(self, name: str) -> str:
        return f"host={self._postmaster.folder} user=arena dbname={name}"


@contextmanager
def running_server() -> Iterator[TestServer]:
    """Start a server, and stop it with everything that it holds.

    Raises `NoServer`.
    """
    folder = Path(mkdtemp(prefix="arena-pg-"))
    try:
        postmaster = Postmaster(folder, _SETTINGS)
        try:
            postmaster.start()
            server = TestServer(postmaster)
            yield server
            server.close()
        finally:
            postmaster.crash()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def migrated_template(server: TestServer, keys: Path) -> str:
    """Make a migrated database to copy, and return its name."""
    name = server.empty_database()
    database = Database(server.url(name, keys))
    migrate(database)
    database.close()
    return name
