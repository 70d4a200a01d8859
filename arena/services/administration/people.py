"""Invited annotators as admins see and change them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from arena.domain.accounts import Caller, require_admin
from arena.services.administration.links_once import LinksOnce, PersonalLink
from arena.services.people import (
    LONGEST_NAME,
    People,
    PersonFault,
    PersonFaultKind,
    PersonRefused,
)
from arena.storage.people import PersonRecord


class PersonState(StrEnum):
    """How an annotator can sign in: by a personal link, by a password alone, or not by either."""

    INVITED = "invited"
    PASSWORD = "password"  # noqa: S105 - a word for it, not a password
    NO_LINK = "no_link"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Person:
    """An annotator with a name. `last_seen_at` is when the newest session was opened."""

    name: str
    group: str | None
    state: PersonState
    last_seen_at: datetime | None
    votes: int


@dataclass(frozen=True, slots=True)
class WantedPerson:
    """Somebody to invite."""

    name: str
    group: str | None


class PeopleAdministration:
    """Invitations by admins. Blocking; every method raises `NotAllowed` for anybody else.

    `ended` is told when sessions have ended, so that nobody is taken for signed in by memory.
    """

    def __init__(self, people: People, links: LinksOnce, *, ended: Callable[[], None]) -> None:
        self._people = people
        self._links = links
        self._ended = ended

    def everybody(self, caller: Caller | None) -> tuple[Person, ...]:
        """Return everybody who was ever invited or signs in under a name, by name."""
        require_admin(caller)
        return tuple(map(_person, self._people.all()))

    def person(self, caller: Caller | None, name: str) -> Person:
        """Return an annotator; raises `PersonRefused` if there is none of this name."""
        require_admin(caller)
        found = self._people.find([name])
        if not found:
            text = f"no annotator is called {name!r}"
            raise PersonRefused([PersonFault(PersonFaultKind.UNKNOWN, name, text)])
        return _person(found[0])

    def invite(
        self,
        caller: Caller | None,
        wanted: Sequence[WantedPerson],
        *,
        key: str,
        valid_for: timedelta | None = None,
    ) -> None:
        """Make links, and accounts for those who have none; `links` returns them for the key.

        Raises:
            PersonRefused: With every name and group that is not possible; nothing was done.
        """
        admin = require_admin(caller)
        self._links.make(key, admin.id, lambda: self._invited(wanted, valid_for))

    def links(self, caller: Caller | None, key: str) -> tuple[PersonalLink, ...]:
        """Return the links that the caller made with a form; nothing the second time."""
        return self._links.take(key, require_admin(caller).id)

    def disable(self, caller: Caller | None, name: str) -> None:
        """Close an account; raises `PersonRefused` if there is none of this name."""
        require_admin(caller)
        self._people.disable([name])
        self._ended()

    def _invited(
        self, wanted: Sequence[WantedPerson], valid_for: timedelta | None
    ) -> list[PersonalLink]:
        known = {one.name: one for one in self._people.find([one.name for one in wanted])}
        faults = [*_faults(wanted), *_disabled(known.values())]
        if faults:
            raise PersonRefused(faults)
        self._people.add([(one.name, one.group) for one in wanted if one.name not in known])
        invited = self._people.invite([one.name for one in wanted], valid_for=valid_for)
        return [PersonalLink(one.person.name, one.person.group, one.token) for one in invited]


def _faults(wanted: Sequence[WantedPerson]) -> Iterator[PersonFault]:
    names = [one.name for one in wanted]
    for name in sorted(set(names)):
        if names.count(name) > 1:
            yield PersonFault(PersonFaultKind.NAMED_TWICE, name, f"{name!r} is named twice")
    for group in sorted({one.group for one in wanted if one.group}):
        if not group.isprintable() or len(group) > LONGEST_NAME:
            shown = group[:20]
            text = f"{shown!r} is no group: write one line of at most {LONGEST_NAME} characters"
            yield PersonFault(PersonFaultKind.NO_GROUP, shown, text)


def _disabled(known: Iterable[PersonRecord]) -> Iterator[PersonFault]:
    for one in known:
        if one.disabled_at is not None:
            text = f"{one.name!r} is disabled: invite them under another name"
            yield PersonFault(PersonFaultKind.DISABLED, one.name, text)


def _person(record: PersonRecord) -> Person:
    return Person(record.name, record.group, _state(record), record.last_seen_at, record.votes)


def _state(record: PersonRecord) -> PersonState:
    if record.disabled_at is not None:
        return PersonState.DISABLED
    if record.invited:
        return PersonState.INVITED
    return PersonState.PASSWORD if record.has_password else PersonState.NO_LINK
