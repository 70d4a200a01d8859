"""AlpacaEval's `model_outputs`: one JSON list, with the text of each instruction."""

from collections.abc import Iterator
from typing import Final

from arena.domain.conversation import FinishReason
from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns
from arena.services.importing.replies.cells import (
    imported_reply,
    records_of_lines,
    records_of_list,
    texts_of,
)
from arena.services.importing.replies.rows import ReplyRow
from arena.services.importing.rows import RowFault

COLUMNS: Final = Columns(required=("instruction", "output"), optional=("generator",))


def read(text: str) -> Iterator[ReplyRow]:
    """Yield the rows of the file. Raises `UnreadableFile`."""
    is_list = text.lstrip().startswith("[")
    for record in records_of_list(text) if is_list else records_of_lines(text):
        if isinstance(record, RowFault):
            yield record
            continue
        fields = Fields(record, COLUMNS)
        fields.name("instruction")
        turns = texts_of(fields, "output", [fields.raw("output")])
        reply = imported_reply(
            fields,
            prompt="instruction",
            model="generator",
            reply="output",
            turns=turns,
            reasons=[FinishReason.STOP] * len(turns),
            by_text=True,
        )
        yield from fields.faults or (reply,)
