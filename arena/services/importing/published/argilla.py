"""Pairs that were judged in Argilla: records with fields, metadata, and answers of several users.

Read are nested exports (`records.to_json`, `to_list`), flat ones (`question.responses` beside
`question.responses.users`) and those of Argilla 1 (a list of answers beside `question-suggestion`).
A question may be a ranking of two responses or a label. Usual names of fields and of metadata are
understood; others, and one of several questions, are told with --columns (`verdict=QUESTION`).

Source: https://github.com/argilla-io/argilla (argilla/src/argilla/records, and the data cards that
Argilla 1 writes)
"""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.messages import cell_value
from arena.services.importing.parsing import Records, parsed, vote_on_pair
from arena.services.importing.published import pairs
from arena.services.importing.published.argilla_answers import Answer, answers_by_question, telling
from arena.services.importing.rows import (
    UNKNOWN_ANNOTATOR,
    ExcludedRow,
    ExclusionReason,
    ImportedRow,
)

VERDICTS = pairs.WORDS
COLUMNS = Columns(
    required=(), optional=("id", "external_id", *pairs.COLUMNS.required, *pairs.COLUMNS.optional)
)
_SUBMITTED = frozenset({"", "submitted"})


def read(records: Records, columns: Columns, _: Reading) -> Iterator[ImportedRow]:
    """Yield the answers of the records."""
    return parsed(records, columns, lambda fields: _votes(fields, columns))


def _votes(fields: Fields, columns: Columns) -> Iterator[ImportedRow]:
    questions = answers_by_question(fields)
    wanted = columns.renamed.get("verdict") or telling(questions)
    if wanted is None or wanted not in questions:
        there = ", ".join(questions) or "none"
        fields.fault("verdict", f"name the question to read: --columns verdict=NAME ({there})")
        return
    answers = [one for one in questions[wanted] if one.status in _SUBMITTED]
    if not answers:
        yield ExcludedRow(fields.line, ExclusionReason.NO_VERDICT)
    for answer in answers:
        yield _vote(fields, columns, wanted, answer)


def _vote(fields: Fields, columns: Columns, question: str, answer: Answer) -> ImportedRow:
    pair = pairs.pair_fields(fields.line, _cells(fields), columns)
    word = _word(pair, answer.value)
    models = pair.name("model_a"), pair.name("model_b")
    turn = pairs.turn_of(pair)
    annotator = answer.user or UNKNOWN_ANNOTATOR
    number = fields.text("id") or fields.text("external_id")
    row = vote_on_pair(
        fields,
        VoteFormat.ARGILLA,
        (number, annotator, *models, turn.prompt, *turn.replies),
        annotator=annotator,
        models=models,
        verdict=pairs.verdict_of(pair, word),
        outcome=(question, word),
        turns=(turn,),
        category=pair.text("category").strip() or None,
    )
    fields.faults += pair.faults
    return row


def _cells(fields: Fields) -> Mapping[str, Any]:
    """Return fields and metadata beside each other, as flat exports have them."""
    nested = [cell_value(fields, name) for name in ("metadata", "fields")]
    flat = {name: fields.raw(name) for name in fields.present}
    return {**flat, **{k: v for one in nested if isinstance(one, dict) for k, v in one.items()}}


def _word(pair: Fields, value: Any) -> str:
    """Return the better one of a ranking, `tie` for equal ranks, or the label."""
    if not isinstance(value, list):
        return "" if value is None else str(value)
    if len(value) != 2:
        pair.fault("verdict", f"ranks {len(value)} responses: only pairs are read")
        return ""
    (first, rank), (second, other) = map(_ranked, value, count())
    return "tie" if rank == other else first if rank < other else second


def _ranked(one: Any, place: int) -> tuple[str, float]:
    """Return a response and its rank, in both ways of writing rankings."""
    if not isinstance(one, dict):
        return str(one), place
    rank = one.get("rank")
    return str(one.get("value")), rank if isinstance(rank, int | float) else place
