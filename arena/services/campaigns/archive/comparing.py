"""Where a file of an archive differs from what its ballots give."""

import csv
import json
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import islice, zip_longest
from typing import Any

_MOST = 20
"""Lines about one file: after that only their number would grow."""


def differences(name: str, archived: bytes, computed: bytes) -> Iterator[str]:
    """Yield a line for each value of a small file that differs, up to twenty."""
    if archived == computed:
        return
    found = _found(name, archived, computed)
    some = list(islice(found, _MOST))
    yield from (f"{name}: {line}" for line in some)
    if not some:
        yield f"{name}: is written in another way than an arena writes it"
    elif next(found, None) is not None:
        yield f"{name}: more values differ"


def line_differences(
    name: str, archived: Iterable[bytes], computed: Iterable[bytes]
) -> Iterator[str]:
    """Yield a line for each line of a file that differs, up to twenty."""
    found = (
        number
        for number, pair in enumerate(zip_longest(archived, computed), start=1)
        if pair[0] != pair[1]
    )
    for number in islice(found, _MOST):
        yield f"{name}:{number}: is not what the ballots give"
    if next(found, None) is not None:
        yield f"{name}: more lines differ"


def _found(name: str, archived: bytes, computed: bytes) -> Iterator[str]:
    try:
        if name.endswith(".json"):
            return _values("", json.loads(archived), json.loads(computed))
        return _cells(archived.decode(), computed.decode())
    except (ValueError, RecursionError, csv.Error):
        return iter(["cannot be read"])


def _values(where: str, one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from _values(f"{where}.{key}".strip("."), one.get(key), other.get(key))
    elif isinstance(one, list) and isinstance(other, list):
        for place, (left, right) in enumerate(zip_longest(one, other)):
            yield from _values(f"{where}.{place}", left, right)
    elif type(one) is not type(other) or one != other:
        yield _told(where, one, other)


def _cells(one: str, other: str) -> Iterator[str]:
    left, right = (csv.reader(StringIO(text, newline="")) for text in (one, other))
    nothing: list[str] = []
    for row, (ours, theirs) in enumerate(zip_longest(left, right, fillvalue=nothing), start=1):
        for column, (a, b) in enumerate(zip_longest(ours, theirs), start=1):
            if a != b:
                yield _told(f"row {row}, column {column}", a, b)


def _told(where: str, one: Any, other: Any) -> str:
    return f"{where}: is {_short(one)}, and the ballots give {_short(other)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"
