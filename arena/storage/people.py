"""Queries on annotators as people: whom the admin invites, and when they were last here."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from arena.domain.accounts import NAMELESS, AccountRole, AnnotatorId, Caller
from arena.domain.assignment import BattlePurpose
from arena.storage.schema import annotators, battles, invitations, sessions, votes


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecord:
    """An annotator with a name. `last_seen_at` is when the newest session was opened.

    `invited` is whether a personal link opens a session now, `has_password` whether a password
    does; `votes` are those that count, repeats and check items apart.
    """

    id: AnnotatorId
    name: str
    group: str | None
    created_at: datetime
    disabled_at: datetime | None
    last_seen_at: datetime | None
    invited: bool
    has_password: bool
    votes: int


def people(connection: Connection, names: tuple[str, ...], now: datetime) -> list[PersonRecord]:
    """Return the annotators of these names, or everybody who signs in, by name.

    That is who was ever invited, has a password, or has had a session and is neither a guest nor
    from a crowd.
    """
    seen = select(func.max(sessions.c.created_at)).where(sessions.c.annotator_id == annotators.c.id)
    cast = (
        select(func.count())
        .join_from(votes, battles, battles.c.id == votes.c.battle_id)
        .where(
            votes.c.annotator_id == annotators.c.id,
            battles.c.purpose == BattlePurpose.JUDGED.value,
        )
    )
    own = select(invitations.c.annotator_id).where(invitations.c.annotator_id == annotators.c.id)
    valid = own.where(invitations.c.revoked_at.is_(None)).where(
        invitations.c.expires_at.is_(None) | (invitations.c.expires_at > now)
    )
    signs_in = or_(own.exists(), annotators.c.password_hash.is_not(None), _has_come())
    query = (
        select(
            annotators.c.id,
            annotators.c.name,
            annotators.c.group_name,
            annotators.c.created_at,
            annotators.c.disabled_at,
            seen.scalar_subquery().label("last_seen_at"),
            valid.exists().label("invited"),
            annotators.c.password_hash.is_not(None).label("has_password"),
            cast.scalar_subquery().label("votes"),
        )
        .where(annotators.c.role == AccountRole.ANNOTATOR.value)
        .where(annotators.c.name.in_(names) if names else signs_in)
        .order_by(annotators.c.name)
    )
    return [
        PersonRecord(
            id=AnnotatorId(row.id),
            name=row.name,
            group=row.group_name,
            created_at=row.created_at,
            disabled_at=row.disabled_at,
            last_seen_at=row.last_seen_at,
            invited=bool(row.invited) and row.disabled_at is None,
            has_password=bool(row.has_password) and row.disabled_at is None,
            votes=row.votes,
        )
        for row in connection.execute(query)
    ]


def _has_come() -> ColumnElement[bool]:
    own = select(sessions.c.annotator_id).where(sessions.c.annotator_id == annotators.c.id)
    nameless = (annotators.c.name.startswith(prefix, autoescape=True) for prefix in NAMELESS)
    return and_(~or_(*nameless), own.exists())


def set_group(connection: Connection, annotator_id: AnnotatorId, group: str | None) -> None:
    """Put an annotator into another group, or into none."""
    statement = update(annotators).where(annotators.c.id == annotator_id)
    connection.execute(statement.values(group_name=group))


def set_first_group(connection: Connection, annotator_id: AnnotatorId, group: str) -> None:
    """Put an annotator who is in no group into this one."""
    statement = update(annotators).where(
        annotators.c.id == annotator_id, annotators.c.group_name.is_(None)
    )
    connection.execute(statement.values(group_name=group))


def set_disabled(
    connection: Connection, annotator_id: AnnotatorId, disabled_at: datetime | None
) -> None:
    """Close an account from a moment on, or open it again."""
    statement = update(annotators).where(annotators.c.id == annotator_id)
    connection.execute(statement.values(disabled_at=disabled_at))


def insert_invitation(
    connection: Connection,
    *,
    token_hash: str,
    annotator_id: AnnotatorId,
    now: datetime,
    expires_at: datetime | None,
) -> None:
    """Store a personal link; only the hash of its token is kept."""
    values = {
        "token_hash": token_hash,
        "annotator_id": annotator_id,
        "created_at": now,
        "expires_at": expires_at,
    }
    connection.execute(insert(invitations).values(values))


def revoke_invitations_of(connection: Connection, annotator_id: AnnotatorId, now: datetime) -> int:
    """Make an annotator's links useless; return how many were of use."""
    statement = update(invitations).where(
        invitations.c.annotator_id == annotator_id, invitations.c.revoked_at.is_(None)
    )
    return connection.execute(statement.values(revoked_at=now)).rowcount


def use_invitation(connection: Connection, token_hash: str, now: datetime) -> Caller | None:
    """Return the enabled account that a valid link is for, and record its use; None otherwise."""
    query = (
        select(annotators.c.id, annotators.c.name, annotators.c.role)
        .join(invitations, invitations.c.annotator_id == annotators.c.id)
        .where(
            invitations.c.token_hash == token_hash,
            invitations.c.revoked_at.is_(None),
            invitations.c.expires_at.is_(None) | (invitations.c.expires_at > now),
            annotators.c.disabled_at.is_(None),
        )
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    used = update(invitations).where(invitations.c.token_hash == token_hash)
    connection.execute(used.values(last_used_at=now))
    return Caller(AnnotatorId(row.id), row.name, AccountRole(row.role))
