"""A readable 503 page when the database fails, instead of an error 500."""

import logging

from markupsafe import Markup
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arena.services.errors import StorageError
from arena.web.common.texts import Texts
from arena.web.http.small_page import small_page

logger = logging.getLogger(__name__)

_RETRY_AFTER_S = "30"


class StorageErrorPage:
    """ASGI middleware: a `StorageError` before the first byte becomes a 503 in words."""

    def __init__(self, app: ASGIApp, texts: Texts) -> None:
        self._app = app
        self._texts = texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in the place of what failed; an answer that has begun is left to break off."""
        begun = False

        async def noticing(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noticing)
        except StorageError:
            if begun or scope["type"] != "http":
                raise
            logger.exception("%s %s: the database failed", scope["method"], scope["path"])
            await self._answer(Headers(scope=scope))(scope, receive, send)

    def _answer(self, headers: Headers) -> Response:
        accept = headers.get("accept-language")
        words = self._texts.of(accept)
        title, text = words["trouble_page.title"], words["trouble_page.text"]
        retry = {"retry-after": _RETRY_AFTER_S, "cache-control": "no-store"}
        if "text/html" not in headers.get("accept", ""):
            return PlainTextResponse(f"{title}. {text}", 503, retry)
        body = _BODY.format(text=text, again=words["trouble_page.again"])
        language = self._texts.language_of(accept)
        return HTMLResponse(
            small_page(words, language=language, title=title, body=body), 503, retry
        )


_BODY = Markup('<p role="alert">{text}</p><p><a href="">{again}</a></p>')
