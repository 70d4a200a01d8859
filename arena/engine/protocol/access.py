"""Access to an engine: requests must bear its token."""

import hmac

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from arena.engine.protocol.responses import error_body


class BearerTokenMiddleware:
    """Refuses requests without the bearer token; the comparison takes the same time for all.

    Plain ASGI: middleware that wraps streams would hide a client's departure from them.
    """

    def __init__(self, app: ASGIApp, *, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 401."""
        if scope["type"] == "http" and not self._knows(scope):
            refusal = JSONResponse(error_body("wrong token", code="invalid_token"), 401)
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _knows(self, scope: Scope) -> bool:
        given = Headers(scope=scope).get("authorization", "")
        return hmac.compare_digest(given.encode(), self._expected)
