"""Queries on network addresses, of which a keyed hash alone is ever stored, and on their votes."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, case, func, insert, select, tuple_, update

from arena.domain.accounts import AnnotatorId
from arena.storage.schema import UtcDateTime, address_hours, addresses

_AT_ONCE = 5_000
"""SQLite takes some 32,000 values in a question, and an hour is two."""


class HourOfAddress(NamedTuple):
    """A clock hour of an address."""

    address_id: int
    hour: str


class CastInHour(NamedTuple):
    """The votes of an hour; `passing` counts annotators with few of them."""

    of: HourOfAddress
    votes: int
    annotators: int
    passing: int
    first_at: datetime
    last_at: datetime


def address_number(
    connection: Connection, hashed: str, *, now: datetime, expires_at: datetime
) -> int:
    """Return the number of an address from which a session is opened, made if new.

    `expires_at` is the end of that session. Also clears the hashes of all addresses whose last
    session has ended by `now`.
    """
    of = addresses.c
    forget_addresses(connection, now)
    again = update(addresses).where(of.hash == hashed).returning(of.id)
    later = case((of.expires_at > expires_at, of.expires_at), else_=expires_at)
    known = connection.execute(again.values(expires_at=later)).scalar_one_or_none()
    if known is not None:
        return int(known)
    new = insert(addresses).values(hash=hashed, expires_at=expires_at).returning(of.id)
    return int(connection.execute(new).scalar_one())


def forget_addresses(connection: Connection, now: datetime) -> int:
    """Clear the hashes of addresses whose last session has ended; return how many."""
    of = addresses.c
    over = update(addresses).where(of.hash.is_not(None), of.expires_at <= now)
    return connection.execute(over.values(hash=None)).rowcount


def busy_hours(
    connection: Connection, *, least_votes: int, few_votes: int
) -> tuple[CastInHour, ...]:
    """Return the hours of all addresses with at least `least_votes` votes.

    `passing` in them counts annotators with no more than `few_votes`.
    """
    of = address_hours.c
    total = func.sum(of.votes)
    query = (
        select(
            of.address_id,
            of.hour,
            total,
            func.count(),
            func.sum(case((of.votes <= few_votes, 1), else_=0)),
            func.min(of.first_at, type_=UtcDateTime),
            func.max(of.last_at, type_=UtcDateTime),
        )
        .group_by(of.address_id, of.hour)
        .having(total >= least_votes)
    )
    return tuple(
        CastInHour(HourOfAddress(address_id, hour), *counted)
        for address_id, hour, *counted in connection.execute(query)
    )


def annotators_of_busy(connection: Connection, most_votes: int) -> frozenset[AnnotatorId]:
    """Return the annotators who voted from an address that cast more votes than this in all."""
    of = address_hours.c
    busy = select(of.address_id).group_by(of.address_id).having(func.sum(of.votes) > most_votes)
    theirs = select(of.annotator_id).where(of.address_id.in_(busy)).distinct()
    return frozenset(map(AnnotatorId, connection.execute(theirs).scalars()))


def annotators_in(
    connection: Connection, hours: Collection[HourOfAddress]
) -> frozenset[AnnotatorId]:
    """Return the annotators who voted in any of the hours."""
    of, wanted = address_hours.c, list(hours)
    found: set[AnnotatorId] = set()
    for start in range(0, len(wanted), _AT_ONCE):
        some = tuple_(of.address_id, of.hour).in_(wanted[start : start + _AT_ONCE])
        found |= set(connection.execute(select(of.annotator_id).where(some)).scalars())
    return frozenset(found)
