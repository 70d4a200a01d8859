"""The admin's page of people: who was invited, personal links, closing accounts."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeGuard
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from arena.domain.errors import ArenaError
from arena.services.administration.people import (
    PeopleAdministration,
    Person,
    PersonState,
    WantedPerson,
)
from arena.services.people import PersonRefused
from arena.web.admin.frame import AdminDoor, AdminReader, text_of
from arena.web.admin.invited_rows import MOST_PEOPLE, FaultyRows, RowFault, read_people
from arena.web.admin.refusal_sentences import person_sentence
from arena.web.common.markup import Words
from arena.web.common.texts import refusal_sentence
from arena.web.http.sessions import require_token

_PLACE = "/admin/people"
_KEY = re.compile(r"[\w-]{16,64}", re.ASCII)
_MOST_DAYS = 3650


def people_router(people: PeopleAdministration, door: AdminDoor) -> APIRouter:
    """Return the routes under `/admin/people`. What changes something answers with a redirect."""
    routes = _Routes(people, door)
    router = APIRouter()
    router.get(_PLACE)(routes.show)
    router.get(f"{_PLACE}/links/{{key}}")(routes.links)
    router.get(f"{_PLACE}/disable")(routes.ask)
    router.post(f"{_PLACE}/invite")(routes.invite)
    router.post(f"{_PLACE}/renew")(routes.renew)
    router.post(f"{_PLACE}/disable")(routes.disable)
    return router


@dataclass(frozen=True, slots=True)
class _Routes:
    people: PeopleAdministration
    door: AdminDoor

    def show(self, request: Request, disabled: str = "") -> Response:
        """Answer with everybody who was invited."""
        return self.door.answer(request, partial(self._page, disabled=disabled))

    def links(self, request: Request, key: str) -> Response:
        """Answer with new personal links, the first time."""
        return self.door.answer(request, partial(self._links, request=request, key=key))

    def ask(self, request: Request, name: str = "") -> Response:
        """Ask whether an account shall be closed."""
        return self.door.answer(request, partial(self._ask, name=name))

    async def invite(self, request: Request) -> Response:
        """Make links for everybody who is named."""
        async with request.form() as form:
            typed = await _typed(form)
        act = partial(self._invite, form=form, typed=typed)
        return await run_in_threadpool(self.door.answer, request, act)

    async def renew(self, request: Request) -> Response:
        """Make a new link for one annotator."""
        form = await request.form()
        act = partial(self._renew, form=form)
        return await run_in_threadpool(self.door.answer, request, act)

    async def disable(self, request: Request) -> Response:
        """Close an account."""
        form = await request.form()
        act = partial(self._disable, form=form)
        return await run_in_threadpool(self.door.answer, request, act)

    def _page(
        self,
        reader: AdminReader,
        *,
        disabled: str = "",
        typed: Mapping[str, str] | None = None,
        errors: Sequence[str] = (),
        status: int = 200,
    ) -> Response:
        everybody = self.people.everybody(reader.caller)
        closed = {one.name for one in everybody if one.state is PersonState.DISABLED}
        return reader.page(
            "people",
            here="people",
            title=reader.texts["people.title"],
            status=status,
            people=[_row(one) for one in everybody],
            done=reader.texts["people.disabled"].format(name=disabled)
            if disabled in closed
            else "",
            typed=typed or {"people": "", "group": "", "days": ""},
            errors=errors,
            key=secrets.token_urlsafe(16),
            most_days=_MOST_DAYS,
        )

    def _links(self, reader: AdminReader, *, request: Request, key: str) -> Response:
        base = str(request.base_url).rstrip("/")
        found = self.people.links(reader.caller, key)
        return reader.page(
            "links",
            here="people",
            title=reader.texts["people.links"],
            status=200 if found else 410,
            links=[
                {"name": one.name, "group": one.group or "", "address": f"{base}/join/{one.token}"}
                for one in found
            ],
        )

    def _invite(self, reader: AdminReader, *, form: FormData, typed: Mapping[str, str]) -> Response:
        words = reader.texts
        try:
            require_token(form, reader.token)
            wanted = read_people(typed["people"], group=typed["group"].strip() or None)
            valid_for = _valid_for(typed["days"])
            key = _key(form)
            self.people.invite(reader.caller, wanted, key=key, valid_for=valid_for)
        except FaultyRows as faulty:
            errors = [_row_fault(words, fault) for fault in faulty.faults]
        except _NoDays:
            errors = [words["people.error.days"].format(most=_MOST_DAYS)]
        except PersonRefused as refused:
            errors = _sentences(words, refused)
        except ArenaError as error:
            errors = _sentences(words, error)
        else:
            return RedirectResponse(f"{_PLACE}/links/{key}", 303)
        return self._page(reader, typed=typed, errors=errors, status=400)

    def _renew(self, reader: AdminReader, *, form: FormData) -> Response:
        name, key = text_of(form, "name"), _key(form)
        try:
            require_token(form, reader.token)
            person = self.people.person(reader.caller, name)
            self.people.invite(reader.caller, [_wanted(person)], key=key)
        except (PersonRefused, ArenaError) as error:
            return self._page(reader, errors=_sentences(reader.texts, error), status=400)
        return RedirectResponse(f"{_PLACE}/links/{key}", 303)

    def _ask(self, reader: AdminReader, *, name: str) -> Response:
        try:
            person = self.people.person(reader.caller, name)
        except PersonRefused as refused:
            return self._page(reader, errors=_sentences(reader.texts, refused), status=404)
        title = reader.texts["people.ask_disable"].format(name=person.name)
        return reader.page("disable", here="people", title=title, person=_row(person))

    def _disable(self, reader: AdminReader, *, form: FormData) -> Response:
        name = text_of(form, "name")
        try:
            require_token(form, reader.token)
            self.people.disable(reader.caller, name)
        except (PersonRefused, ArenaError) as error:
            return self._page(reader, errors=_sentences(reader.texts, error), status=400)
        return RedirectResponse(f"{_PLACE}?disabled={quote(name)}", 303)


class _NoDays(ValueError):
    """The number of days is none."""


async def _typed(form: FormData) -> dict[str, str]:
    """Return the fields as they are shown again: people of a file stand with those typed."""
    file = form.get("file")
    content = (await file.read()).decode("utf-8-sig", "replace") if _is_file(file) else ""
    people = "\n".join(part for part in (text_of(form, "people"), content) if part.strip())
    return {"people": people, "group": text_of(form, "group"), "days": text_of(form, "days")}


def _is_file(value: object) -> TypeGuard[UploadFile]:
    return isinstance(value, UploadFile)


def _valid_for(days: str) -> timedelta | None:
    text = days.strip()
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= number <= _MOST_DAYS:
        raise _NoDays
    return timedelta(days=number)


def _key(form: FormData) -> str:
    sent = text_of(form, "key")
    return sent if _KEY.fullmatch(sent) else secrets.token_urlsafe(16)


def _row_fault(words: Words, fault: RowFault) -> str:
    said = words[f"people.error.{fault.why}"].format(most=MOST_PEOPLE)
    return words["people.error.line"].format(line=fault.line, said=said) if fault.line else said


def _sentences(words: Words, error: PersonRefused | ArenaError) -> list[str]:
    if isinstance(error, ArenaError):
        return [refusal_sentence(words, error)]
    return [person_sentence(words, fault) for fault in error.faults]


def _wanted(person: Person) -> WantedPerson:
    return WantedPerson(person.name, person.group)


def _row(person: Person) -> dict[str, object]:
    seen = person.last_seen_at
    return {
        "name": person.name,
        "group": person.group or "",
        "state": person.state.value,
        "seen": f"{seen:%Y-%m-%d}" if seen else "",
        "votes": f"{person.votes:,}",
        "address": f"{_PLACE}/disable?name={quote(person.name)}",
    }
