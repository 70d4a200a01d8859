"""The admin's pages of campaigns over HTTP: the list, checking and creating, one campaign."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from anyio import from_thread
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from arena.domain.errors import ArenaError
from arena.services.administration.campaign_checks import FaultyUpload
from arena.services.administration.campaigns import CampaignAdministration
from arena.services.administration.uploads import SentFile, UploadRefused, unpacked
from arena.services.campaigns.opening import RepliesMissing
from arena.services.campaigns.refusals import CampaignRefused
from arena.web.admin.campaign_parts import checked_part, fault_rows, list_rows
from arena.web.admin.campaign_view import campaign_part
from arena.web.admin.frame import AdminDoor, AdminReader, text_of
from arena.web.admin.refusal_sentences import campaign_sentence
from arena.web.admin.sent_files import packed_upload, sent_campaign
from arena.web.common.texts import refusal_sentence
from arena.web.http.body_limit import CAMPAIGN_BYTES
from arena.web.http.sessions import require_token

_PLACE = "/admin/campaigns"
_ANCHORS = {"look": "board", "generate": "replies", "stop": "replies"}
"""Where on its page an action shows what came of it; of others a sentence stands on top."""

_DONE = ("created", "version", "unchanged", "opened", "paused", "closed")


def campaigns_router(campaigns: CampaignAdministration, door: AdminDoor) -> APIRouter:
    """Return the routes under `/admin/campaigns`. What changes something answers with a redirect.

    A campaign's name is the rest of its address, or the query `name` where it cannot be that.
    """
    routes = _Routes(campaigns, door)
    router = APIRouter()
    router.get(_PLACE)(routes.all)
    router.post(f"{_PLACE}/check")(routes.check)
    router.post(f"{_PLACE}/create")(routes.create)
    for action in ("open", "pause", "close", "look", "generate", "stop"):
        router.post(f"{_PLACE}/{action}")(routes.action(action))
    router.get(f"{_PLACE}/{{path:path}}")(routes.show)
    return router


def address_of(name: str) -> str:
    """Return the address of a campaign's page."""
    if name.strip(".") == "":  # a browser would take it for a folder
        return f"{_PLACE}/?name={quote(name)}"
    return f"{_PLACE}/{quote(name, safe='')}"


