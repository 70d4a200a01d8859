"""Imported votes as rows of the ledger, in the transaction of the caller."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from arena.domain.accounts import AnnotatorId
from arena.domain.battle import BattleId
from arena.domain.conversation import ModelKey
from arena.services.importing.conversations import FLAGS_OF_REPLIES, external_turns
from arena.services.importing.formats import UnreadableFile, VoteFormat
from arena.services.importing.naming import Naming, named
from arena.services.importing.outlines import VoteOutline
from arena.services.importing.rows import ImportedModel, ImportedRow, ImportedVote, RowFault
from arena.services.importing.twins import Twins
from arena.storage.battles import SlotRecord
from arena.storage.campaigns import ensure_campaign
from arena.storage.campaigns.campaigns import campaign_named
from arena.storage.database import Connection
from arena.storage.external_votes import ExternalVote, insert_external_votes
from arena.storage.imports import (
    StoredBattle,
    annotators_called,
    insert_external_annotators,
    insert_model,
    known_models,
    stored_battles,
)
from arena.storage.replies import Flag
from arena.storage.votes import NewVote

LanguageOf = Callable[[str], str]
"""Tells the language of a text."""

Progress = Callable[[int, int], None]
"""Told how many votes of how many are stored."""

_AT_ONCE = 500


class CampaignRuns(Exception):
    """Imported votes have no place in a campaign with a file, whose votes are assigned."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} has a campaign file and takes votes of its own annotators alone: give the "
            "imported votes another name with --campaign"
        )


@dataclass(frozen=True, slots=True)
class ImportDiff:
    """The votes of a file by whether the ledger has them: new, stored already, contradicting."""

    new: tuple[VoteOutline, ...]
    already_there: int
    faults: tuple[RowFault, ...]


@dataclass(frozen=True, slots=True)
class Stored:
    """What was added: models by key, annotators, and names that did not get their own key.

    `twins` are names that may be those of one model.
    """

    models: int
    annotators: int
    renamed: Mapping[str, ModelKey]
    twins: tuple[Twins, ...]


def diff_with_stored(connection: Connection, votes: Sequence[VoteOutline]) -> ImportDiff:
    """Return which of the votes are new and which contradict a battle of the same id."""
    stored = stored_battles(connection, [vote.battle_id for vote in votes])
    new = tuple(vote for vote in votes if vote.battle_id not in stored)
    there = [vote for vote in votes if vote.battle_id in stored]
    faults = [_clash(vote, stored[vote.battle_id]) for vote in there]
    return ImportDiff(new, faults.count(None), tuple(fault for fault in faults if fault))


def _clash(vote: VoteOutline, stored: StoredBattle) -> RowFault | None:
    if not stored.verdicts:
        return vote.fault(
            f"this arena has the battle {vote.battle_id} without a vote: give another battle_id"
        )
    same_models = len(vote.models) == len(stored.slots) and all(
        model.name in names for model, names in zip(vote.models[:2], stored.slots, strict=False)
    )
    if vote.verdict in stored.verdicts and same_models:
        return None
    return vote.fault(
        f"this arena has another vote on the battle {vote.battle_id}: if it is another battle, "
        "give it an id of its own"
    )


def store(
    connection: Connection,
    outlines: Sequence[VoteOutline],
    votes: Iterable[ImportedVote],
    source: VoteFormat,
    *,
    merge_models: bool,
    campaign: str | None,
    now: datetime,
    language_of: LanguageOf,
    progress: Progress,
) -> Stored:
    """Insert the votes of these outlines and whatever they need.

    `now` and `language_of` their first prompts stand where the file tells no time or language.

    Raises:
        CampaignRuns: The campaign takes its votes from annotators here.
    """
    number = _campaign(connection, campaign, now) if campaign and outlines else None
    naming, slots, new_keys = _models(connection, outlines, source, merge=merge_models, now=now)
    people, new_people = _annotators(connection, outlines, source, now)
    progress(0, len(outlines))
    done, remaining = 0, iter(votes)
    while some := list(islice(remaining, _AT_ONCE)):
        rows = [
            _external(
                vote,
                people[_account(vote, source)],
                slots,
                language=vote.language or language_of(vote.turns[0].prompt),
                at=vote.created_at or now,
            )
            for vote in some
        ]
        insert_external_votes(connection, rows, campaign_id=number)
        done += len(some)
        progress(done, len(outlines))
    return Stored(new_keys, new_people, naming.renamed, naming.twins)


def votes_to_store(
    rows: Iterable[ImportedRow], outlines: Iterable[VoteOutline]
) -> Iterator[ImportedVote]:
    """Yield the first vote of each battle that is in the outlines.

    Raises:
        UnreadableFile: One of them is not among the rows: the file was changed meanwhile.
    """
    wanted = {outline.battle_id for outline in outlines}
    for row in rows:
        if isinstance(row, ImportedVote) and row.battle_id in wanted:
            wanted.remove(row.battle_id)
            yield row
    if wanted:
        raise UnreadableFile("the file was changed while it was read: import it again")


def _campaign(connection: Connection, name: str, now: datetime) -> int:
    if campaign_named(connection, name) is not None:
        raise CampaignRuns(name)
    return ensure_campaign(connection, name, now)


def _models(
    connection: Connection,
    votes: Sequence[VoteOutline],
    source: VoteFormat,
    *,
    merge: bool,
    now: datetime,
) -> tuple[Naming, dict[ImportedModel, tuple[int, ModelKey]], int]:
    known = known_models(connection)
    wanted = (model for vote in votes for model in vote.models)
    naming = named(wanted, known, source, merge=merge)
    ids = {(row.snapshot.key, row.snapshot.fingerprint): row.id for row in known}
    slots = {}
    for model, snapshot in naming.snapshots.items():
        at = (snapshot.key, snapshot.fingerprint)
        if at not in ids:
            ids[at] = insert_model(connection, snapshot, now)
        slots[model] = (ids[at], snapshot.key)
    added = {key for _, key in slots.values()} - {row.snapshot.key for row in known}
    return naming, slots, len(added)


def _annotators(
    connection: Connection, votes: Sequence[VoteOutline], source: VoteFormat, now: datetime
) -> tuple[Mapping[str, AnnotatorId], int]:
    names = list(dict.fromkeys(_account(vote, source) for vote in votes))
    known = annotators_called(connection, names)
    new = [name for name in names if name not in known]
    insert_external_annotators(connection, new, group=source.value, now=now)
    return known | annotators_called(connection, new), len(new)


def _account(vote: ImportedVote | VoteOutline, source: VoteFormat) -> str:
    return f"{source.value}:{vote.annotator}"


def _external(
    vote: ImportedVote,
    annotator: AnnotatorId,
    models: Mapping[ImportedModel, tuple[int, ModelKey]],
    *,
    language: str,
    at: datetime,
) -> ExternalVote:
    slots = tuple(
        SlotRecord(position, *models[model]) for position, model in enumerate(vote.models)
    )
    return ExternalVote(
        vote=NewVote(
            battle_id=BattleId(vote.battle_id),
            annotator_id=annotator,
            verdict=vote.verdict,
            ranks=vote.ranks,
            reasons=vote.reasons,
            comment=vote.comment,
            reading_s=vote.reading_s,
            flags=tuple(Flag(kind) for kind in sorted(vote.flags) if kind not in FLAGS_OF_REPLIES),
        ),
        slots=slots,
        turns=tuple(external_turns(vote, slots)),
        category=vote.category,
        language=language,
        at=at,
    )
