"""Annotators who are invited by name: personal links, groups, disabling."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from arena.domain.accounts import NAMELESS, AccountRole, AnnotatorId
from arena.domain.clock import Clock
from arena.domain.errors import NotAllowed, Refusal
from arena.services.accounts import ADMIN_NAME, Accounts, NewSession
from arena.storage.accounts import insert_annotator, revoke_sessions_of
from arena.storage.database import Connection, Database
from arena.storage.erasing import ERASED, Erased, erase_person
from arena.storage.people import (
    PersonRecord,
    insert_invitation,
    people,
    revoke_invitations_of,
    set_disabled,
    set_group,
    use_invitation,
)

LONGEST_NAME = 80
_TOKEN_BYTES = 32
_RESERVED = (*NAMELESS, ERASED)


class PersonFaultKind(StrEnum):
    """What is wrong with an annotator who was named. Each has a sentence in every locale."""

    NO_NAME = "no_name"
    NAME_TOO_LONG = "name_too_long"
    NAME_RESERVED = "name_reserved"
    NAME_TAKEN = "name_taken"
    NAMED_TWICE = "named_twice"
    NO_GROUP = "no_group"
    UNKNOWN = "unknown"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class PersonFault:
    """What is wrong with one annotator, or one group: `text` is what commands say of it.

    Pages say the sentence of `kind` with the `name`.
    """

    kind: PersonFaultKind
    name: str
    text: str


class PersonRefused(Exception):
    """Annotators cannot be added, invited or disabled; each line says what to change."""

    def __init__(self, faults: Sequence[PersonFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(fault.text for fault in faults))


@dataclass(frozen=True, slots=True)
class Invited:
    """An annotator with a new personal link, of which `token` is the secret part."""

    person: PersonRecord
    token: str


class People:
    """Invited annotators. Blocking."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, names: Sequence[tuple[str, str | None]]) -> list[PersonRecord]:
        """Make an account for each name with its group, all or none.

        Raises `PersonRefused`, which lists every name that is not possible or taken.
        """
        with self._database.writing() as connection:
            now = self._clock.now()
            faults = _faults(connection, [name for name, _ in names], now)
            if faults:
                raise PersonRefused(faults)
            for name, group in names:
                number = insert_annotator(
                    connection, name=name, role=AccountRole.ANNOTATOR, created_at=now
                )
                set_group(connection, number, group)
            return _of_names(connection, [name for name, _ in names], now)

    def invite(self, names: Sequence[str], *, valid_for: timedelta | None = None) -> list[Invited]:
        """Give each annotator a new personal link, which makes older ones useless.

        Raises `PersonRefused` for names that are unknown or disabled.
        """
        with self._database.writing() as connection:
            now = self._clock.now()
            known = enabled_people(connection, names, now)
            expires_at = now + valid_for if valid_for else None
            tokens = {name: self._link(connection, one.id, now, expires_at) for name, one in known}
            found = _of_names(connection, list(names), now)
            return [Invited(one, tokens[one.name]) for one in found]

    def revoke(self, names: Sequence[str]) -> None:
        """Make the personal links of these annotators useless; open sessions go on."""
        with self._database.writing() as connection:
            now = self._clock.now()
            for _, one in known_people(connection, names, now):
                revoke_invitations_of(connection, one.id, now)

    def disable(self, names: Sequence[str]) -> None:
        """Close accounts: sessions end and links are useless. Votes stay."""
        with self._database.writing() as connection:
            now = self._clock.now()
            for _, one in known_people(connection, names, now):
                set_disabled(connection, one.id, now)
                revoke_sessions_of(connection, one.id, now)
                revoke_invitations_of(connection, one.id, now)

    def erase(self, name: str) -> Erased:
        """Take out what tells who an annotator is and close the account; votes stay.

        It cannot be undone. Copies of the database, backups among them, are as they were. Raises
        `PersonRefused` for an unknown name.
        """
        with self._database.writing() as connection:
            now = self._clock.now()
            ((_, person),) = known_people(connection, [name], now)
            erased = erase_person(connection, person.id, name, now)
        self._database.empty_log()
        return erased

    def find(self, names: Sequence[str]) -> list[PersonRecord]:
        """Return the annotators of these names, as far as there are such."""
        with self._database.reading() as connection:
            return _of_names(connection, names, self._clock.now())

    def all(self) -> list[PersonRecord]:
        """Return everybody who was ever invited or signs in under their name, by name."""
        with self._database.reading() as connection:
            return people(connection, (), self._clock.now())

    def join(self, token: str, accounts: Accounts, address: str = "") -> NewSession:
        """Open a session for the annotator whom a personal link is for.

        Raises `NotAllowed(LINK_NOT_VALID)` for a link that is unknown, revoked or too old.
        """
        with self._database.writing() as connection:
            caller = use_invitation(connection, _hash(token), self._clock.now())
        if caller is None:
            raise NotAllowed(Refusal.LINK_NOT_VALID)
        return accounts.open_session(caller, address)

    def _link(
        self,
        connection: Connection,
        annotator_id: AnnotatorId,
        now: datetime,
        expires_at: datetime | None,
    ) -> str:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        revoke_invitations_of(connection, annotator_id, now)
        insert_invitation(
            connection,
            token_hash=_hash(token),
            annotator_id=annotator_id,
            now=now,
            expires_at=expires_at,
        )
        return token


