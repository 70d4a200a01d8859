"""The list of models of a server: asked for to learn whether the server is there."""

import re
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from arena.inference.errors import BrokenReply
from arena.inference.remote.errors import is_refused_key
from arena.inference.remote.request import Endpoint
from arena.inference.remote.transport import ServerRefusal

_NOT_THERE: Final = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED}
    | {HTTPStatus.REQUEST_TIMEOUT}
)


def models_address(endpoint: Endpoint) -> str:
    """Return where a server lists its models, relative to its base address or absolute."""
    path = endpoint.dialect.host_models_path
    if path is None:
        return "/models"
    parts = urlsplit(endpoint.base_url)
    return f"{parts.scheme}://{parts.netloc}{path}"


def is_same_model(asked: str, told: str) -> bool:
    """Return whether two names mean one model: without a path before it, a date or branch after."""
    asked, told = (name.rsplit("/", 1)[-1].casefold() for name in (asked, told))
    return re.fullmatch(re.escape(asked) + r"([-@:](\d[\d-]*|latest|main))?", told) is not None


def listed_models(answer: object) -> frozenset[str]:
    """Return the names in the answer to `GET /models`; raises `BrokenReply` for a web page."""
    if isinstance(answer, str) and answer.lstrip().startswith("<"):
        raise BrokenReply("a web page came instead of a list of models: is base_url right?")
    entries = answer.get("data") if isinstance(answer, dict) else answer
    listed = entries if isinstance(entries, list) else []
    names = (entry.get("id") for entry in listed if isinstance(entry, dict))
    return frozenset(name for name in names if isinstance(name, str))


def answers_without_list(refusal: ServerRefusal) -> bool:
    """Return whether a server that refuses to list its models may still answer conversations.

    Many have no such list. A key of OpenAI's with few rights may chat and not list.
    """
    status = refusal.status
    if is_refused_key(refusal.message):
        return False
    if "missing scopes" in refusal.message.lower() or status == HTTPStatus.NOT_IMPLEMENTED:
        return True
    return (
        HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
        and status not in _NOT_THERE
    )
