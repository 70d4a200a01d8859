"""Views and triggers of a PostgreSQL database: which there are, and whether somebody changed one.

PostgreSQL keeps a view in words of its own. What it made of each object is noted beside it as a
digest, together with what was written: then a change of either is seen.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, text

_STORED = text("""
SELECT 'VIEW' AS kind, viewed.relname AS name, NULL AS of_table, NULL AS called,
  pg_get_viewdef(viewed.oid) AS made, obj_description(viewed.oid, 'pg_class') AS noted
FROM pg_class viewed
WHERE viewed.relkind = 'v' AND viewed.relnamespace = CAST(current_schema() AS regnamespace)
UNION ALL
SELECT 'TRIGGER', fired.tgname, watched.relname, CAST(CAST(called.oid AS regprocedure) AS text),
  concat_ws(chr(10), pg_get_triggerdef(fired.oid), fired.tgenabled, called.prosrc),
  obj_description(fired.oid, 'pg_trigger')
FROM pg_trigger fired
JOIN pg_class watched ON watched.oid = fired.tgrelid
JOIN pg_proc called ON called.oid = fired.tgfoid
WHERE NOT fired.tgisinternal AND watched.relnamespace = CAST(current_schema() AS regnamespace)
ORDER BY 1, 2
""")


def differing_objects(connection: Connection, expected: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of objects that are not as `expected` says, by name."""
    stored = {row.name: row for row in connection.execute(_STORED)}
    ours = expected.keys() | {row.name for row in stored.values() if row.kind == "TRIGGER"}
    return tuple(name for name in sorted(ours) if _differs(stored.get(name), expected.get(name)))


def drop_objects(connection: Connection) -> None:
    """Drop every view and trigger, and the functions of the triggers."""
    stored = connection.execute(_STORED).all()
    for row in stored:
        end = "" if row.of_table else " CASCADE"
        connection.exec_driver_sql(f"DROP {row.kind} IF EXISTS {_place(row)}{end}")
    for called in {row.called for row in stored if row.called}:
        connection.exec_driver_sql(f"DROP FUNCTION {called}")


def note_objects(connection: Connection, written: Mapping[str, str]) -> None:
    """Note beside each object what it was made from and what it became."""
    for row in connection.execute(_STORED).all():
        if row.name in written:
            noted = _digest(written[row.name], row.made)
            connection.exec_driver_sql(f"COMMENT ON {row.kind} {_place(row)} IS '{noted}'")


def _place(row: Row[Any]) -> str:
    return f'"{row.name}" ON "{row.of_table}"' if row.of_table else f'"{row.name}"'


def _differs(row: Row[Any] | None, written: str | None) -> bool:
    if row is None or written is None:
        return True
    return bool(row.noted != _digest(written, row.made))


def _digest(written: str, made: str) -> str:
    return sha256(f"{written}\n{made}".encode()).hexdigest()
