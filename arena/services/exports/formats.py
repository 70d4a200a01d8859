"""Batches of columns as the bytes of a CSV or JSONL file, in chunks of bounded size.

Cells are spelled a column at a time and filled into a template a row at a time: less than half of
what `csv` and `json` take for a row.
"""

import json
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeAlias

from arena.domain.conversation import Message
from arena.services.exports.columns import Column, Kind

Cells: TypeAlias = Sequence[Any]
"""A column of a batch; the `Kind` of the column says what its cells are."""

Batches: TypeAlias = Iterable[Sequence[Cells]]
"""A table in parts of at least one row: all columns, in the order of the file."""

BOM = "\ufeff"
_GUARDED = frozenset("=+-@\t\r'＝＋－＠")
"""What a spreadsheet may take for the beginning of a formula, in full width too."""
_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


class ExportFormat(StrEnum):
    """File formats of an export."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


def csv_chunks(
    columns: Sequence[Column], batches: Batches, *, bom: bool = False
) -> Generator[bytes]:
    """RFC 4180 in UTF-8: a header, CRLF, quotes where needed; None is an empty cell.

    One chunk is the header, then there is one a batch. Needs two columns or more: a single empty
    cell would be an empty line.
    """
    header = ",".join(column.name for column in columns)
    yield f"{BOM if bom else ''}{header}\r\n".encode()
    line = ",".join(["%s"] * len(columns)) + "\r\n"
    for batch in batches:
        yield _filled(line, columns, batch, _CSV)


def jsonl_chunks(columns: Sequence[Column], batches: Batches) -> Generator[bytes]:
    """One JSON object a line in UTF-8, with every column in every object; one chunk a batch.

    Raises ValueError for a number that JSON does not have.
    """
    line = "{" + ", ".join(f"{_json(column.name)}: %s" for column in columns) + "}\n"
    for batch in batches:
        yield _filled(line, columns, batch, _JSON)


def guarded(text: str) -> str:
    """Keep spreadsheets from running a text as a formula: put `'` before a risky first character.

    A text that begins with `'` gets one too, so that taking one leading `'` off every cell that
    has it gives back exactly what was stored.
    """
    return f"'{text}" if text[:1] in _GUARDED else text


def messages_document(messages: Sequence[Message]) -> list[dict[str, str]]:
    """Write a conversation as chat APIs and training libraries do."""
    return [{"role": message.role.value, "content": message.content} for message in messages]


_Spelling: TypeAlias = Callable[[Cells], Cells]


def _filled(
    line: str,
    columns: Sequence[Column],
    batch: Sequence[Cells],
    spellings: Mapping[Kind, _Spelling],
) -> bytes:
    spelled = [spellings[kind](cells) for (_, kind), cells in zip(columns, batch, strict=True)]
    return "".join(map(line.__mod__, zip(*spelled, strict=True))).encode()


def _each_once(spell: Callable[[Any], str], *, none: str) -> _Spelling:
    """Spells every distinct cell of a batch once: keys, categories and prompts come again."""

    def spelled(cells: Cells) -> Cells:
        known = {cell: none if cell is None else spell(cell) for cell in set(cells)}
        return [known[cell] for cell in cells]

    return spelled


def _csv_text(text: str) -> str:
    safe = guarded(text)
    # Four plain searches: a regular expression would go through a prompt letter by letter.
    if "," in safe or '"' in safe or "\n" in safe or "\r" in safe:
        return '"' + safe.replace('"', '""') + '"'
    return safe


def _csv_messages(messages: Sequence[Message]) -> str:
    return _csv_text(_json_messages(messages))


def _none_is_empty(cells: Cells) -> Cells:
    return ["" if cell is None else cell for cell in cells]


def _json_numbers(cells: Cells) -> Cells:
    """All in one call: no number, truth or null of JSON has a comma in it."""
    return _json(list(cells))[1:-1].split(", ")


def _json_messages(messages: Sequence[Message]) -> str:
    return _json(messages_document(messages))


_CSV: Mapping[Kind, _Spelling] = {
    Kind.TEXT: _each_once(_csv_text, none=""),
    Kind.INTEGER: _none_is_empty,
    Kind.REAL: _none_is_empty,
    Kind.BOOLEAN: _each_once({True: "true", False: "false"}.__getitem__, none=""),
    Kind.TIME: _none_is_empty,
    Kind.MESSAGES: _each_once(_csv_messages, none=""),
}
_JSON: Mapping[Kind, _Spelling] = {
    Kind.TEXT: _each_once(_json, none="null"),
    Kind.INTEGER: _json_numbers,
    Kind.REAL: _json_numbers,
    Kind.BOOLEAN: _json_numbers,
    Kind.TIME: _each_once(_json, none="null"),
    Kind.MESSAGES: _each_once(_json_messages, none="null"),
}
