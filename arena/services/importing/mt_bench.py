"""Human judgments in the shape of MT-bench: two conversations, a judge, and the turn judged.

Source: https://huggingface.co/datasets/lmsys/mt_bench_human_judgments
"""

from collections.abc import Iterator
from typing import Any

from arena.domain.verdict import Verdict
from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns, parsed_json
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.identity import external_battle_id
from arena.services.importing.parsing import Records, has_empty_reply, parsed
from arena.services.importing.rows import (
    ExcludedRow,
    ExclusionReason,
    ImportedModel,
    ImportedRow,
    ImportedTurn,
    ImportedVote,
)

COLUMNS = Columns(
    required=("question_id", "model_a", "model_b", "winner", "judge"),
    optional=("conversation_a", "conversation_b", "turn", "category", "tstamp"),
)
VERDICTS = {
    "model_a": Verdict.A_BETTER,
    "model_b": Verdict.B_BETTER,
    "tie": Verdict.TIE,
    "tie (bothbad)": Verdict.BOTH_BAD,
}
_MOST_TURNS = 100
_ROLES = ("user", "assistant")


def read(records: Records, columns: Columns, _: Reading) -> Iterator[ImportedRow]:
    """Yield the judgments of the records."""
    return parsed(records, columns, lambda fields: (_unless_void(_vote(fields)),))


def _unless_void(vote: ImportedVote) -> ImportedRow:
    if has_empty_reply(vote.turns):
        return ExcludedRow(vote.line, ExclusionReason.FAILED_REPLY)
    return vote


def _vote(fields: Fields) -> ImportedVote:
    question, judge = fields.name("question_id"), fields.name("judge")
    names = fields.name("model_a"), fields.name("model_b")
    if names[0] == names[1]:
        fields.fault("model_b", "is model_a again: a model never meets itself")
    turn = fields.integer("turn", default=1, most=_MOST_TURNS)
    time = fields.text("tstamp")
    return ImportedVote(
        line=fields.line,
        battle_id=external_battle_id(VoteFormat.MT_BENCH, question, *names, judge, turn, time),
        annotator=judge,
        models=(ImportedModel(names[0]), ImportedModel(names[1])),
        verdict=fields.one_of("winner", VERDICTS),
        turns=_turns(fields, question, turn),
        outcome_cell=fields.cell("winner"),
        category=fields.text("category") or None,
        created_at=fields.unix_timestamp("tstamp"),
    )


def _turns(fields: Fields, question: str, judged: int) -> tuple[ImportedTurn, ...]:
    """Return what the judge had read: the conversations up to the turn that was judged."""
    a, b = (_messages(fields, column, judged) for column in ("conversation_a", "conversation_b"))
    if not a and not b:
        return (ImportedTurn(f"mt-bench question {question}"),) + (ImportedTurn(""),) * (judged - 1)
    if a[::2] != b[::2] and not fields.faults:
        fields.fault("conversation_b", "does not ask what conversation_a asks")
    return tuple(map(ImportedTurn, a[::2], zip(a[1::2], b[1::2], strict=False)))


def _messages(fields: Fields, column: str, judged: int) -> list[str]:
    """Return `judged` texts each of user and assistant in turn; none where the cell is empty."""
    cell = fields.raw(column)
    try:
        messages = parsed_json(cell) if isinstance(cell, str) and cell.strip() else cell or []
    except (ValueError, RecursionError):
        fields.fault(column, 'should be JSON, [{"role": "user", "content": "..."}, ...]')
        return []
    if messages in ("", []):
        return []
    judgeable = messages[: 2 * judged] if isinstance(messages, list) else []
    texts = [_text(message, place) for place, message in enumerate(judgeable)]
    if None in texts or len(texts) < 2 * judged:
        fields.fault(column, f"should hold {judged} messages of user and assistant by turns")
    return [text for text in texts if text is not None]


def _text(message: Any, place: int) -> str | None:
    is_next = isinstance(message, dict) and message.get("role") == _ROLES[place % 2]
    text = message.get("content") if is_next else None
    return text if isinstance(text, str) else None
