"""Gradio's own page below a path: its template writes two addresses as if it were at the root.

The icon is asked for before the page's `head` is there, and the manifest does not exist.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arena.web.http.root_path import path_inside

_MANIFEST = b'<link rel="manifest" href="/manifest.json" />'


class PlacedIndex:
    """ASGI middleware around a Gradio app: the icon of its page is the one below `root_path`."""

    def __init__(self, app: ASGIApp, *, root_path: str) -> None:
        self._app = app
        self._icon = f'<link rel="icon" href="{root_path}/favicon.ico">'.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; the page is changed as a whole, and not compressed here."""
        if scope["type"] != "http" or path_inside(scope) != "/":
            await self._app(scope, receive, send)
            return
        plain = [one for one in scope["headers"] if one[0] != b"accept-encoding"]
        held: list[Message] = []

        async def placing(message: Message) -> None:
            held.append(message)
            if not message.get("more_body") and message["type"] == "http.response.body":
                await self._answer(held, send)

        await self._app(dict(scope, headers=plain), receive, placing)

    async def _answer(self, held: list[Message], send: Send) -> None:
        start, *parts = held
        body = b"".join(part.get("body", b"") for part in parts)
        if Headers(raw=start["headers"]).get("content-type", "").startswith("text/html"):
            body = body.replace(_MANIFEST, self._icon)
            MutableHeaders(raw=start["headers"])["content-length"] = str(len(body))
        await send(start)
        await send({"type": "http.response.body", "body": body, "more_body": False})
