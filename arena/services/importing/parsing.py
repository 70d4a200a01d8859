"""What the parsers of all formats have in common."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeAlias

from arena.domain.verdict import Verdict
from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns, Record
from arena.services.importing.formats import VoteFormat
from arena.services.importing.identity import external_battle_id
from arena.services.importing.rows import (
    ExcludedRow,
    ExclusionReason,
    ImportedModel,
    ImportedRow,
    ImportedTurn,
    ImportedVote,
    RowFault,
)

Records: TypeAlias = Iterable[Record | RowFault]


def parsed(
    records: Records, columns: Columns, rows_of: Callable[[Fields], Iterable[ImportedRow]]
) -> Iterator[ImportedRow]:
    """Yield the rows of every record; of a record with faults the faults alone."""
    for record in records:
        if isinstance(record, RowFault):
            yield record
            continue
        fields = Fields(record, columns)
        rows = tuple(rows_of(fields))
        yield from dict.fromkeys(fields.faults) or rows


def vote_on_pair(
    fields: Fields,
    source: VoteFormat,
    distinct: Sequence[str | int],
    *,
    annotator: str,
    models: tuple[str, str],
    verdict: Verdict | None,
    outcome: tuple[str, str],
    turns: Sequence[ImportedTurn],
    category: str | None = None,
    language: str | None = None,
    comment: str = "",
    at: datetime | None = None,
) -> ImportedRow:
    """Return a vote on two models, or why the row is none.

    `distinct` is what tells the vote from all others of its format.
    """
    reason = _left_out(models, verdict, turns)
    if reason is not None or verdict is None:
        return ExcludedRow(fields.line, reason or ExclusionReason.NO_VERDICT)
    return ImportedVote(
        line=fields.line,
        battle_id=external_battle_id(source, *distinct),
        annotator=annotator,
        models=(ImportedModel(models[0]), ImportedModel(models[1])),
        verdict=verdict,
        turns=tuple(turns),
        outcome_cell=outcome,
        category=category,
        language=language,
        comment=comment,
        created_at=at,
    )


def _left_out(
    models: tuple[str, str], verdict: Verdict | None, turns: Sequence[ImportedTurn]
) -> ExclusionReason | None:
    if verdict is None:
        return ExclusionReason.NO_VERDICT
    if models[0] == models[1]:
        return ExclusionReason.SAME_MODEL
    if not turns or not turns[0].prompt.strip():
        return ExclusionReason.NO_TEXT
    return ExclusionReason.FAILED_REPLY if has_empty_reply(turns) else None


def has_empty_reply(turns: Iterable[ImportedTurn]) -> bool:
    """Tell whether any model said nothing in one of the turns: such a battle is void."""
    return any(not reply.strip() for turn in turns for reply in turn.replies)
