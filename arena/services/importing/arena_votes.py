"""The `votes` table as `arena export` writes it, and rankings in the same columns."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, repeat
from typing import Any

from arena.domain.assignment import BattlePurpose
from arena.domain.battle import slot_letter
from arena.domain.reply import FlagKind
from arena.domain.verdict import Reason, Verdict
from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns, Record
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.identity import external_battle_id
from arena.services.importing.messages import cell_value
from arena.services.importing.parsing import Records, parsed
from arena.services.importing.rows import (
    ExcludedRow,
    ExclusionReason,
    ImportedModel,
    ImportedRow,
    ImportedTurn,
    ImportedVote,
    RowFault,
)

COLUMNS = Columns(
    required=("annotator", "prompt"),
    either=(("verdict", "model_a", "model_b"), ("ranking",)),
    optional=(
        *("battle_id", "category", "language", "turns", "recognised", "identity_leak"),
        *("truncated", "reading_s", "reasons", "comment", "fingerprint_a", "fingerprint_b"),
        *("created_at", "purpose", "annotator_excluded"),
    ),
)
_OF_AN_EXPORT = frozenset(
    (
        *("vote_id", "battle_id", "annotator", "verdict", "winner", "model_a", "model_b"),
        *("ranking", "category", "language", "campaign", "turns", "prompt", "recognised"),
        *("identity_leak", "truncated", "reading_s", "reasons", "comment", "revisions"),
        *("fingerprint_a", "fingerprint_b", "created_at"),
    )
)
"""The columns that exports of all versions have; later columns are not among them."""

VERDICTS = {verdict.value: verdict for verdict in Verdict}
_VERDICT_OR_NONE: dict[str, Verdict | None] = {**VERDICTS, "": None}
_FLAGS = (FlagKind.RECOGNISED, FlagKind.IDENTITY_LEAK, FlagKind.TRUNCATED)
_MOST_TURNS = 1000


def read(records: Records, columns: Columns, _: Reading) -> Iterator[ImportedRow]:
    """Yield the votes of the records."""
    return parsed(map(_as_stored, records), columns, lambda fields: (_row(fields),))


def _row(fields: Fields) -> ImportedRow:
    vote, reason = _vote(fields), _left_out(fields)
    return vote if reason is None else ExcludedRow(fields.line, reason)


def _as_stored(record: Record | RowFault) -> Record | RowFault:
    """Undo the guard of our CSV exports against formulas: one leading `'` off every cell.

    In other tables an apostrophe belongs to the text; exports in other formats need no guard.
    """
    if isinstance(record, RowFault) or not record.cells.keys() >= _OF_AN_EXPORT:
        return record
    if not all(isinstance(cell, str) for cell in record.cells.values()):
        return record
    return Record(
        record.line, {name: cell.removeprefix("'") for name, cell in record.cells.items()}
    )


def _left_out(fields: Fields) -> ExclusionReason | None:
    """Return why a vote counts on no board of the arena that has exported it."""
    purposes = {purpose.value: purpose for purpose in BattlePurpose} | {"": BattlePurpose.JUDGED}
    if fields.one_of("purpose", purposes) is not BattlePurpose.JUDGED:
        return ExclusionReason.NO_OPINION
    if fields.boolean("annotator_excluded"):
        return ExclusionReason.EXCLUDED_ANNOTATOR
    return None


def _vote(fields: Fields) -> ImportedVote:
    names, ranks = _contestants(fields)
    verdict = fields.one_of("verdict", _VERDICT_OR_NONE)
    if (verdict is None) == (not ranks):
        fields.fault("verdict", "give a verdict, or a ranking in its own column, and never both")
    told = [fields.text("fingerprint_a"), fields.text("fingerprint_b")]
    fingerprints = islice(chain(told, repeat("")), len(names))
    return ImportedVote(
        line=fields.line,
        battle_id=_battle_id(fields, names),
        annotator=fields.name("annotator"),
        models=tuple(
            ImportedModel(name, fingerprint or None)
            for name, fingerprint in zip(names, fingerprints, strict=True)
        ),
        verdict=verdict,
        ranks=ranks,
        turns=_turns(fields),
        outcome_cell=fields.cell("ranking" if ranks else "verdict"),
        category=fields.text("category") or None,
        language=fields.text("language") or None,
        flags=frozenset(kind for kind in _FLAGS if fields.boolean(kind.value)),
        reasons=_reasons(fields, len(names)),
        comment=fields.text("comment"),
        reading_s=fields.duration("reading_s"),
        created_at=fields.timestamp("created_at"),
    )


def _battle_id(fields: Fields, names: Sequence[str]) -> str:
    """Return the file's own id, so that an arena recognises its own votes when they come back."""
    given = fields.text("battle_id").strip()
    parts = ("annotator", "prompt", "created_at")
    return given or external_battle_id(VoteFormat.ARENA, *names, *map(fields.text, parts))


def _turns(fields: Fields) -> tuple[ImportedTurn, ...]:
    """Return the turns: the file has the first message only, the others stay empty."""
    opening = fields.text("prompt")
    if not opening.strip():
        fields.fault("prompt", "is empty: fill it in")
    more = fields.integer("turns", default=1, most=_MOST_TURNS) - 1
    return (ImportedTurn(opening), *(ImportedTurn("") for _ in range(more)))


def _contestants(fields: Fields) -> tuple[list[str], tuple[int, ...]]:
    """Return names in slot order and their ranks, none without a ranking.

    The order of slots C and beyond is not in the file, and in a table of rankings alone that of no
    slot is: alphabetical, so that no rank decides it.
    """
    ranked = _ranked(fields)
    rank_of = dict(ranked)
    named = [fields.text(column).strip() for column in ("model_a", "model_b")]
    if any(named) or not ranked:
        named = [fields.name("model_a"), fields.name("model_b")]
        if named[0] == named[1]:
            fields.fault("model_b", "is model_a again: a model never meets itself")
    names = [name for name in named if name]
    is_whole = len(rank_of) == len(ranked) and all(rank_of) and rank_of.keys() >= {*names}
    if ranked and not (is_whole and len(ranked) > 1):
        fields.fault("ranking", "should name model_a, model_b and any other once: x > y = z")
    names += sorted(rank_of.keys() - {*names})
    return names, tuple(rank_of.get(name, 1) for name in names) if ranked else ()


def _ranked(fields: Fields) -> list[tuple[str, int]]:
    """Return names and ranks of `x > y = z` or of a list such as ["x", ["y", "z"]], 1 the best."""
    cell = cell_value(fields, "ranking")
    groups = map(_group, cell) if isinstance(cell, list) else _groups(fields.text("ranking"))
    return [(name.strip(), rank) for rank, group in enumerate(groups, 1) for name in group]


def _groups(text: str) -> list[list[str]]:
    return [group.split(" = ") for group in text.split(" > ")] if text.strip() else []


def _group(listed: Any) -> Iterable[str]:
    return map(str, listed) if isinstance(listed, list) else (str(listed),)


def _reasons(fields: Fields, slots: int) -> tuple[tuple[int, Reason], ...]:
    """Parse reasons by position from `a:useful b:incorrect`."""
    positions = {slot_letter(position).lower(): position for position in range(slots)}
    reasons = {reason.value: reason for reason in Reason}
    found = []
    for word in fields.text("reasons").split():
        slot, _, reason = word.partition(":")
        if slot not in positions or reason not in reasons:
            fields.fault("reasons", f"{word} is unknown: write a slot and a reason, as a:useful")
        else:
            found.append((positions[slot], reasons[reason]))
    return tuple(found)
