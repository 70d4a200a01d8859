"""What every format of replies is read into."""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from arena.domain.conversation import FinishReason
from arena.services.importing.rows import RowFault


class Cell(NamedTuple):
    """A column by the file's name for it, and what stands there."""

    column: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedReply:
    """One model's replies to all turns of one prompt.

    `prompt` is the id of the prompt, or its exact text where `by_text`. `model` is None where the
    file does not name the model. `finish_reasons` has one for each of the `turns`.
    """

    line: int
    prompt: str
    model: str | None
    turns: tuple[str, ...]
    finish_reasons: tuple[FinishReason, ...]
    prompt_cell: Cell
    model_cell: Cell
    reply_cell: Cell
    by_text: bool = False


ReplyRow: TypeAlias = ImportedReply | RowFault
