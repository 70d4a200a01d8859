"""Queries on the ballots of a campaign: what was said in force, of what, and how it was read."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, ScalarSelect, Select, Text, cast, func, literal_column, select

from arena.domain.accounts import AnnotatorId
from arena.domain.assignment import AssignmentId, AssignmentState, BattlePurpose
from arena.domain.verdict import Verdict
from arena.storage.campaigns.items import CHECK, Positions, judged_first, read_positions, spelled
from arena.storage.rankings import rankings_in_force
from arena.storage.schema import assignments, items, replies, slot_replies, vote_revisions, votes


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBallot:
    """A ballot as it is in force.

    `ordering` holds the models by slot, as positions in the campaign; those of a check item are 0
    for the better reply and 1 for the worse. It says a `verdict` on two slots, or `ranks` by slot.
    `seconds` is how long the item was in view, None where the page did not tell; `characters` are
    those of all replies shown.
    """

    id: AssignmentId
    item_id: int
    prompt: int
    annotator_id: AnnotatorId
    repeat_of: AssignmentId | None
    check: bool
    ordering: Positions
    verdict: Verdict | None
    ranks: tuple[int, ...]
    seconds: float | None
    characters: int

    @property
    def purpose(self) -> BattlePurpose:
        """What its vote tells."""
        if self.repeat_of is not None:
            return BattlePurpose.REPEAT
        return BattlePurpose.CHECK if self.check else BattlePurpose.JUDGED


def ballots_given(connection: Connection, campaign_id: int) -> tuple[GivenBallot, ...]:
    """Return every ballot of a campaign, in the order of assigning."""
    query = _ballots().where(items.c.campaign_id == campaign_id)
    return _read(connection, query.order_by(literal_column("assignments.rowid")))


def checks_given(connection: Connection, campaign_id: int) -> tuple[GivenBallot, ...]:
    """Return the ballots on check items of a campaign."""
    of = items.c
    return _read(
        connection, _ballots().where(of.campaign_id == campaign_id, of.models == spelled(CHECK))
    )


def opinions_on(connection: Connection, item_id: int) -> tuple[GivenBallot, ...]:
    """Return the ballots on one item, repeats apart."""
    query = _ballots().where(assignments.c.item_id == item_id, *judged_first())
    return _read(connection, query)


def _ballots() -> Select[Any]:
    of = assignments.c
    return (
        select(
            *(of.id, of.item_id, items.c.prompt, items.c.models, of.annotator_id, of.repeat_of),
            *(of.ordering, of.visible_s),
            func.coalesce(_revised_verdict(), votes.c.verdict).label("verdict"),
            _ranks().label("ranks"),
            _characters().label("characters"),
        )
        .join_from(assignments, items, items.c.id == of.item_id)
        .join(votes, votes.c.battle_id == of.battle_id)
        .where(of.state == AssignmentState.JUDGED.value)
    )


def _revised_verdict() -> ScalarSelect[Any]:
    of = vote_revisions.c
    newest = select(of.verdict).where(of.vote_id == votes.c.id).order_by(of.revision.desc())
    return newest.limit(1).scalar_subquery()


def _ranks() -> ScalarSelect[Any]:
    """Return the ranks as words `slot:rank`, in no order."""
    of = rankings_in_force.c
    word = cast(of.position, Text) + ":" + cast(of.rank, Text)
    return (
        select(func.aggregate_strings(word, " ")).where(of.vote_id == votes.c.id).scalar_subquery()
    )


def _read_ranks(words: str) -> tuple[int, ...]:
    found = dict(word.split(":") for word in words.split())
    return tuple(int(found[slot]) for slot in sorted(found, key=int))


def _characters() -> ScalarSelect[Any]:
    shown = slot_replies.c
    return (
        select(func.coalesce(func.sum(func.length(replies.c.text)), 0))
        .join_from(slot_replies, replies, replies.c.id == shown.reply_id)
        .where(shown.battle_id == assignments.c.battle_id)
        .correlate(assignments)
        .scalar_subquery()
    )


def _read(connection: Connection, query: Select[Any]) -> tuple[GivenBallot, ...]:
    return tuple(
        GivenBallot(
            id=AssignmentId(row.id),
            item_id=row.item_id,
            prompt=row.prompt,
            annotator_id=AnnotatorId(row.annotator_id),
            repeat_of=AssignmentId(row.repeat_of) if row.repeat_of else None,
            check=read_positions(row.models) == CHECK,
            ordering=read_positions(row.ordering),
            verdict=Verdict(row.verdict) if row.verdict else None,
            ranks=_read_ranks(row.ranks or ""),
            seconds=row.visible_s,
            characters=row.characters,
        )
        for row in connection.execute(query)
    )
