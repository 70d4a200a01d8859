"""FastChat's `*-conv.json` logs: one event a line, of which votes of the blind arena are imported.

A log keeps what was clicked, so one battle may have several votes, also contradictory ones, and
votes that were cast when the page had already named the models.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from arena.domain.verdict import Verdict
from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns, Record
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.identity import external_battle_id, pseudonym
from arena.services.importing.parsing import Records
from arena.services.importing.rows import (
    ExcludedRow,
    ExclusionReason,
    ImportedModel,
    ImportedRow,
    ImportedTurn,
    ImportedVote,
    RowFault,
)

COLUMNS = Columns(required=("type", "models", "states", "ip", "tstamp"))
VERDICTS = {
    "leftvote": Verdict.A_BETTER,
    "rightvote": Verdict.B_BETTER,
    "tievote": Verdict.TIE,
    "bothbad_vote": Verdict.BOTH_BAD,
}
_BLIND = re.compile(r"(#+ )?(Model [AB])?")
_REVEALED = re.compile(r"(#+ |<h3>)?Model [AB]: .*", re.DOTALL)
_FAILED = re.compile(
    r"\*\*(NETWORK|API REQUEST) ERROR|(\$MODERATION\$ )?YOUR INPUT VIOLATES OUR CONTENT MODERATION"
)
_BROKEN_OFF = re.compile(r'(\n\n\(error_code: .*\)|▌|<span class="cursor"></span>)\s*\Z', re.DOTALL)
"""What FastChat's page puts in the place of a message, and at the end of an unfinished one."""

_SIDES = 2
_Seconds = dict[tuple[str, int], float]
"""How long a reply took, by conversation and number of the turn."""


def read(records: Records, columns: Columns, reading: Reading) -> Iterator[ImportedRow]:
    """Yield the events of the log."""
    seconds: _Seconds = {}
    for record in records:
        if isinstance(record, RowFault):
            yield record
            continue
        fields = Fields(record, columns)
        kind = fields.name("type")
        if kind in VERDICTS:
            yield from _vote_row(fields, reading.key, seconds)
        elif fields.faults:
            yield from fields.faults
        else:
            _remember(record, seconds)
            yield ExcludedRow(record.line, ExclusionReason.OTHER_EVENT)


def _remember(record: Record, seconds: _Seconds) -> None:
    """Keep the duration of a reply, which a `chat` event tells."""
    start, finish, state = (record.cells.get(name) for name in ("start", "finish", "state"))
    if isinstance(start, int | float) and isinstance(finish, int | float) and start <= finish:
        side = _side(state)
        if not side.wrong:
            seconds[side.conversation, len(side.texts) // 2] = finish - start


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a battle, its messages after the examples that come first.

    `wrong` says what keeps it from being read, and is empty otherwise.
    """

    conversation: str
    model: str
    texts: Sequence[str]
    wrong: str


def _side(state: Any) -> _Side:
    cells: Mapping[str, Any] = state if isinstance(state, dict) else {}
    conversation = str(cells.get("conv_id") or "")
    model = str(cells.get("model_name") or "").strip()
    texts = _texts(cells.get("messages"), cells.get("offset", 0))
    wrong = ""
    if not conversation or not model:
        wrong = "has no conv_id or no model_name"
    elif not texts or len(texts) % _SIDES:
        wrong = "should hold messages of user and model by turns"
    return _Side(conversation, model, texts or [], wrong)


def _texts(messages: Any, offset: Any) -> list[str] | None:
    """Return texts from `offset` on, None for what cannot be read; a message is [role, text]."""
    if not isinstance(messages, list) or not isinstance(offset, int) or offset < 0:
        return None
    texts = [_text(message) for message in messages[offset:]]
    return None if None in texts else [text for text in texts if text is not None]


def _text(message: Any) -> str | None:
    """Return the text of a message without its images; empty if it was not written yet."""
    if not isinstance(message, list) or len(message) != 2:
        return None
    text = message[1]
    if isinstance(text, list) and text:
        text = text[0]
    return text if isinstance(text, str) else "" if text is None else None


def _vote_row(fields: Fields, key: bytes, seconds: _Seconds) -> Iterator[ImportedRow]:
    labels = fields.raw("models")
    if not _are_labels(labels):
        fields.fault("models", "should be the two labels above the answers")
    elif reason := _not_blind(labels):
        yield ExcludedRow(fields.line, reason)
        return
    sides = _sides(fields)
    vote = None if fields.faults else _vote(fields, sides, key, seconds)
    if fields.faults or vote is None:
        yield from fields.faults
    elif any(_failed(text) for side in sides for text in side.texts):
        yield ExcludedRow(fields.line, ExclusionReason.FAILED_REPLY)
    else:
        yield vote


def _are_labels(labels: Any) -> bool:
    return (
        isinstance(labels, list)
        and len(labels) == _SIDES
        and all(isinstance(label, str) for label in labels)
    )


def _not_blind(labels: Sequence[str]) -> ExclusionReason | None:
    """Return why the vote was not blind, by the labels that the page showed when it was cast."""
    plain = [label.strip() for label in labels]
    if all(_BLIND.fullmatch(label) for label in plain):
        return None
    revealed = any(_REVEALED.fullmatch(label) for label in plain)
    return ExclusionReason.AFTER_THE_REVEAL if revealed else ExclusionReason.NOT_BLIND


def _sides(fields: Fields) -> list[_Side]:
    states = fields.raw("states")
    if not isinstance(states, list) or len(states) != _SIDES:
        fields.fault("states", "should be the two sides of the battle")
        return []
    sides = [_side(state) for state in states]
    for number, side in enumerate(sides):
        if side.wrong:
            fields.fault("states", f"side {number} {side.wrong}")
    return sides


def _vote(
    fields: Fields, sides: Sequence[_Side], key: bytes, seconds: _Seconds
) -> ImportedVote | None:
    left, right = sides
    if left.model == right.model:
        fields.fault("states", "names one model twice: a model never meets itself")
    if left.texts[::2] != right.texts[::2]:
        fields.fault("states", "asks the two sides different things")
    address, at = fields.name("ip"), fields.unix_timestamp("tstamp")
    if fields.faults:
        return None
    return ImportedVote(
        line=fields.line,
        battle_id=external_battle_id(VoteFormat.FASTCHAT, left.conversation, right.conversation),
        annotator=pseudonym(key, address),
        models=(ImportedModel(left.model), ImportedModel(right.model)),
        verdict=VERDICTS[fields.name("type")],
        turns=tuple(_turns(left, right, seconds)),
        outcome_cell=fields.cell("type"),
        created_at=at,
    )


def _turns(left: _Side, right: _Side, seconds: _Seconds) -> Iterator[ImportedTurn]:
    texts = zip(left.texts[::2], left.texts[1::2], right.texts[1::2], strict=True)
    for number, (prompt, reply, other_reply) in enumerate(texts, start=1):
        took = tuple(seconds.get((side.conversation, number)) for side in (left, right))
        yield ImportedTurn(prompt, (reply, other_reply), took)


def _failed(text: str) -> bool:
    return not text.strip() or bool(_FAILED.match(text) or _BROKEN_OFF.search(text))
