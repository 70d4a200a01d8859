"""Health probes and metrics. Without authorisation they say nothing about models."""

import secrets
from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from arena.domain.accounts import Caller, require_admin
from arena.domain.errors import NotAllowed
from arena.metrics import Metrics


def health_router(
    *,
    ready: Callable[[], bool],
    ending: Callable[[], bool],
    stores: Callable[[], bool],
    metrics: Metrics,
    caller_of: Callable[[Request], Caller | None],
    metrics_token: str | None,
) -> APIRouter:
    """`/healthz` (the page answers), `/readyz` (battles can start), `/metrics` (admins only).

    A battle can start when models are ready, the database can store it and no shutdown has begun.
    """
    router = APIRouter()

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz")
    def readyz() -> JSONResponse:
        if ending():
            return JSONResponse({"status": "ending"}, 503)
        if not stores():
            return JSONResponse({"status": "cannot_store"}, 503)
        if not ready():
            return JSONResponse({"status": "loading"}, 503)
        return JSONResponse({"status": "ready"})

    @router.get("/metrics")
    def numbers(request: Request) -> Response:
        if not _has_token(request, metrics_token):
            try:
                require_admin(caller_of(request))
            except NotAllowed:
                return JSONResponse({"detail": "an admin session or the token is needed"}, 401)
        return Response(metrics.render(), media_type=CONTENT_TYPE_LATEST)

    return router


def _has_token(request: Request, token: str | None) -> bool:
    if token is None:
        return False
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    return secrets.compare_digest(given.encode(), token.encode())
