"""Queries on accounts and their sessions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from arena.domain.accounts import AccountRole, AnnotatorId, Caller
from arena.storage.schema import annotators, sessions

# Made once: making it costs more than running it, and pages ask often.
_OF_SESSION = (
    select(annotators.c.id, annotators.c.name, annotators.c.role)
    .join(sessions, sessions.c.annotator_id == annotators.c.id)
    .where(
        sessions.c.token_hash == bindparam("token_hash"),
        sessions.c.revoked_at.is_(None),
        sessions.c.expires_at > bindparam("now"),
        annotators.c.disabled_at.is_(None),
    )
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account together with the hash of its password, if it has one."""

    caller: Caller
    password_hash: str | None


def insert_annotator(
    connection: Connection,
    *,
    name: str,
    role: AccountRole,
    created_at: datetime,
    password_hash: str | None = None,
) -> AnnotatorId:
    """Store a new account and return its id. The name must be free."""
    values = {
        "name": name,
        "role": role.value,
        "password_hash": password_hash,
        "created_at": created_at,
    }
    inserted = insert(annotators).values(values).returning(annotators.c.id)
    return AnnotatorId(connection.execute(inserted).scalar_one())


def credentials_of(connection: Connection, name: str) -> Credentials | None:
    """Return the enabled account of that name, or None."""
    query = select(
        annotators.c.id, annotators.c.name, annotators.c.role, annotators.c.password_hash
    ).where(annotators.c.name == name, annotators.c.disabled_at.is_(None))
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    caller = Caller(AnnotatorId(row.id), row.name, AccountRole(row.role))
    return Credentials(caller, row.password_hash)


def enabled_caller(connection: Connection, annotator_id: AnnotatorId) -> Caller | None:
    """Return an account by its number; None for one that is closed."""
    query = select(annotators.c.name, annotators.c.role).where(
        annotators.c.id == annotator_id, annotators.c.disabled_at.is_(None)
    )
    row = connection.execute(query).one_or_none()
    return Caller(annotator_id, row.name, AccountRole(row.role)) if row else None


def annotator_names(
    connection: Connection, numbers: Collection[AnnotatorId]
) -> dict[AnnotatorId, str]:
    """Return the names of up to some hundred accounts.

    Raises:
        StorageError: More numbers than the database takes in one query.
    """
    query = select(annotators.c.id, annotators.c.name).where(annotators.c.id.in_(numbers))
    return {AnnotatorId(number): name for number, name in connection.execute(query)}


def set_password(connection: Connection, annotator_id: AnnotatorId, password_hash: str) -> None:
    """Replace the password of an account."""
    statement = update(annotators).where(annotators.c.id == annotator_id)
    connection.execute(statement.values(password_hash=password_hash))


def insert_session(
    connection: Connection,
    *,
    token_hash: str,
    annotator_id: AnnotatorId,
    created_at: datetime,
    expires_at: datetime,
    address_id: int | None = None,
) -> None:
    """Store a new session; only the hash of its token is kept."""
    values = {
        "token_hash": token_hash,
        "annotator_id": annotator_id,
        "created_at": created_at,
        "expires_at": expires_at,
        "address_id": address_id,
    }
    connection.execute(insert(sessions).values(values))


def caller_of_session(connection: Connection, token_hash: str, now: datetime) -> Caller | None:
    """Return the enabled account of a session that is neither expired nor revoked, or None."""
    asked = {"token_hash": token_hash, "now": now}
    row = connection.execute(_OF_SESSION, asked).one_or_none()
    return Caller(AnnotatorId(row.id), row.name, AccountRole(row.role)) if row else None


def revoke_session(connection: Connection, token_hash: str, now: datetime) -> None:
    """End one session."""
    statement = update(sessions).where(sessions.c.token_hash == token_hash)
    connection.execute(statement.values(revoked_at=now))


def revoke_sessions_of(connection: Connection, annotator_id: AnnotatorId, now: datetime) -> None:
    """End every session of an account, as after a change of password."""
    open_ones = update(sessions).where(
        sessions.c.annotator_id == annotator_id, sessions.c.revoked_at.is_(None)
    )
    connection.execute(open_ones.values(revoked_at=now))
