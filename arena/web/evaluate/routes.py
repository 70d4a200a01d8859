"""The evaluation page over HTTP: plain forms, so that it works before its script has come."""

from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from arena.domain.accounts import Caller
from arena.domain.battle import Shown
from arena.domain.errors import (
    ArenaError,
    BadInput,
    Conflict,
    NotAllowed,
    NotFound,
    Refusal,
)
from arena.domain.evaluation import Attention, CampaignBallot, ItemView, NothingToJudge
from arena.services.campaigns.evaluation.standing import Standing
from arena.web.common.texts import Texts
from arena.web.evaluate.forms import (
    read_attention,
    read_ballot,
    read_draft,
    read_shown,
    read_skip,
)
from arena.web.evaluate.pages import EvaluationPages, Reader
from arena.web.evaluate.parts import Evaluations
from arena.web.http.allowance import Allowance
from arena.web.http.client_address import client_address
from arena.web.http.crowds import NO_ARRIVALS, Arrivals
from arena.web.http.security_headers import PLAIN_PAGE_POLICY
from arena.web.http.sessions import Sessions

_HEADERS = {"cache-control": "no-store", "content-security-policy": PLAIN_PAGE_POLICY}
_CLOSED_DOORS = {
    *(NothingToJudge.NOT_OPEN, NothingToJudge.PAUSED, NothingToJudge.CLOSED, NothingToJudge.FULL)
}
"""Why a new person of a crowd is not let in."""

_STATUS = ((BadInput, 400), (NotAllowed, 403), (NotFound, 404), (Conflict, 409))


def evaluate_router(
    evaluations: Evaluations,
    pages: EvaluationPages,
    sessions: Sessions,
    texts: Texts,
    *,
    votes: Allowance,
    arrivals: Arrivals = NO_ARRIVALS,
) -> APIRouter:
    """Return the routes under `/evaluate`. What changes something answers with a redirect.

    `votes` limits the ballots of one person and of one address.
    """
    routes = _Routes(evaluations, pages, sessions, texts, votes, arrivals)
    router = APIRouter()
    router.get("/evaluate")(routes.show)
    router.get("/evaluate/saved")(routes.saved)
    router.get("/evaluate/revise")(routes.revise)
    router.post("/evaluate/begin")(routes.begin)
    router.post("/evaluate/vote")(routes.vote)
    router.post("/evaluate/skip")(routes.skip)
    return router


