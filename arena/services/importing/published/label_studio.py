"""Pairs that were judged in Label Studio: tasks with `data`, and annotations with a selected side.

A project names the fields of `data` itself. Usual names are understood (prompt, answer1, answer2,
model_a, model_b); others are told with --columns. The models have to be among them: Label Studio
itself knows of none. A choice beside the pair may be a tie.

Sources: https://labelstud.io/guide/task_format.html, https://labelstud.io/tags/pairwise.html and
https://github.com/HumanSignal/label-studio
"""

from collections.abc import Iterator, Mapping
from typing import Any

from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.identity import pseudonym
from arena.services.importing.messages import cell_value, objects
from arena.services.importing.parsing import Records, parsed, vote_on_pair
from arena.services.importing.published import pairs
from arena.services.importing.rows import (
    UNKNOWN_ANNOTATOR,
    ExcludedRow,
    ExclusionReason,
    ImportedRow,
)

VERDICTS = pairs.WORDS
COLUMNS = Columns(
    required=("data", "annotations"),
    optional=("id", *pairs.COLUMNS.required, *pairs.COLUMNS.optional),
)


def read(records: Records, columns: Columns, reading: Reading) -> Iterator[ImportedRow]:
    """Yield the annotations of the records."""
    return parsed(records, columns, lambda fields: _votes(fields, columns, reading.key))


def _votes(fields: Fields, columns: Columns, key: bytes) -> Iterator[ImportedRow]:
    data, annotations = cell_value(fields, "data"), cell_value(fields, "annotations")
    if not isinstance(data, dict):
        fields.fault("data", "should be an object with the prompt, the answers and the models")
        return
    made = objects(annotations)
    if not made:
        yield ExcludedRow(fields.line, ExclusionReason.NO_VERDICT)
    for annotation in made:
        yield _vote(fields, pairs.pair_fields(fields.line, data, columns), annotation, key)


def _vote(fields: Fields, pair: Fields, annotation: Mapping[str, Any], key: bytes) -> ImportedRow:
    word = "" if annotation.get("was_cancelled") else _word(annotation)
    time = Fields.of(fields.line, annotation)
    number = str(annotation.get("id") or "")
    models = pair.name("model_a"), pair.name("model_b")
    annotator = _annotator(annotation.get("completed_by"), key)
    turn = pairs.turn_of(pair)
    row = vote_on_pair(
        fields,
        VoteFormat.LABEL_STUDIO,
        (fields.text("id"), number, annotator, *models, turn.prompt, *turn.replies),
        annotator=annotator,
        models=models,
        verdict=pairs.verdict_of(pair, word),
        outcome=("annotations", word),
        turns=(turn,),
        category=pair.text("category").strip() or None,
        at=time.moment("created_at"),
    )
    fields.faults += [*pair.faults, *time.faults]
    return row


def _word(annotation: Mapping[str, Any]) -> str:
    """Return the side that was selected, or a choice beside it that says which is better."""
    words = []
    for result in objects(annotation.get("result")):
        value = result.get("value")
        chosen = value if isinstance(value, dict) else {}
        choices = chosen.get("choices")
        if result.get("type") == "pairwise":
            words.append(str(chosen.get("selected") or ""))
        elif isinstance(choices, list):
            words += [str(one) for one in choices if pairs.plain(str(one)) in VERDICTS]
    return next((word for word in words if word), "")


def _annotator(person: Any, key: bytes) -> str:
    """Return the number of an account; a name made of the address where only that is given."""
    if isinstance(person, dict):
        person = person.get("id") or person.get("email")
    word = str(person or "").strip()
    return pseudonym(key, word) if "@" in word else word or UNKNOWN_ANNOTATOR
