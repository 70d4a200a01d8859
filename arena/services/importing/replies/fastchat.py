"""FastChat's `model_answer` files: an answer a line, with the number of its question."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from arena.domain.conversation import FinishReason
from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns
from arena.services.importing.replies.cells import imported_reply, records_of_lines, texts_of
from arena.services.importing.replies.rows import ReplyRow
from arena.services.importing.rows import RowFault

COLUMNS: Final = Columns(required=("question_id", "choices"), optional=("model_id",))


def read(text: str) -> Iterator[ReplyRow]:
    """Yield the rows of the file: the first choice of each."""
    for record in records_of_lines(text):
        if isinstance(record, RowFault):
            yield record
            continue
        fields = Fields(record, COLUMNS)
        turns = _turns(fields)
        reply = imported_reply(
            fields,
            prompt="question_id",
            model="model_id",
            reply="choices",
            turns=turns,
            reasons=[FinishReason.STOP] * len(turns),
        )
        yield from fields.faults or (reply,)


def _turns(fields: Fields) -> Sequence[str]:
    choices: Any = fields.raw("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    turns = first.get("turns") if isinstance(first, dict) else None
    if not isinstance(turns, list):
        fields.fault("choices", 'should be a list such as [{"index": 0, "turns": ["…"]}]')
        return ()
    return texts_of(fields, "choices", [_text(one) for one in turns])


def _text(turn: Any) -> Any:
    """Return the text of a turn; Arena-Hard's files have it as `content`."""
    return turn.get("content") if isinstance(turn, dict) else turn
