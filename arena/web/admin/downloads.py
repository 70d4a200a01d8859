"""Tables as files over HTTP: streamed, and visibly cut when something breaks on the way."""

from collections.abc import AsyncIterator, Callable, Generator
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.concurrency import iterate_in_threadpool

from arena.domain.accounts import Caller
from arena.domain.errors import NotAllowed, Refusal
from arena.services.exports.columns import ExportTable
from arena.services.exports.exports import Exports
from arena.services.exports.formats import ExportFormat
from arena.services.exports.options import ExportOptions

CallerOf = Callable[[Request], Caller | None]

CSV = "text/csv; charset=utf-8"

_MEDIA_TYPES = {
    ExportFormat.CSV: CSV,
    ExportFormat.JSONL: "application/x-ndjson",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
}


def exports_router(exports: Exports, caller_of: CallerOf) -> APIRouter:
    """`GET /admin/exports/TABLE.FORMAT[?names=true][&bom=true][&without=one_address]`, for admins.

    401 without a session, 403 for other accounts, 404 for another table, each as JSON. `bom`
    changes nothing but a CSV.
    """
    router = APIRouter()
    for kind in ExportFormat:
        router.get(f"/admin/exports/{{table}}.{kind}")(_download(exports, caller_of, kind))
    return router


def _download(exports: Exports, caller_of: CallerOf, kind: ExportFormat) -> Callable[..., Response]:
    def download(
        request: Request,
        table: str,
        names: bool = False,  # noqa: FBT001, FBT002 - query parameters
        bom: bool = False,  # noqa: FBT001, FBT002
        without: Literal["one_address"] | None = None,
    ) -> Response:
        options = ExportOptions(
            format=kind, names=names, bom=bom, without_one_address=without is not None
        )
        try:
            chunks = exports.file_for(caller_of(request), table, options)
        except NotAllowed as error:
            return refused(error)
        except ValueError:
            return JSONResponse({"error": "unknown_table", "known": list(ExportTable)}, 404)
        return StreamingResponse(
            _streamed(chunks),
            media_type=_MEDIA_TYPES[kind],
            headers={
                "Content-Disposition": f'attachment; filename="{table}.{kind}"',
                "Cache-Control": "no-store",
            },
        )

    return download


def refused(error: NotAllowed) -> JSONResponse:
    """Return the answer to somebody who may not have a file."""
    status = 401 if error.refusal is Refusal.NOT_SIGNED_IN else 403
    return JSONResponse({"error": error.refusal.value}, status)


async def _streamed(chunks: Generator[bytes]) -> AsyncIterator[bytes]:
    """Stream the chunks from a worker thread.

    An error is raised after the headers have been sent: the server then closes the connection
    without the final chunk, so the client sees a cut.
    """
    try:
        async for chunk in iterate_in_threadpool(chunks):
            yield chunk
    finally:
        chunks.close()
