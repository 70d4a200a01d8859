"""LMArena's 55k votes: the outcome is in three columns, of which one is 1.

Prompts and replies are JSON lists with a text for each turn, null where a model said nothing. The
set does not say who voted, and its ties include votes that both were bad.

Source: https://huggingface.co/datasets/lmarena-ai/arena-human-preference-55k
"""

from collections.abc import Iterator, Sequence

from arena.domain.verdict import Verdict
from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.messages import cell_value
from arena.services.importing.parsing import Records, parsed, vote_on_pair
from arena.services.importing.rows import UNKNOWN_ANNOTATOR, ImportedRow, ImportedTurn

VERDICTS = {
    "winner_model_a": Verdict.A_BETTER,
    "winner_model_b": Verdict.B_BETTER,
    "winner_tie": Verdict.TIE,
}
_TEXTS = ("prompt", "response_a", "response_b")
COLUMNS = Columns(required=("model_a", "model_b", *_TEXTS, *VERDICTS), optional=("id",))


def read(records: Records, columns: Columns, _: Reading) -> Iterator[ImportedRow]:
    """Yield the votes of the records."""
    return parsed(records, columns, _votes)


def _votes(fields: Fields) -> Iterator[ImportedRow]:
    models = fields.name("model_a"), fields.name("model_b")
    prompts, a, b = (_texts(fields, column) for column in _TEXTS)
    if not len(prompts) == len(a) == len(b):
        fields.fault("response_a", "should have as many texts as prompt and response_b")
    chosen = _chosen(fields)
    given = fields.text("id")
    yield vote_on_pair(
        fields,
        VoteFormat.LMARENA_55K,
        (given,) if given else (*models, chosen, *prompts, *a, *b),
        annotator=UNKNOWN_ANNOTATOR,
        models=models,
        verdict=VERDICTS[chosen],
        outcome=fields.cell(chosen),
        turns=tuple(map(ImportedTurn, prompts, zip(a, b, strict=False))),
    )


def _texts(fields: Fields, column: str) -> Sequence[str]:
    """Return a text for each turn; a cell that is no list is the only one."""
    cell = cell_value(fields, column)
    if not isinstance(cell, list):
        return (fields.text(column),)
    return ["" if text is None else str(text) for text in cell]


def _chosen(fields: Fields) -> str:
    """Return the column that is 1. The others are 0."""
    numbers = {column: _number(fields, column) for column in VERDICTS}
    if sorted(numbers.values()) != [0, 0, 1]:
        fields.fault("winner_model_a", f"should be 1, or another one of {', '.join(VERDICTS)}")
    return max(numbers, key=lambda column: numbers[column])


def _number(fields: Fields, column: str) -> float:
    raw = fields.raw(column)
    return float(raw) if isinstance(raw, bool) else fields.number(column) or 0.0