@dataclass(frozen=True, slots=True)
class _Routes:
    evaluations: Evaluations
    pages: EvaluationPages
    sessions: Sessions
    texts: Texts
    votes: Allowance
    arrivals: Arrivals

    async def show(self, request: Request, campaign: str = "", why: str = "") -> Response:
        """Answer with the caller's next item, or with why there is none."""
        return await run_in_threadpool(self._show, request, campaign, why)

    async def saved(self, request: Request, item: str) -> Response:
        """Answer with a judged item: what was said of it, and how to go on."""
        return await run_in_threadpool(self._one, request, item, revising=False)

    async def revise(self, request: Request, item: str) -> Response:
        """Answer with a judged item whose ballot may be given again."""
        return await run_in_threadpool(self._one, request, item, revising=True)

    async def begin(self, request: Request) -> Response:
        """Take consent and answers."""
        form = await request.form()
        return await run_in_threadpool(self._begin, request, form)

    async def vote(self, request: Request) -> Response:
        """Take a ballot."""
        form = await request.form()
        return await run_in_threadpool(self._vote, request, form)

    async def skip(self, request: Request) -> Response:
        """Give an item back."""
        form = await request.form()
        return await run_in_threadpool(self._skip, request, form)

    def _show(self, request: Request, campaign: str, why: str) -> Response:
        reader, caller = self._reader(request)
        try:
            if (arrived := self.arrivals.arrived(request)) is not None:
                return arrived
            if why in _CLOSED_DOORS:
                return _page(self.pages.nothing(reader, None, NothingToJudge(why)))
            if caller is None:
                return _page(self.pages.nothing(reader, None, NothingToJudge.NOT_A_MEMBER), 401)
            names = self.evaluations.campaigns(caller) or self.evaluations.revealed(caller)
            if not campaign and len(names) != 1:
                return _page(self.pages.choice(reader, names))
            return self._item(reader, caller, campaign or names[0])
        except ArenaError as error:
            return self._refused(reader, error)

    def _item(self, reader: Reader, caller: Caller, campaign: str) -> Response:
        standing = self.evaluations.standing(caller, campaign)
        if standing.nothing is not None:
            return _page(self.pages.nothing(reader, standing, standing.nothing))
        if not standing.begun:
            return _page(self.pages.questions(reader, standing, {}))
        found = self.evaluations.next(caller, campaign)
        if isinstance(found, NothingToJudge):
            standing = self.evaluations.standing(caller, campaign)
            return _page(self.pages.nothing(reader, standing, found))
        return _page(self.pages.item(reader, standing, found, CampaignBallot()))

    def _one(self, request: Request, item_id: str, *, revising: bool) -> Response:
        reader, caller = self._reader(request)
        try:
            found, standing = self._own(caller, item_id)
            if found.ballot is None:
                return _to_campaign(standing)
            if revising and found.revisable:
                return _page(self.pages.item(reader, standing, found, found.ballot))
            cards = self.evaluations.cards(_known(caller), item_id)
            # Who has learned the names cannot change the ballot any more.
            found = self.evaluations.item(_known(caller), item_id)
            return _page(self.pages.saved(reader, standing, found, cards))
        except ArenaError as error:
            return self._refused(reader, error)

    def _begin(self, request: Request, form: FormData) -> Response:
        reader, caller = self._reader(request)
        try:
            return self._begun(reader, _known(caller), form)
        except ArenaError as error:
            return self._refused(reader, error)

    def _begun(self, reader: Reader, caller: Caller, form: FormData) -> Response:
        """Begin, or ask again what was answered badly. Raises what else is refused."""
        campaign = str(form.get("campaign", ""))
        answers = {
            name.removeprefix("answer-"): value
            for name, value in form.items()
            if name.startswith("answer-") and isinstance(value, str)
        }
        try:
            _require_consent(form)
            self.evaluations.begin(caller, campaign, answers)
        except BadInput as error:
            standing = self.evaluations.standing(caller, campaign)
            return _page(self.pages.questions(reader, standing, answers, error), 400)
        return RedirectResponse(f"/evaluate?campaign={quote(campaign)}", 303)

    def _vote(self, request: Request, form: FormData) -> Response:
        reader, caller = self._reader(request)
        item_id = str(form.get("item", ""))
        try:
            found, standing = self._own(caller, item_id)
        except ArenaError as error:
            return self._refused(reader, error)
        protocol, slots = standing.words.protocol, found.battle.slots
        try:
            shown = read_shown(form)
            if shown is None:
                raise Conflict(Refusal.PAGE_OUTDATED)
            ballot = read_ballot(form, protocol, slots=slots)
            attention = read_attention(form, slots=slots)
            self._judge(request, _known(caller), item_id, shown, ballot, attention)
        except ArenaError as error:
            draft = read_draft(form, protocol, slots=slots)
            return _page(self.pages.item(reader, standing, found, draft, error), _status(error))
        return RedirectResponse(f"/evaluate/saved?item={quote(item_id)}", 303)

    def _judge(
        self,
        request: Request,
        caller: Caller,
        item_id: str,
        shown: Shown,
        ballot: CampaignBallot,
        attention: Attention,
    ) -> None:
        address = client_address(request.scope)
        self.votes.require(caller, address)
        self.evaluations.judge(caller, item_id, shown, ballot, attention)
        self.votes.count(caller, address)

    def _skip(self, request: Request, form: FormData) -> Response:
        reader, caller = self._reader(request)
        item_id = str(form.get("item", ""))
        try:
            reason, words = read_skip(form)
            standing = self._own(caller, item_id)[1]
            self.evaluations.skip(_known(caller), item_id, reason, words)
        except ArenaError as error:
            return self._refused(reader, error)
        return _to_campaign(standing)

    def _own(self, caller: Caller | None, item_id: str) -> tuple[ItemView, Standing]:
        known = _known(caller)
        campaign = self.evaluations.campaign_of(known, item_id)
        standing = self.evaluations.standing(known, campaign)
        return self.evaluations.item(known, item_id), standing

    def _reader(self, request: Request) -> tuple[Reader, Caller | None]:
        accept = request.headers.get("accept-language")
        caller = self.sessions.caller(request)
        return Reader(
            texts=self.texts.of(accept),
            language=self.texts.language_of(accept),
            accept_language=accept,
            caller=caller,
            sign_out=self.sessions.sign_out_token(request),
        ), caller

    def _refused(self, reader: Reader, error: ArenaError) -> Response:
        return _page(self.pages.refused(reader, error), _status(error))


def _known(caller: Caller | None) -> Caller:
    if caller is None:
        raise NotAllowed(Refusal.NOT_SIGNED_IN)
    return caller


def _require_consent(form: FormData) -> None:
    if form.get("consent") != "yes":
        raise BadInput(Refusal.CONSENT_NEEDED)


def _to_campaign(standing: Standing) -> Response:
    return RedirectResponse(f"/evaluate?campaign={quote(standing.words.name)}", 303)


def _status(error: ArenaError) -> int:
    if error.refusal is Refusal.TOO_MANY_VOTES:
        return 429
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 503)


def _page(html: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(html, status, _HEADERS)
