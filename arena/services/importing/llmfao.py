"""Crowd votes of LLMFAO: two names as shown, a worker, a winner, and the number of a prompt."""

from collections.abc import Iterable, Iterator

from arena.domain.verdict import Verdict
from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns, json_records
from arena.services.importing.formats import KnownPrompt, Reading, UnreadableFile, VoteFormat
from arena.services.importing.identity import external_battle_id
from arena.services.importing.parsing import Records, parsed
from arena.services.importing.rows import (
    ImportedModel,
    ImportedRow,
    ImportedTurn,
    ImportedVote,
    RowFault,
)

COLUMNS = Columns(required=("id", "prompt", "worker", "winner", "left", "right"))
PROMPTS_FILE = "prompts.jsonl"
"""Lies beside the votes where they were published; has the texts of the prompts."""

_PROMPT_COLUMNS = Columns(required=("id", "text"), optional=("type",))
VERDICTS = {"left": Verdict.A_BETTER, "right": Verdict.B_BETTER, "tie": Verdict.TIE}


def read(records: Records, columns: Columns, reading: Reading) -> Iterator[ImportedRow]:
    """Yield the votes of the records."""
    return parsed(records, columns, lambda fields: (_vote(fields, reading),))


def _vote(fields: Fields, reading: Reading) -> ImportedVote:
    item, prompt, worker = (fields.name(column) for column in ("id", "prompt", "worker"))
    left, right = fields.name("left"), fields.name("right")
    if left == right:
        fields.fault("right", "is the left model again: a model never meets itself")
    known = reading.prompts.get(prompt, KnownPrompt(f"llmfao prompt {prompt}"))
    return ImportedVote(
        line=fields.line,
        battle_id=external_battle_id(VoteFormat.LLMFAO, item, prompt, left, right, worker),
        annotator=worker,
        models=(ImportedModel(left), ImportedModel(right)),
        verdict=fields.one_of("winner", VERDICTS),
        turns=(ImportedTurn(known.text),),
        outcome_cell=fields.cell("winner"),
        category=known.category,
    )


def read_prompts(lines: Iterable[bytes]) -> dict[str, KnownPrompt]:
    """Return texts and categories of prompts by number. Raises `UnreadableFile`."""
    prompts = {}
    for record in json_records(lines):
        faults = [record] if isinstance(record, RowFault) else []
        if not isinstance(record, RowFault):
            fields = Fields(record, _PROMPT_COLUMNS)
            number, text = fields.name("id"), fields.name("text")
            prompts[number] = KnownPrompt(text, fields.text("type") or None)
            faults = fields.faults
        for fault in faults:
            raise UnreadableFile(
                f"{PROMPTS_FILE}, line {fault.line}: {fault.column} {fault.change}"
            )
    return prompts
