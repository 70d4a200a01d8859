"""Records as lines of JSON, and back with every type checked."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from arena.services.campaigns.archive.files import RECORDS
from arena.services.campaigns.archive.refusals import BadArchive


def encoded(name: str, records: Iterable[Any]) -> Iterator[bytes]:
    """Yield the lines of a file of records."""
    adapter = _adapter(name)
    for record in records:
        yield adapter.dump_json(record) + b"\n"


def decoded(name: str, lines: Iterable[bytes]) -> Iterator[Any]:
    """Yield the records of a file.

    Raises:
        BadArchive: A line is no such record; names the line and the field.
    """
    adapter = _adapter(name)
    for number, line in enumerate(lines, start=1):
        try:
            yield adapter.validate_json(line, strict=True, extra="forbid")
        except ValidationError as error:
            raise BadArchive(f"{name}:{number}: {first_fault(error)}") from error


def first_fault(error: ValidationError) -> str:
    """Return the first thing that is wrong, with its place."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else first["msg"]


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(RECORDS[name])