@dataclass(frozen=True, slots=True)
class _Routes:
    campaigns: CampaignAdministration
    door: AdminDoor

    def all(self, request: Request) -> Response:
        """Answer with all campaigns."""
        return self.door.answer(request, self._list)

    def show(self, request: Request, path: str, name: str = "") -> Response:
        """Answer with one campaign; the query may ask a question, or tell what was done."""
        query = request.query_params
        page = partial(self._one, name=path or name, ask=query.get("ask"), done=query.get("done"))
        return self.door.answer(request, page if path or name else _to_list)

    async def check(self, request: Request) -> Response:
        """Check files; nothing is stored."""
        async with request.form() as form:
            campaign, others = await sent_campaign(form)
        act = partial(self._check, form=form, campaign=campaign, others=others)
        return await run_in_threadpool(self.door.answer, request, act)

    async def create(self, request: Request) -> Response:
        """Store a campaign that was checked."""
        async with request.form(max_part_size=CAMPAIGN_BYTES) as form:
            act = partial(self._create, form=form)
        return await run_in_threadpool(self.door.answer, request, act)

    def action(self, name: str) -> Callable[[Request], object]:
        """Return the route of an action on one campaign."""

        async def act(request: Request) -> Response:
            form = await request.form()
            page = partial(self._act, action=name, form=form)
            return await run_in_threadpool(self.door.answer, request, page)

        return act

    def _list(
        self,
        reader: AdminReader,
        *,
        errors: Sequence[str] = (),
        faults: Sequence[dict[str, object]] = (),
        status: int = 200,
    ) -> Response:
        found = self.campaigns.all(reader.caller)
        return reader.page(
            "campaigns",
            here="campaigns",
            title=reader.texts["campaigns.title"],
            status=status,
            campaigns=list_rows(reader.texts, found, address_of),
            errors=errors,
            faults=faults,
            megabytes=CAMPAIGN_BYTES // 2**20,
        )

    def _check(
        self,
        reader: AdminReader,
        *,
        form: FormData,
        campaign: SentFile | None,
        others: list[SentFile],
    ) -> Response:
        try:
            require_token(form, reader.token)
            return self._checked(reader, packed_upload(campaign, others))
        except (UploadRefused, FaultyUpload, ArenaError) as error:
            return self._faulty(reader, error)

    def _checked(
        self, reader: AdminReader, text: str, *, errors: Sequence[str] = (), status: int = 200
    ) -> Response:
        checked = self.campaigns.check(reader.caller, unpacked(text))
        return reader.page(
            "checked",
            here="campaigns",
            title=checked.found.campaign.name,
            status=status,
            upload=text,
            errors=errors,
            **checked_part(reader.texts, checked),
        )

    def _create(self, reader: AdminReader, *, form: FormData) -> Response:
        text = text_of(form, "upload")
        try:
            require_token(form, reader.token)
            name, version = self.campaigns.create(reader.caller, unpacked(text))
        except (CampaignRefused, ArenaError) as error:
            try:
                return self._checked(reader, text, errors=[_sentence(reader, error)], status=409)
            except (UploadRefused, FaultyUpload) as faulty:
                return self._faulty(reader, faulty)
        except (UploadRefused, FaultyUpload) as error:
            return self._faulty(reader, error)
        done = ("created" if version.number == 1 else "version") if version.new else "unchanged"
        return _to(name, done)

    def _faulty(
        self, reader: AdminReader, error: UploadRefused | FaultyUpload | ArenaError
    ) -> Response:
        if isinstance(error, FaultyUpload):
            return self._list(reader, faults=fault_rows(error), status=400)
        return self._list(reader, errors=[_sentence(reader, error)], status=400)

    def _one(
        self,
        reader: AdminReader,
        *,
        name: str,
        ask: str | None = None,
        done: str | None = None,
        errors: Sequence[str] = (),
        status: int = 200,
    ) -> Response:
        try:
            view = self.campaigns.view(reader.caller, name)
        except CampaignRefused as refused:
            return self._list(reader, errors=[_sentence(reader, refused)], status=404)
        return reader.page(
            "campaign",
            here="campaigns",
            title=name,
            status=status,
            ask=ask if ask in ("open", "close") else "",
            done=reader.texts[f"campaigns.done.{done}"] if done in _DONE else "",
            errors=errors,
            here_address=address_of(name),
            **campaign_part(reader.texts, view),
        )

    def _act(self, reader: AdminReader, *, action: str, form: FormData) -> Response:
        name = text_of(form, "name")
        try:
            require_token(form, reader.token)
            return _to(name, self._do(reader, action, name, form), _ANCHORS.get(action, ""))
        except RepliesMissing:
            return self._one(reader, name=name, ask="open", status=409)
        except (CampaignRefused, ArenaError) as error:
            return self._one(reader, name=name, errors=[_sentence(reader, error)], status=409)

    def _do(self, reader: AdminReader, action: str, name: str, form: FormData) -> str:
        caller = reader.caller
        if action == "open":
            self.campaigns.open(caller, name, accepted=text_of(form, "accepted"))
            return "opened"
        if action == "pause":
            self.campaigns.pause(caller, name)
            return "paused"
        if action == "close":
            self.campaigns.close(caller, name)
            return "closed"
        if action == "generate":
            from_thread.run_sync(self.campaigns.generate, caller, name)
        elif action == "stop":
            from_thread.run(self.campaigns.stop_generating, caller)
        else:
            self.campaigns.look_early(caller, name)
        return ""


def _to_list(reader: AdminReader) -> Response:  # noqa: ARG001 - as every page
    return RedirectResponse(_PLACE, 303)


def _to(name: str, done: str, anchor: str = "") -> Response:
    address = address_of(name)
    joined = "&" if "?" in address else "?"
    return RedirectResponse(f"{address}{joined}done={done}" if done else f"{address}#{anchor}", 303)


def _sentence(reader: AdminReader, error: UploadRefused | CampaignRefused | ArenaError) -> str:
    if isinstance(error, ArenaError):
        return refusal_sentence(reader.texts, error)
    if isinstance(error, UploadRefused):
        said = reader.texts[f"campaigns.upload.{error.why}"]
        return said.format(name=error.name, megabytes=CAMPAIGN_BYTES // 2**20)
    return campaign_sentence(reader.texts, error)
