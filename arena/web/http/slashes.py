"""Redirects to the trailing slash that mounted apps need."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from arena.web.http.root_path import path_inside


def slashes_router(*paths: str) -> APIRouter:
    """`GET` of each path without its slash: to the same with it, and with what was asked for.

    The target is without a host: behind a proxy only the browser knows it.
    """
    router = APIRouter()
    for path in paths:
        router.get(path)(_add_slash)
    return router


def _add_slash(request: Request) -> RedirectResponse:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{path_inside(request.scope)}/{query}")
