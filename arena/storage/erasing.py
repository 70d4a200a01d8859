"""Takes out of the database what tells who a person is, and leaves what they judged."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, text, union, update

from arena.domain.accounts import AnnotatorId
from arena.storage.schema import (
    address_hours,
    addresses,
    annotators,
    campaign_answers,
    campaign_members,
    campaign_versions,
    campaigns,
    invitations,
    sessions,
    vote_revisions,
    votes,
)

ERASED = "erased-"
"""How the names of erased people begin."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What stands in place of a person: a new name, and the votes that stay.

    `named_in` has the campaigns whose files name the person: a stored file never changes.
    """

    name: str
    votes: int
    named_in: tuple[str, ...]


def erase_person(
    connection: Connection, annotator_id: AnnotatorId, name: str, now: datetime
) -> Erased:
    """Take away name, password, links, sessions, addresses, answers, comments and platform ids.

    Votes stay with the number of the account, and so does the group: boards go on with both. What
    is deleted from a file is overwritten on the disk; a server does that when it next needs the
    room.
    """
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA secure_delete = ON"))
    _erase_addresses(connection, annotator_id)
    for table in (invitations, campaign_answers):
        connection.execute(delete(table).where(table.c.annotator_id == annotator_id))
    crowd = update(campaign_members).where(campaign_members.c.annotator_id == annotator_id)
    connection.execute(crowd.values(external_id=None, study=None, session=None))
    _erase_comments(connection, annotator_id)
    connection.execute(text("UPDATE board_version SET number = number + 1"))
    return Erased(
        _rename(connection, annotator_id, now),
        _count_votes(connection, annotator_id),
        _named_in(connection, name),
    )


def _erase_addresses(connection: Connection, annotator_id: AnnotatorId) -> None:
    """Forget from where the person came; an address that others share stays with them."""
    used = union(
        *(
            select(table.c.address_id).where(table.c.annotator_id == annotator_id)
            for table in (sessions, address_hours)
        )
    )
    numbers = [number for number in connection.execute(used).scalars() if number is not None]
    for table in (sessions, address_hours):
        connection.execute(delete(table).where(table.c.annotator_id == annotator_id))
    for number in numbers:
        shared = [
            select(table.c.address_id).where(table.c.address_id == number).exists()
            for table in (sessions, address_hours)
        ]
        connection.execute(
            delete(addresses).where(addresses.c.id == number, *(~one for one in shared))
        )


def _erase_comments(connection: Connection, annotator_id: AnnotatorId) -> None:
    own = update(votes).where(votes.c.annotator_id == annotator_id)
    connection.execute(own.values(comment=""))
    revised = update(vote_revisions).where(
        vote_revisions.c.who == annotator_id, vote_revisions.c.comment.is_not(None)
    )
    connection.execute(revised.values(comment=""))


def _rename(connection: Connection, annotator_id: AnnotatorId, now: datetime) -> str:
    name = f"{ERASED}{annotator_id}"
    person = update(annotators).where(annotators.c.id == annotator_id)
    connection.execute(person.values(name=name, password_hash=None))
    open_one = person.where(annotators.c.disabled_at.is_(None))
    connection.execute(open_one.values(disabled_at=now))
    return name


def _count_votes(connection: Connection, annotator_id: AnnotatorId) -> int:
    query = select(func.count()).select_from(votes).where(votes.c.annotator_id == annotator_id)
    return int(connection.execute(query).scalar_one())


def _named_in(connection: Connection, name: str) -> tuple[str, ...]:
    query = select(campaigns.c.name, campaign_versions.c.document).join_from(
        campaign_versions, campaigns, campaigns.c.id == campaign_versions.c.campaign_id
    )
    named = (
        campaign
        for campaign, document in connection.execute(query)
        if any(one["name"] == name for one in document["annotators"])
    )
    return tuple(dict.fromkeys(named))
