"""What all formats of replies have in common: lines and lists of JSON, checked texts."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from arena.domain.conversation import FinishReason
from arena.services.importing.fields import Fields
from arena.services.importing.files import Record, json_records, parsed_json, shortened
from arena.services.importing.formats import UnreadableFile
from arena.services.importing.replies.rows import Cell, ImportedReply
from arena.services.importing.rows import RowFault

_SPACE: Final = re.compile(r"[ \t\r\n]*")


def records_of_lines(text: str) -> Iterator[Record | RowFault]:
    """Yield the records of a text with one JSON object a line. Raises `UnreadableFile`."""
    return json_records(line.encode("utf-8", "surrogatepass") for line in text.split("\n"))


def records_of_list(text: str) -> Iterator[Record | RowFault]:
    """Yield the objects of one JSON list, each with the line on which it begins.

    Raises:
        UnreadableFile: The list breaks off, or is no valid JSON.
    """
    at = _space_end(text, text.index("[") + 1)
    line = 1 + text.count("\n", 0, at)
    while not text.startswith("]", at):
        end = _value_end(text, at)
        yield _record(line, text[at:end])
        separator = _space_end(text, end)
        if not text.startswith((",", "]"), separator):
            raise UnreadableFile(_broken(text, separator, "a comma or ] is missing"))
        after = _space_end(text, separator + text.startswith(",", separator))
        line += text.count("\n", at, after)
        at = after


def _space_end(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _value_end(text: str, at: int) -> int:
    try:
        return json.JSONDecoder().raw_decode(text, at)[1]
    except json.JSONDecodeError as error:
        raise UnreadableFile(_broken(text, error.pos, error.msg)) from error
    except RecursionError as error:
        raise UnreadableFile(_broken(text, at, "nested too deeply")) from error


def _broken(text: str, at: int, why: str) -> str:
    return f"line {1 + text.count(chr(10), 0, at)}: no valid JSON: {why}"


def _record(line: int, text: str) -> Record | RowFault:
    cells = parsed_json(text)
    if not isinstance(cells, dict):
        return RowFault(line, "", shortened(text), "is no JSON object: write {…}")
    return Record(line, cells)


def texts_of(fields: Fields, column: str, values: Any) -> Sequence[str]:
    """Return a list of texts that are not blank; note what is wrong with it."""
    texts = [one for one in values if isinstance(one, str)] if isinstance(values, list) else []
    if not texts or len(texts) < len(values):
        fields.fault(column, "should be a text, or a list with a text for each turn")
        return ()
    if any(not one.strip() for one in texts):
        fields.fault(column, "is empty: leave the row out, and the reply is missing")
    if any("\0" in one for one in texts):
        fields.fault(column, "contains the character NUL: remove it")
    return texts


def imported_reply(
    fields: Fields,
    *,
    prompt: str,
    model: str,
    reply: str,
    turns: Sequence[str],
    reasons: Sequence[FinishReason],
    by_text: bool = False,
) -> ImportedReply:
    """Return the row whose cells stand in the named columns."""
    name = fields.text(model).strip()
    asked = fields.text(prompt) if by_text else fields.name(prompt)
    return ImportedReply(
        line=fields.line,
        prompt=asked,
        model=name or None,
        turns=tuple(turns),
        finish_reasons=tuple(reasons),
        prompt_cell=Cell(*fields.cell(prompt)),
        model_cell=Cell(*fields.cell(model)),
        reply_cell=Cell(*fields.cell(reply)),
        by_text=by_text,
    )
