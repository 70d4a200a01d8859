"""Responses of middleware that refuses a request before any page sees it."""

from fastapi.responses import HTMLResponse, JSONResponse, Response
from markupsafe import Markup
from starlette.datastructures import Headers
from starlette.types import Scope

from arena.web.common.texts import Texts, link_to
from arena.web.http.small_page import small_page


def refused(
    texts: Texts, scope: Scope, sentence: str, status: int, *, wait_s: int | None = None
) -> Response:
    """Answer with the sentence `door.SENTENCE` in the browser's language.

    Who wants a page gets one, anything else JSON with the key `detail`, as FastAPI and Gradio do.
    `wait_s` seconds go into the sentence and into `Retry-After`.
    """
    asked = Headers(scope=scope)
    accept = asked.get("accept-language")
    words = texts.of(accept)
    text = words[f"door.{sentence}"]
    headers = {"cache-control": "no-store"}
    if wait_s is not None:
        text = text.format(seconds=f"{wait_s:,}")
        headers["retry-after"] = str(wait_s)
    if "text/html" in asked.get("accept", ""):
        page = small_page(
            words,
            language=texts.language_of(accept),
            title=words["door.title"],
            body=_BODY.format(text=text, back=words["login.back"], home=link_to(words, "/")),
        )
        return HTMLResponse(page, status, headers)
    return JSONResponse({"detail": text}, status, headers)


_BODY = Markup('<p role="alert">{text}</p><p><a href="{home}">{back}</a></p>')
