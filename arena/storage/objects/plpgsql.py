"""Triggers as PostgreSQL has them: a function each, made from what is written for SQLite."""

import re
from collections.abc import Iterator

_TRIGGER = re.compile(
    r"CREATE TRIGGER (?P<name>\w+)\n"
    r"(?P<event>(?P<when>BEFORE|AFTER) (?P<what>INSERT|UPDATE|DELETE)[^\n]* ON (?P<table>\w+))\n"
    r"(?:WHEN (?P<condition>.+?)\n)?"
    r"BEGIN\n(?P<body>.+)\nEND",
    re.DOTALL,
)
_DIFFERS = re.compile(r"\bIS NOT (?!NULL\b)")
_REFUSES = re.compile(r"SELECT RAISE\(ABORT, ('(?:[^']|'')+')\)")
_ERROR = r"RAISE EXCEPTION USING MESSAGE = \1, ERRCODE = 'integrity_constraint_violation'"

_FUNCTION = """CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
{body}
  RETURN {row};
END
$$"""

_EMPTIED = """CREATE OR REPLACE FUNCTION {name}_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
{body}
  RETURN NULL;
END
$$"""


class NotTranslated(Exception):
    """A trigger is written in a way that nothing here reads."""


def translated(statement: str) -> Iterator[str]:
    """Yield what makes for PostgreSQL what a statement makes for SQLite: a view stays as it is.

    A rule against deleting rows also holds against emptying the whole table, which PostgreSQL does
    without looking at rows.

    Raises:
        NotTranslated: It is written in a way that nothing here reads.
    """
    if not statement.startswith("CREATE TRIGGER"):
        yield statement
        return
    match = _TRIGGER.fullmatch(statement)
    if match is None:
        raise NotTranslated(statement)
    name, table, deletes = match["name"], match["table"], match["what"] == "DELETE"
    row = "OLD" if deletes else "NEW"
    body = _spelled(match["body"])
    guarded = _guarded(_spelled(match["condition"]), body) if match["condition"] else body
    yield _FUNCTION.format(name=name, body=guarded, row=row)
    yield f"CREATE TRIGGER {name}\n{match['event']}\nFOR EACH ROW EXECUTE FUNCTION {name}()"
    if deletes and match["when"] == "BEFORE":
        yield _EMPTIED.format(name=name, body=body)
        yield (
            f"CREATE TRIGGER {name}_whole\nBEFORE TRUNCATE ON {table}\n"
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}_whole()"
        )


def _guarded(condition: str, body: str) -> str:
    inner = "\n".join(f"  {line}" for line in body.splitlines())
    return f"  IF {condition} THEN\n{inner}\n  END IF;"


def _spelled(sql: str) -> str:
    return _REFUSES.sub(_ERROR, _DIFFERS.sub("IS DISTINCT FROM ", sql))
