"""A ledger on a PostgreSQL server: one writer at a time, and readers with a snapshot each."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from arena.storage.location import UnusableLedger, driver_url
from arena.storage.server_messages import leave_out_values

WRITER, SERVER, GENERATOR = 0x4172656E61_01, 0x4172656E61_02, 0x4172656E61_03
"""Advisory locks of a database: who writes now, who serves it, who generates replies in it."""

_PATIENCE_MS = 10_000
_STALLED_MS = 60_000
_CONNECT_S = 10
_UNHEARD_MS = 30_000

_ONE_WRITER = (
    f"SELECT pg_advisory_xact_lock({WRITER}), "
    f"set_config('idle_in_transaction_session_timeout', '{_STALLED_MS}', true)"
)
"""A writer that stops in the middle is put out: all others wait for it."""

_SETTINGS = f"""
SELECT
  set_config('timezone', 'UTC', false),
  set_config('lock_timeout', '{_PATIENCE_MS}', false),
  set_config(
    'synchronous_commit',
    coalesce(nullif(current_setting('synchronous_commit'), 'off'), 'on'),
    false)
"""
"""What every connection has. A commit that is acknowledged is in the server's log, also where the
server's own setting is to write it a little later."""


class PostgresServer:
    """A database on a server. Nothing is opened before the first connection is asked for.

    Raises:
        WrongAddress: The URL names no database of a server.
        UnusableLedger: The driver is not installed.
    """

    def __init__(self, url: str, connections: int) -> None:
        self.engine = _engine(url, connections)
        # A snapshot is taken before the lock is there: it would miss what the last writer did.
        self.writing_options: Mapping[str, Any] = {"isolation_level": "READ COMMITTED"}
        self.reading_options: Mapping[str, Any] = {"postgresql_readonly": True}

    @contextmanager
    def rebuilding(self, _connection: Connection) -> Iterator[None]:
        """Prepare nothing: PostgreSQL changes tables in any transaction that writes."""
        yield

    def require_unchanged(self) -> None:
        """Do nothing: a server does not lose its files to whoever moves them."""

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _engine(url: str, connections: int) -> Engine:
    address = driver_url(url)
    asked = {"connect_timeout": _CONNECT_S, "tcp_user_timeout": _UNHEARD_MS}
    try:
        engine = create_engine(
            address,
            pool_size=connections,
            max_overflow=connections,
            hide_parameters=True,
            pool_pre_ping=True,  # after a restart of the server no vote finds a dead connection
            isolation_level="REPEATABLE READ",
            connect_args={name: asked[name] for name in asked.keys() - address.query.keys()},
        )
    except ImportError as error:
        raise UnusableLedger(
            f"a database on PostgreSQL needs its driver: pip install 'arena[postgres]' ({error})"
        ) from error
    event.listen(engine, "connect", _connected)
    event.listen(engine, "begin", _begin)
    leave_out_values(engine)
    return engine


def _connected(connection: Any, _record: Any) -> None:
    from arena.storage.postgres_values import adapt

    adapt(connection)
    connection.execute(_SETTINGS)
    connection.commit()


def _begin(connection: Connection) -> None:
    """Begin a transaction: writers queue here, and see what the one before has committed."""
    if connection.get_execution_options().get("arena_writes", False):
        connection.exec_driver_sql(_ONE_WRITER)
