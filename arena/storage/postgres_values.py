"""How values go to PostgreSQL and come back: as SQLite takes and gives them."""

from decimal import Decimal
from typing import Any

from psycopg import Connection
from psycopg.adapt import Buffer, Dumper, Loader

_NUL, _REPLACEMENT = "\0", "\ufffd"


def adapt(connection: Connection[Any]) -> None:
    """Set up a connection of the driver."""
    connection.adapters.register_dumper(str, _TextDumper)
    connection.adapters.register_loader("numeric", _SumLoader)


class _TextDumper(Dumper):
    """Texts without NUL, which PostgreSQL does not store: in its place is U+FFFD.

    Raises UnicodeEncodeError for what is no text.
    """

    def dump(self, obj: str) -> bytes:
        return obj.replace(_NUL, _REPLACEMENT).encode()


class _SumLoader(Loader):
    """Sums of whole numbers, which PostgreSQL widens to decimal ones."""

    def load(self, data: Buffer) -> int | float:
        found = Decimal(bytes(data).decode())
        return int(found) if found == found.to_integral_value() else float(found)
