"""Votes of compar:IA, the French ministry of culture's arena: the chosen model, or both equal.

Rows that give neither are qualities without a vote. The voter is the visitor, or else the session.

Source: https://huggingface.co/datasets/ministere-culture/comparia-votes, written by
https://github.com/betagouv/ComparIA
"""

from collections.abc import Iterator

from arena.domain.verdict import Verdict
from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.messages import turns_of
from arena.services.importing.parsing import Records, parsed, vote_on_pair
from arena.services.importing.rows import UNKNOWN_ANNOTATOR, ImportedRow, ImportedTurn

VERDICTS = {
    "model_a_name": Verdict.A_BETTER,
    "model_b_name": Verdict.B_BETTER,
    "both_equal": Verdict.TIE,
}
COLUMNS = Columns(
    required=("model_a_name", "model_b_name", "chosen_model_name", "both_equal"),
    optional=(
        *("id", "conversation_pair_id", "conversation_a", "conversation_b", "opening_msg"),
        *("visitor_id", "session_hash", "timestamp", "selected_category"),
    ),
)


def read(records: Records, columns: Columns, _: Reading) -> Iterator[ImportedRow]:
    """Yield the votes of the records."""
    return parsed(records, columns, _votes)


def _votes(fields: Fields) -> Iterator[ImportedRow]:
    models = fields.name("model_a_name"), fields.name("model_b_name")
    annotator = fields.text("visitor_id").strip() or fields.text("session_hash").strip()
    number = fields.text("id")
    verdict = _verdict(fields, models)
    yield vote_on_pair(
        fields,
        VoteFormat.COMPARIA,
        (number,) if number else (fields.text("conversation_pair_id"), *models, annotator),
        annotator=annotator or UNKNOWN_ANNOTATOR,
        models=models,
        verdict=verdict,
        outcome=fields.cell("both_equal" if verdict is Verdict.TIE else "chosen_model_name"),
        turns=_turns(fields),
        category=fields.text("selected_category").strip() or None,
        at=fields.moment("timestamp"),
    )


def _verdict(fields: Fields, models: tuple[str, str]) -> Verdict | None:
    chosen = fields.text("chosen_model_name").strip()
    if fields.boolean("both_equal"):
        return Verdict.TIE
    if not chosen:
        return None
    if chosen not in models:
        fields.fault("chosen_model_name", "should be model_a_name or model_b_name")
    return Verdict.A_BETTER if chosen == models[0] else Verdict.B_BETTER


def _turns(fields: Fields) -> tuple[ImportedTurn, ...]:
    if fields.raw("conversation_a") or fields.raw("conversation_b"):
        return turns_of(fields, "conversation_a", "conversation_b")
    return (ImportedTurn(fields.text("opening_msg")),)
