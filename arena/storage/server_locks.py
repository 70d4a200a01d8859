"""Locks that a PostgreSQL server holds for a process, for as long as its connection lives."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from arena.storage.database import StorageError, UnusableLedger
from arena.storage.faults import explanation
from arena.storage.location import place_of
from arena.storage.postgres_server import PostgresServer


@contextmanager
def lock_held(url: str, lock: int, refusal: str, *, shared: bool = False) -> Iterator[None]:
    """Hold an advisory lock of a database while the block runs, alone or with others who share it.

    Raises:
        UnusableLedger: Another process holds it (`refusal`), or the server is not there.
    """
    function = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
    server = PostgresServer(url, 1)
    with ExitStack() as held:
        held.callback(server.close)
        try:
            connection = held.enter_context(server.engine.connect())
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            taken = alone.exec_driver_sql(f"SELECT {function}({lock})").scalar()
        except StorageError as error:
            raise UnusableLedger(explanation(error, place_of(url))) from error
        if not taken:
            raise UnusableLedger(refusal)
        yield
