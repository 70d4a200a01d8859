"""Gradio's routes as our pages use them: few, the busiest first, without a thread for a check.

FastAPI tries routes one by one, Gradio has some ninety, and an event takes two requests.
"""

from collections.abc import Callable, Iterator
from inspect import signature
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.params import Depends
from gradio.routes import App
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import Scope

API: Final = "/gradio_api"

_USED: Final = (
    f"{API}/queue/data",
    f"{API}/queue/join",
    f"{API}/heartbeat/{{session_hash}}",
    f"{API}/app_id",
    "/",
    "/config",
    "/theme.css",
    "/favicon.ico",
    "/assets/{path:path}",
    "/static/{path:path}",
)
"""The paths of the routes that stay, in the order in which they are tried."""


def trim_routes(app: App) -> None:
    """Leave the routes that our pages use; the gate in front lets nothing else through anyway.

    Raises:
        TypeError: Gradio has some of them no more.
    """
    found = {path: [one for one in _routes(app) if _path(one) == path] for path in _USED}
    missing = [path for path, routes in found.items() if not routes]
    if missing:
        raise TypeError(f"Gradio has no route any more for {', '.join(missing)}")
    kept = [route for routes in found.values() for route in routes]
    for route in kept:
        _check_on_the_loop(route)
    api = APIRouter()
    api.routes[:] = kept
    app.router.routes[:] = []
    app.include_router(api)


def find_events_first(app: FastAPI, mounted: Mount) -> None:
    """Try the events of a page mounted at the root before all routes of ours."""
    app.router.routes.insert(0, _Events("", app=mounted.app))


class _Events(Mount):
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match paths of Gradio's API alone."""
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        if scope["type"] != "http" or not path.startswith(f"{API}/"):
            return Match.NONE, {}
        return super().matches(scope)


def _routes(app: App) -> Iterator[BaseRoute]:
    for route in app.router.routes:
        included = getattr(route, "original_router", None)
        yield from included.routes if included is not None else [route]


def _path(route: BaseRoute) -> str:
    return getattr(route, "path", "")


def _check_on_the_loop(route: BaseRoute) -> None:
    """Ask our guard, which refuses by itself, instead of Gradio's check of its answer.

    The check is a plain function, which takes a thread for each request.
    """
    checks: list[Depends] = getattr(route, "dependencies", [])
    checks[:] = [Depends(_guard_of(check.dependency)) for check in checks]


def _guard_of(check: Callable[..., Any] | None) -> Callable[..., Any]:
    """Return the dependency that Gradio's check of the caller reads its answer from."""
    if check is None or check.__name__ != "login_check":
        raise TypeError(f"Gradio checks callers some other way: {check!r}")
    guard: Callable[..., Any] = signature(check).parameters["user"].default.dependency
    return guard
