"""How many requests of one address may be open at once."""

from collections import Counter

from starlette.types import ASGIApp, Receive, Scope, Send

from arena.web.common.texts import Texts
from arena.web.http.client_address import client_address
from arena.web.http.refused import refused

_WAIT_S = 5


class OpenRequests:
    """ASGI middleware: streams that stay open count for as long as they do.

    Without it, one client takes every connection that the process may have.
    """

    def __init__(self, app: ASGIApp, *, most: int, texts: Texts) -> None:
        self._app = app
        self._most = most
        self._texts = texts
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer 429."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        address = client_address(scope)
        if self._open[address] >= self._most:
            response = refused(self._texts, scope, "too_many_at_once", 429, wait_s=_WAIT_S)
            await response(scope, receive, send)
            return
        self._open[address] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]
