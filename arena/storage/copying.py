"""A whole ledger from one database into another, as it is, and compared row by row."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, func, insert, select, text, update

from arena.storage.database import Database
from arena.storage.ledger_rules import count_faults
from arena.storage.objects import drop_objects, replace_objects
from arena.storage.references import broken_references
from arena.storage.schema import VALUE_SETS, board_version, metadata, votes
from arena.storage.schema.columns import ROW_NUMBERS, order_of_storing

_AT_ONCE = 1_000
_GIVEN = {table.name for table in VALUE_SETS} | {board_version.name}
"""What a new database has rows of by itself."""


class NotCopied(Exception):
    """One sentence: why a ledger cannot be copied. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Copied:
    """How much was copied, and found to be the same."""

    tables: int
    rows: int
    votes: int


def copy_ledger(source: Database, target: Database) -> Copied:
    """Copy every row of one snapshot of `source` into the empty `target`, in one transaction.

    Both have the newest schema. Triggers of the target rest meanwhile: what they derive is copied
    too, and recounted at the end.

    Raises:
        NotCopied: The target is not empty, a row cannot be stored in it, or one came out otherwise.
        StorageError: Either database fails.
    """
    with source.reading() as read, target.rebuilding() as write:
        _require_empty(write, target.place)
        drop_objects(write)
        rows = sum(_copy(read, write, table) for table in _tables())
        write.execute(update(board_version).values(number=board_version.c.number + 1))
        if write.dialect.name == "postgresql":
            _go_on_numbering(write)
        replace_objects(write)
        for table in _tables():
            _compare(read, write, table)
        for fault in _faults(write):
            raise NotCopied(f"what was copied is not sound: {fault}")
        counted = int(write.execute(select(func.count()).select_from(votes)).scalar_one())
    return Copied(len(_tables()), rows, counted)


def _tables() -> list[sa.TableClause]:
    """Return the tables with rows to copy, after those that they refer to."""
    return [_whole(table) for table in metadata.sorted_tables if table.name not in _GIVEN]


def _whole(table: sa.Table) -> sa.TableClause:
    """Return a table with the numbers of its rows, where its rows are known by them."""
    columns = [sa.column(one.name, one.type) for one in table.columns]
    if ROW_NUMBERS in table.info:
        columns.insert(0, sa.column(ROW_NUMBERS, sa.BigInteger))
    return sa.table(table.name, *columns)


def _require_empty(write: Connection, place: str) -> None:
    for table in _tables():
        if write.execute(select(sa.literal(1)).select_from(table).limit(1)).first():
            raise NotCopied(f"{place} is not empty: it has rows of {table.name}")


def _copy(read: Connection, write: Connection, table: sa.TableClause) -> int:
    copied = 0
    for rows in _rows(read, table):
        values = [dict(zip(table.c.keys(), row, strict=True)) for row in rows]
        if write.dialect.name == "postgresql":
            _require_no_nul(table, values)
        write.execute(insert(table), values)
        copied += len(values)
    return copied


def _rows(connection: Connection, table: sa.TableClause) -> Iterator[list[tuple[Any, ...]]]:
    """Yield all rows in the order of their numbers or keys, many at a time."""
    query = select(*table.c).order_by(*(table.c[name] for name in _order(table)))
    found = connection.execute(query, execution_options={"yield_per": _AT_ONCE})
    for some in found.partitions():
        yield [tuple(row) for row in some]


def _order(table: sa.TableClause) -> list[str]:
    return order_of_storing(metadata.tables[table.name])


def _require_no_nul(table: sa.TableClause, values: list[dict[str, Any]]) -> None:
    for row in values:
        for name, value in row.items():
            if isinstance(value, str) and "\0" in value:
                key = "/".join(str(row[one]) for one in _order(table))
                raise NotCopied(
                    f"row {key} of {table.name} has a NUL character in {name}, which PostgreSQL "
                    "cannot store"
                )


def _compare(read: Connection, write: Connection, table: sa.TableClause) -> None:
    copies = _rows(write, table)
    for rows in _rows(read, table):
        if rows != next(copies, []):
            raise NotCopied(f"rows of {table.name} came out otherwise than they were")
    if next(copies, []):
        raise NotCopied(f"{table.name} has more rows than there were")


def _go_on_numbering(write: Connection) -> None:
    """Let the numbers that the server gives go on after those that were copied."""
    for table in metadata.sorted_tables:
        for name in _numbered(table):
            asked = text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{name}'),"  # noqa: S608
                f" (SELECT max({name}) FROM {table.name}))"
                f" WHERE pg_get_serial_sequence('{table.name}', '{name}') IS NOT NULL"
            )
            write.execute(asked)


def _numbered(table: sa.Table) -> list[str]:
    given = table.autoincrement_column
    own = [ROW_NUMBERS] if ROW_NUMBERS in table.info else []
    return own if given is None else [*own, given.name]


def _faults(write: Connection) -> Iterator[str]:
    for broken in broken_references(write):
        yield f"row {broken.row} of {broken.table} refers to a row that is not there"
    yield from count_faults(write)
