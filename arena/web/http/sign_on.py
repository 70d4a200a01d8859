"""Single sign-on: a trusted proxy names in a header who has signed in there."""

import logging

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from arena.domain.accounts import Caller
from arena.domain.errors import NotAllowed
from arena.services.single_sign_on import SingleSignOn
from arena.web.common.texts import Texts
from arena.web.http.access import Access, with_session
from arena.web.http.client_address import client_address
from arena.web.http.refused import refused

logger = logging.getLogger(__name__)

_LOGGED = 40


class SignOn:
    """ASGI middleware behind `ProxyHeaders`, which has taken the header from everybody else.

    A request with the header is of the account of that name, whatever cookie comes with it: a page
    opens a session for it, anything else is nobody's until a page has. An admin's session goes on,
    since admins sign in by password. A request without the header is of its cookie alone.
    """

    def __init__(
        self, app: ASGIApp, *, header: str, people: SingleSignOn, access: Access, texts: Texts
    ) -> None:
        self._app = app
        self._header = header
        self._people = people
        self._access = access
        self._texts = texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on as who the proxy says; answer 403 where nobody can be called so."""
        said = _said(scope, self._header)
        if not said:
            await self._app(scope, receive, send)
            return
        name = _name(said)
        if _is(await self._access.find(Request(scope)), name):
            await self._app(scope, receive, send)
        elif not _opens_a_page(scope):
            await self._app(with_session(scope, ""), receive, send)
        else:
            await self._begin(name, scope, receive, send)

    async def _begin(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        address = client_address(scope)
        try:
            session = await run_in_threadpool(self._people.session, name, address)
        except NotAllowed:
            logger.warning("a proxy named %r, which opens no account", name[:_LOGGED])
            await refused(self._texts, scope, "sign_on", 403)(scope, receive, send)
            return
        await self._app(
            with_session(scope, session.token), receive, self._access.sending_cookie(session, send)
        )


def _said(scope: Scope, header: str) -> list[str]:
    """Return what the header says; some proxies send it empty where nobody has signed in."""
    if scope["type"] != "http":
        return []
    return [one for one in Headers(scope=scope).getlist(header) if one.strip()]


def _name(said: list[str]) -> str:
    """Return the name in UTF-8, as proxies write it; empty where several are named."""
    if len(said) > 1:
        return ""
    try:
        return said[0].encode("latin-1").decode("utf-8").strip()
    except UnicodeDecodeError:
        return ""


def _is(caller: Caller | None, name: str) -> bool:
    return caller is not None and (caller.is_admin or caller.name == name)


def _opens_a_page(scope: Scope) -> bool:
    return scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")
