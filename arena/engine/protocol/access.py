"""Access to an engine: requests must bear its token."""

import hmac
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from arena.engine.protocol.responses import error_body

_WRONG_KEY = "the key is wrong: send this engine's ARENA_ENGINE_TOKEN as the bearer token"
_REFUSAL = JSONResponse(
    error_body(_WRONG_KEY, status=HTTPStatus.UNAUTHORIZED, code="invalid_api_key"),
    HTTPStatus.UNAUTHORIZED,
    headers={"WWW-Authenticate": "Bearer"},
)


class BearerTokenMiddleware:
    """Refuses requests without the bearer token; the comparison takes the same time for all.

    Plain ASGI: middleware that wraps streams would hide a client's departure from them.
    """

    def __init__(self, app: ASGIApp, *, token: str) -> None:
        self._app = app
        self._expected = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 401."""
        if scope["type"] == "http" and not self._knows(scope):
            await _REFUSAL(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _knows(self, scope: Scope) -> bool:
        scheme, _, given = Headers(scope=scope).get("authorization", "").partition(" ")
        is_same = hmac.compare_digest(given.encode(), self._expected)
        return is_same and scheme.lower() == "bearer"
