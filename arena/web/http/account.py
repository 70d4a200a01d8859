"""The page of one's own account: password, sessions, and signing out."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from arena.domain.accounts import Caller
from arena.domain.errors import ArenaError, BadInput, NotAllowed, Refusal, Unavailable
from arena.services.own_account import OwnAccount, OwnView, require_named
from arena.web.common.markup import Words
from arena.web.common.templates import Templates
from arena.web.common.texts import Texts, refusal_sentence
from arena.web.http.access import COOKIE, Access
from arena.web.http.client_address import client_address
from arena.web.http.security_headers import PLAIN_PAGE_POLICY
from arena.web.http.sign_ins import SignIns
from arena.web.http.small_page import small_page

_PLACE = "/account"
_DONE = ("password", "sessions")
_HEADERS = {"cache-control": "no-store", "content-security-policy": PLAIN_PAGE_POLICY}
_rendered = Templates("arena.web.http").rendered


def account_router(
    account: OwnAccount, access: Access, sign_ins: SignIns, texts: Texts
) -> APIRouter:
    """Return the routes under `/account`, for whoever signs in under a name.

    What changes something needs the token of the session, and answers with a redirect.
    """
    routes = _Routes(account, access, sign_ins, texts)
    router = APIRouter()
    router.get(_PLACE)(routes.show)
    router.post(f"{_PLACE}/password")(routes.set_password)
    router.post(f"{_PLACE}/sessions")(routes.end_others)
    return router


@dataclass(frozen=True, slots=True)
class _Routes:
    account: OwnAccount
    access: Access
    sign_ins: SignIns
    texts: Texts

    def show(self, request: Request, done: str = "") -> Response:
        """Answer with the account; others are sent to the sign-in page."""
        try:
            return self._page(request, done=done if done in _DONE else "")
        except NotAllowed:
            return RedirectResponse("/login", 303, _HEADERS)

    async def set_password(self, request: Request) -> Response:
        """Replace the password, if the present one is known."""
        form = await request.form()
        try:
            caller = await run_in_threadpool(self._admitted, request, form)
            await self._replace(request, caller, form)
        except ArenaError as error:
            return await run_in_threadpool(self._refused, request, error)
        return RedirectResponse(f"{_PLACE}?done=password", 303, _HEADERS)

    async def end_others(self, request: Request) -> Response:
        """End all other sessions of the account."""
        form = await request.form()

        def act() -> None:
            caller = self._admitted(request, form)
            self.account.end_others(caller, _token(request))

        try:
            await run_in_threadpool(act)
        except ArenaError as error:
            return await run_in_threadpool(self._refused, request, error)
        return RedirectResponse(f"{_PLACE}?done=sessions", 303, _HEADERS)

    async def _replace(self, request: Request, caller: Caller, form: FormData) -> None:
        view = await run_in_threadpool(self.account.view, caller, _token(request))
        if view.has_password:
            await self._check(request, caller, _text(form, "present"))
        if _text(form, "new") != _text(form, "again"):
            raise BadInput(Refusal.PASSWORDS_DIFFER)
        change = self.account.set_password
        await run_in_threadpool(change, caller, _token(request), _text(form, "new"))

    async def _check(self, request: Request, caller: Caller, present: str) -> None:
        """Let nobody change a password by a session that was left open."""
        try:
            await self.sign_ins.check(caller.name, present, client_address(request.scope))
        except NotAllowed as error:
            raise NotAllowed(Refusal.PRESENT_PASSWORD_WRONG) from error

    def _admitted(self, request: Request, form: FormData) -> Caller:
        caller = require_named(self.access.caller(request))
        if not hmac.compare_digest(
            _text(form, "token").encode(), self.access.sign_out_token(request).encode()
        ):
            raise NotAllowed(Refusal.FORM_OUTDATED)
        return caller

    def _refused(self, request: Request, error: ArenaError) -> Response:
        status = _status(error)
        try:
            return self._page(request, error=error, status=status)
        except NotAllowed:
            return self._bare(request, error, status)

    def _page(
        self,
        request: Request,
        *,
        done: str = "",
        error: ArenaError | None = None,
        status: int = 200,
    ) -> Response:
        caller = require_named(self.access.caller(request))
        view = self.account.view(caller, _token(request))
        return self._answered(
            request,
            status,
            lambda words: _body(words, caller, view, self._sent(request), done, error),
        )

    def _bare(self, request: Request, error: ArenaError, status: int) -> Response:
        return self._answered(
            request,
            status,
            lambda words: Markup('<p role="alert">{}</p>').format(refusal_sentence(words, error)),
        )

    def _answered(self, request: Request, status: int, body: Callable[[Words], Markup]) -> Response:
        accept = request.headers.get("accept-language")
        words = self.texts.of(accept)
        page = small_page(
            words,
            language=self.texts.language_of(accept),
            title=words["account.title"],
            body=body(words),
        )
        return HTMLResponse(page, status, _HEADERS)

    def _sent(self, request: Request) -> str:
        return self.access.sign_out_token(request)


def _body(
    words: Words,
    caller: Caller,
    view: OwnView,
    token: str,
    done: str,
    error: ArenaError | None,
) -> Markup:
    return _rendered(
        "account",
        texts=words,
        view=view,
        admin=caller.is_admin,
        token=token,
        done=words[f"account.done_{done}"] if done else "",
        error=refusal_sentence(words, error) if error else "",
    )


def _status(error: ArenaError) -> int:
    if isinstance(error, BadInput):
        return 400
    if isinstance(error, Unavailable):
        return 429
    return 401 if error.refusal is Refusal.NOT_SIGNED_IN else 403


def _token(request: Request) -> str:
    return request.cookies.get(COOKIE, "")


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
