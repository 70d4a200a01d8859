"""Answers of the addresses whose files a board offers: the file, or as JSON why there is none."""

from collections.abc import Sequence

from fastapi.responses import JSONResponse, Response

from arena.domain.errors import NotAllowed, Refusal


def bad_query(faults: Sequence[str]) -> Response:
    """Answer an address of which some fields make no sense."""
    return JSONResponse({"error": "bad_query", "fields": list(faults)}, 400)


def not_allowed(error: NotAllowed) -> Response:
    """Answer who may not read the board: without a session 401, else 403."""
    status = 401 if error.refusal is Refusal.NOT_SIGNED_IN else 403
    return JSONResponse({"error": error.refusal.value}, status)


def no_votes() -> Response:
    """Answer that there is nothing to show."""
    return JSONResponse({"error": "no_votes"}, 404)


def too_many_models(most: int) -> Response:
    """Answer that a figure has no room for the models of the board, and for how many it has."""
    return JSONResponse({"error": "too_many_models", "most": most}, 400)


def no_statistics() -> Response:
    """Answer that intervals could not be computed; asking again may succeed."""
    return JSONResponse({"error": "statistics_failed"}, 503)


def download(content: bytes, name: str, media_type: str) -> Response:
    """Answer with a file to keep, under a name of ASCII letters."""
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )
