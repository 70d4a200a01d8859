"""Responses of middleware that refuses a request before any page sees it."""

from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.datastructures import Headers
from starlette.types import Scope

from arena.web.common.texts import Texts


def refused(
    texts: Texts, scope: Scope, sentence: str, status: int, *, wait_s: int | None = None
) -> Response:
    """Answer with the sentence `door.SENTENCE` in the browser's language.

    A page gets it as text, anything else as JSON with the key `detail`, as FastAPI and Gradio do.
    `wait_s` seconds go into the sentence and into `Retry-After`.
    """
    asked = Headers(scope=scope)
    text = texts.of(asked.get("accept-language"))[f"door.{sentence}"]
    headers = {"cache-control": "no-store"}
    if wait_s is not None:
        text = text.format(seconds=f"{wait_s:,}")
        headers["retry-after"] = str(wait_s)
    if "text/html" in asked.get("accept", ""):
        return PlainTextResponse(text, status, headers)
    return JSONResponse({"detail": text}, status, headers)
