"""Rows that refer to rows that are not there: the database refuses them, unless it is by-passed."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, ForeignKeyConstraint, and_, exists, not_, select, text

from arena.storage.schema import metadata


class BrokenReference(NamedTuple):
    """The `row` of a table, by its number or its key, that refers to a missing row of `parent`."""

    table: str
    row: object
    parent: str


def broken_references(connection: Connection) -> Iterator[BrokenReference]:
    """Look through every reference. Some seconds for a million votes."""
    if connection.dialect.name == "sqlite":
        for table, row, parent, _ in connection.execute(text("PRAGMA foreign_key_check")):
            yield BrokenReference(table, row, parent)
        return
    for table in metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            yield from _broken(connection, constraint)


def _broken(connection: Connection, constraint: ForeignKeyConstraint) -> Iterator[BrokenReference]:
    table, parent = constraint.table, constraint.referred_table.alias("parent")
    pairs = [(key.parent, parent.c[key.column.name]) for key in constraint.elements]
    found = exists().where(and_(*(own == other for own, other in pairs))).correlate(table)
    refers = [own.is_not(None) for own, _ in pairs]
    query = select(*table.primary_key).select_from(table).where(*refers, not_(found))
    for row in connection.execute(query):
        yield BrokenReference(table.name, "/".join(map(str, row)), constraint.referred_table.name)
