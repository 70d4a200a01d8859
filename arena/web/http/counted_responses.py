"""Counts what the page answers, for Prometheus."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arena.metrics import Count


class CountedResponses:
    """ASGI middleware: counts responses by class of status, as they begin.

    What fails before a response has begun is answered with 500 by the server.
    """

    def __init__(self, app: ASGIApp, *, count: Count) -> None:
        self._app = app
        self._count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on and count."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def counting(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                self._count(f"{message['status'] // 100}xx")
            await send(message)

        try:
            await self._app(scope, receive, counting)
        except Exception:
            if not begun:
                self._count("5xx")
            raise
