"""Replies in the arena's own shape: one JSON object a line, with the id of the prompt."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from arena.domain.conversation import FinishReason
from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns
from arena.services.importing.replies.cells import imported_reply, records_of_lines, texts_of
from arena.services.importing.replies.rows import ReplyRow
from arena.services.importing.rows import RowFault

COLUMNS: Final = Columns(
    required=("prompt",), optional=("model", "reply", "turns", "finish_reason")
)
_REASONS: Final[Mapping[str, FinishReason]] = {one.value: one for one in FinishReason}


def read(text: str) -> Iterator[ReplyRow]:
    """Yield the rows of the file."""
    for record in records_of_lines(text):
        if isinstance(record, RowFault):
            yield record
            continue
        fields = Fields(record, COLUMNS)
        turns = _turns(fields)
        reasons = _finish_reasons(fields, len(turns))
        column = "turns" if fields.raw("turns") else "reply"
        reply = imported_reply(
            fields, prompt="prompt", model="model", reply=column, turns=turns, reasons=reasons
        )
        yield from fields.faults or (reply,)


def _turns(fields: Fields) -> Sequence[str]:
    reply, turns = fields.raw("reply"), fields.raw("turns")
    if reply and turns:
        fields.fault("turns", "stands beside `reply`: remove one")
    if turns:
        return texts_of(fields, "turns", turns)
    if not reply:
        fields.fault("reply", "is empty: write the reply, or `turns` with one for each turn")
        return ()
    return texts_of(fields, "reply", [reply])


def _finish_reasons(fields: Fields, turns: int) -> Sequence[FinishReason]:
    """Return why each reply ended; a single word is about the last one."""
    given: Any = fields.raw("finish_reason")
    if not isinstance(given, list):
        given = [FinishReason.STOP.value] * (turns - 1) + [given or FinishReason.STOP.value]
    known = [_REASONS.get(one) for one in given if isinstance(one, str)]
    found = [one for one in known if one is not None]
    if turns and len(found) != max(turns, len(given)):
        fields.fault("finish_reason", "should be stop or length, or a list with one for each turn")
        return [FinishReason.STOP] * turns
    return found
