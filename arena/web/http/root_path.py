"""The path below which a proxy shows the arena: put in front of what browsers are told.

Inside, every path is without it. Pages write it into their links (`link_to`); here it comes into
what the headers of answers say.
"""

from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def path_inside(scope: Scope) -> str:
    """Return the path of a request, without those of the arena and of an app that it is in."""
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    return path or "/"


class RootPath:
    """ASGI middleware: places the arena below `root_path`, which is empty or such as `/lab7`.

    Requests may bring the path along, or come from a proxy that has taken it off; those of probes
    on this machine never have it.
    """

    def __init__(self, app: ASGIApp, *, root_path: str) -> None:
        self._app = app
        self._root = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell the application where it is, and the browser where it is led."""
        if not self._root or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"] == self._root:
            await RedirectResponse(self._home(scope))(scope, receive, send)
            return

        async def send_placed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._place(MutableHeaders(scope=message))
            await send(message)

        await self._app(self._placed(scope), receive, send_placed)

    def _home(self, scope: Scope) -> str:
        query = scope["query_string"].decode("ascii", "replace")
        return f"{self._root}/?{query}" if query else f"{self._root}/"

    def _placed(self, scope: Scope) -> Scope:
        brings_it = scope["path"].startswith(f"{self._root}/")
        missing = "" if brings_it else self._root
        placed = dict(scope, root_path=self._root, path=missing + scope["path"])
        if scope.get("raw_path") is not None:
            placed["raw_path"] = missing.encode() + scope["raw_path"]
        return placed

    def _place(self, headers: MutableHeaders) -> None:
        """Put the path in front of where a redirect leads, and keep cookies below it."""
        target = headers.get("location", "")
        if target.startswith("/") and not target.startswith("//"):
            headers["location"] = self._root + target
        cookies = headers.getlist("set-cookie")
        if cookies:
            del headers["set-cookie"]
        for cookie in cookies:
            headers.append("set-cookie", cookie.replace("Path=/", f"Path={self._root}/"))
