"""Large forms are for admins: nobody else may make the server read them."""

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from arena.web.common.texts import Texts
from arena.web.http.access import Access
from arena.web.http.body_limit import LARGE_FORMS
from arena.web.http.refused import refused
from arena.web.http.root_path import path_inside


class UploadDoor:
    """ASGI middleware: refuses a large form of anybody but an admin before its body is read."""

    def __init__(self, app: ASGIApp, *, access: Access, texts: Texts) -> None:
        self._app = app
        self._access = access
        self._texts = texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer 401 or 403."""
        if _is_large_form(scope):
            caller = await self._access.find(Request(scope))
            if caller is None or not caller.is_admin:
                status = 401 if caller is None else 403
                response = refused(self._texts, scope, "admins_only", status)
                response.headers["connection"] = "close"
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_large_form(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] == "GET":
        return False
    return path_inside(scope) in LARGE_FORMS
