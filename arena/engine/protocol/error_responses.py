"""Every way in which a request can fail, as an answer in OpenAI's form."""

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from arena.engine.batching.generator import BatchLost, GenerationFailed
from arena.engine.prompts import PromptTooLong
from arena.engine.protocol.responses import error_body
from arena.engine.protocol.streaming import ClientGone
from arena.engine.requests import RefusedRequest
from arena.engine.service import RETRY_AFTER_S

logger = logging.getLogger(__name__)

_CLIENT_CLOSED = 499
_ADDRESSES = "/v1/chat/completions, /v1/completions, /v1/models, /v1/tokenize and /health"
_COME_BACK = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


def answer_errors(app: FastAPI) -> None:
    """Register an answer for each kind of error that a route raises before it answers."""
    app.add_exception_handler(RefusedRequest, _refusal)
    app.add_exception_handler(PromptTooLong, _too_long)
    app.add_exception_handler(GenerationFailed, _failure)
    app.add_exception_handler(ClientGone, _nobody_reads)
    app.add_exception_handler(ClientDisconnect, _nobody_reads)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(Exception, _fault)


def failure_code(error: GenerationFailed) -> str:
    """Return the code of a failed generation; only `batch_lost` is worth sending again."""
    return "batch_lost" if isinstance(error, BatchLost) else "generation_failed"


async def _refusal(_: Request, error: Exception) -> Response:
    if not isinstance(error, RefusedRequest):
        raise error
    return _answer(error.status, str(error), code=error.code, param=error.param, **error.details)


async def _too_long(request: Request, error: Exception) -> Response:
    if not isinstance(error, PromptTooLong):
        raise error
    param = "messages" if "chat" in request.url.path else "prompt"
    numbers = {"length": error.length, "limit": error.limit}
    return _answer(400, str(error), code="context_length_exceeded", param=param, **numbers)


async def _failure(_: Request, error: Exception) -> Response:
    if not isinstance(error, GenerationFailed):
        raise error
    logger.warning("a reply failed: %s", error)
    lost = isinstance(error, BatchLost)
    status = HTTPStatus.SERVICE_UNAVAILABLE if lost else HTTPStatus.INTERNAL_SERVER_ERROR
    return _answer(status, str(error), code=failure_code(error))


async def _nobody_reads(_: Request, __: Exception) -> Response:
    return Response(status_code=_CLIENT_CLOSED)


async def _no_route(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    answer = _answer(error.status_code, _sentence(error), code="invalid_route")
    answer.headers.update(error.headers or {})
    return answer


def _sentence(error: HTTPException) -> str:
    """Return what to change where no route fits."""
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return f"this address takes another method: {(error.headers or {}).get('Allow')}"
    if error.status_code == HTTPStatus.NOT_FOUND:
        return f"there is no such address: an engine has {_ADDRESSES}"
    return str(error.detail)


async def _fault(_: Request, error: Exception) -> Response:
    """Answer for a bug of the engine; the framework logs it."""
    name = type(error).__name__
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, name, code="internal_error")


def _answer(
    status: int, message: str, *, code: str, param: str | None = None, **details: int | str
) -> Response:
    """Answer with an error, and say when to come back where that helps."""
    later = {"Retry-After": str(RETRY_AFTER_S)} if status in _COME_BACK else None
    body = error_body(message, status=status, code=code, param=param, **details)
    return JSONResponse(body, status, headers=later)
