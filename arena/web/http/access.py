"""Authentication of HTTP requests: session cookies, guest sessions, and guards of mounted apps."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from http.cookies import SimpleCookie
from typing import Protocol

from fastapi import HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arena.domain.accounts import Caller
from arena.services.accounts import Accounts, NewSession
from arena.web.common.texts import Texts
from arena.web.http.client_address import client_address
from arena.web.http.rate_limit import RateLimit
from arena.web.http.refused import refused
from arena.web.http.root_path import path_inside

COOKIE = "arena_session"
_OPENING = frozenset({"/", "/leaderboard", "/leaderboard/"})
_SNAPSHOTS = "/leaderboard/snapshots/"
"""A snapshot may be cited: many a reader comes to its page first."""


class HasCookies(Protocol):
    """A Starlette or Gradio request, as far as access needs one."""

    @property
    def cookies(self) -> Mapping[str, str]:
        """Cookies by name."""
        ...


class Access:
    """Reads callers from cookies and writes session cookies."""

    def __init__(self, accounts: Accounts, *, open_annotators: bool, secure: bool) -> None:
        self._accounts = accounts
        self.open_annotators = open_annotators
        self._secure = secure

    def caller(self, request: HasCookies | None) -> Caller | None:
        """Return the account of the request's session. Blocking."""
        return self._accounts.caller(request.cookies.get(COOKIE)) if request else None

    async def find(self, request: HasCookies) -> Caller | None:
        """Return the account of the request's session; ask the database in a thread, if at all."""
        token = request.cookies.get(COOKIE)
        known = self._accounts.known(token) if token else None
        return known or await run_in_threadpool(self._accounts.caller, token)

    def sign_out_token(self, request: HasCookies) -> str:
        """Return the CSRF token that a sign-out must send; empty without a session.

        Only the pages that we make for the session know it: neither another site nor the text of
        a model can.
        """
        token = request.cookies.get(COOKIE)
        return hmac.digest(token.encode(), b"sign out", "sha256").hex() if token else ""

    def open_guest_session(self, address: str = "") -> NewSession:
        """Create a guest session for a visitor from an address. Blocking."""
        return self._accounts.open_guest_session(address)

    def cookie(self, token: str, *, seconds: int | None = None) -> str:
        """Value of a Set-Cookie header; 0 seconds deletes the cookie."""
        cookie: SimpleCookie = SimpleCookie()
        cookie[COOKIE] = token
        morsel = cookie[COOKIE]
        morsel["path"] = "/"
        morsel["httponly"] = True
        morsel["samesite"] = "Lax"
        morsel["max-age"] = self._accounts.session_seconds if seconds is None else seconds
        if self._secure:
            morsel["secure"] = True
        return morsel.OutputString()

    def sending_cookie(self, session: NewSession, send: Send) -> Send:
        """Return `send` with the cookie of a new session on the response."""

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.append("set-cookie", self.cookie(session.token))
            await send(message)

        return send_with_cookie

    def require(self, allowed: Callable[[Caller], bool]) -> Callable[[Request], Awaitable[str]]:
        """Return a guard for a mounted app: the caller's name, or a redirect to sign in."""

        async def guard(request: Request) -> str:
            caller = await self.find(request)
            if caller is None or not allowed(caller):
                raise _refused(request)
            return caller.name

        return guard


def _refused(request: Request) -> HTTPException:
    if "text/html" in request.headers.get("accept", ""):
        return HTTPException(303, headers={"Location": "/login"})
    return HTTPException(401, "not signed in")


class GuestSessions:
    """ASGI middleware: creates a guest session for visitors without one, in open annotator mode.

    `limit` bounds the sessions of one address: a client that drops its cookie could otherwise
    become a thousand annotators.
    """

    def __init__(self, app: ASGIApp, *, access: Access, limit: RateLimit, texts: Texts) -> None:
        self._app = app
        self._access = access
        self._limit = limit
        self._texts = texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the cookie to the response, and to this very request."""
        if not (_opens_a_page(scope) and self._access.open_annotators):
            await self._app(scope, receive, send)
            return
        caller = await self._access.find(Request(scope))
        if caller is not None:
            await self._app(scope, receive, send)
            return
        address = client_address(scope)
        wait_s = self._limit.take(address)
        if wait_s:
            response = refused(self._texts, scope, "too_many_guests", 429, wait_s=wait_s)
            await response(scope, receive, send)
            return
        session = await run_in_threadpool(self._access.open_guest_session, address)
        await self._app(
            with_session(scope, session.token), receive, self._access.sending_cookie(session, send)
        )


def _opens_a_page(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    wants_html = "text/html" in Headers(scope=scope).get("accept", "")
    path = path_inside(scope)
    return wants_html and (path in _OPENING or path.startswith(_SNAPSHOTS))


def with_session(scope: Scope, token: str) -> Scope:
    """Return the request with the cookie of this session alone; with an empty token, without."""
    headers = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
    if token:
        headers.append((b"cookie", f"{COOKIE}={token}".encode()))
    return dict(scope, headers=headers)
