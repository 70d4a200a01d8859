"""Queries on open sessions: whose they are, and ending them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from arena.domain.accounts import AnnotatorId
from arena.storage.schema import annotators, sessions

_DIGITS = 12
"""The number of a session is so much of the hash of its token: enough to tell it from others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """An open session. `number` names it and opens nothing."""

    number: str
    name: str
    created_at: datetime
    expires_at: datetime


def number_of(token_hash: str) -> str:
    """Return the number of the session whose token has this hash."""
    return token_hash[:_DIGITS]


def open_sessions(
    connection: Connection, accounts: Collection[AnnotatorId], now: datetime
) -> list[SessionRecord]:
    """Return the sessions of up to some hundred accounts that are open, the newest first."""
    query = (
        select(
            _numbered().label("number"),
            annotators.c.name,
            sessions.c.created_at,
            sessions.c.expires_at,
        )
        .join_from(sessions, annotators, annotators.c.id == sessions.c.annotator_id)
        .where(
            sessions.c.annotator_id.in_(accounts),
            sessions.c.revoked_at.is_(None),
            sessions.c.expires_at > now,
            annotators.c.disabled_at.is_(None),
        )
        .order_by(annotators.c.name, sessions.c.created_at.desc(), "number")
    )
    return [
        SessionRecord(
            number=row.number,
            name=row.name,
            created_at=row.created_at,
            expires_at=row.expires_at,
        )
        for row in connection.execute(query)
    ]


def end_session(connection: Connection, account: AnnotatorId, number: str, now: datetime) -> bool:
    """End a session of an account by its number; return whether it was open."""
    statement = update(sessions).where(
        sessions.c.annotator_id == account,
        _numbered() == number,
        sessions.c.revoked_at.is_(None),
        sessions.c.expires_at > now,
    )
    return connection.execute(statement.values(revoked_at=now)).rowcount > 0


def end_other_sessions(
    connection: Connection, account: AnnotatorId, kept: str, now: datetime
) -> None:
    """End all sessions of an account but the one whose token has the hash `kept`."""
    statement = update(sessions).where(
        sessions.c.annotator_id == account,
        sessions.c.token_hash != kept,
        sessions.c.revoked_at.is_(None),
    )
    connection.execute(statement.values(revoked_at=now))


def _numbered() -> ColumnElement[str]:
    return func.substr(sessions.c.token_hash, 1, _DIGITS)