def name_fault(name: str) -> PersonFault | None:
    """Return why nobody can have this name, or None."""
    if not name.strip() or name != name.strip() or not name.isprintable():
        text = f"{name!r} is no name: write one line without spaces around it"
        return PersonFault(PersonFaultKind.NO_NAME, name, text)
    if len(name) > LONGEST_NAME:
        text = f"{name[:20]!r}…: a name has at most {LONGEST_NAME} characters"
        return PersonFault(PersonFaultKind.NAME_TOO_LONG, name[:20], text)
    if name == ADMIN_NAME or name.startswith(_RESERVED):
        text = f"{name!r} is kept for the arena's own accounts: choose another name"
        return PersonFault(PersonFaultKind.NAME_RESERVED, name, text)
    return None


def _faults(connection: Connection, names: Sequence[str], now: datetime) -> list[PersonFault]:
    taken = {one.name for one in _of_names(connection, names, now)}
    faults = []
    for number, name in enumerate(names):
        if (fault := name_fault(name)) is not None:
            faults.append(fault)
        elif name in taken:
            text = f"{name!r} exists already"
            faults.append(PersonFault(PersonFaultKind.NAME_TAKEN, name, text))
        elif name in names[:number]:
            text = f"{name!r} is named twice"
            faults.append(PersonFault(PersonFaultKind.NAMED_TWICE, name, text))
    return faults


def enabled_people(
    connection: Connection, names: Sequence[str], now: datetime
) -> list[tuple[str, PersonRecord]]:
    """Return annotators by name; raise `PersonRefused` for those unknown or disabled."""
    known = known_people(connection, names, now)
    disabled = [name for name, one in known if one.disabled_at is not None]
    if disabled:
        listed = ", ".join(disabled)
        raise PersonRefused([PersonFault(PersonFaultKind.DISABLED, listed, f"disabled: {listed}")])
    return known


def known_people(
    connection: Connection, names: Sequence[str], now: datetime
) -> list[tuple[str, PersonRecord]]:
    """Return annotators by name; raise `PersonRefused` for those unknown."""
    found = {one.name: one for one in _of_names(connection, names, now)}
    unknown = [name for name in names if name not in found]
    if unknown:
        listed = ", ".join(unknown)
        text = f"no annotator is called {listed}: add them first (arena annotator add)"
        raise PersonRefused([PersonFault(PersonFaultKind.UNKNOWN, listed, text)])
    return [(name, found[name]) for name in names]


def _of_names(connection: Connection, names: Sequence[str], now: datetime) -> list[PersonRecord]:
    return people(connection, tuple(names), now) if names else []


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
