"""Answers with status 200 that are no stream of events but say what is wrong."""

from collections.abc import Mapping
from typing import Protocol

from arena.inference.errors import BrokenReply
from arena.inference.remote.server_words import words_of

_DOCUMENTS = ("application/json", "application/problem+json", "text/html", "application/xhtml")
_STARTS_OF_EVENTS = ("data:", "event:", ":", "id:", "retry:")


class HttpAnswer(Protocol):
    """What is needed of the client's response."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Header fields, found by their names in small letters."""
        ...

    @property
    def text(self) -> str:
        """The body as text, once it has been read."""
        ...

    async def aread(self) -> bytes:
        """Read the whole body."""
        ...


async def require_stream(response: HttpAnswer) -> None:
    """Let an answer pass that is, or may be, a stream of events.

    A document is read to its end; one that holds events under a wrong type still passes.

    Raises:
        BrokenReply: It is a document, such as an error or a page to sign in; with its words.
    """
    kind = response.headers.get("content-type", "").lower()
    if not kind.startswith(_DOCUMENTS):
        return
    await response.aread()
    text = response.text
    if not text.lstrip().startswith(_STARTS_OF_EVENTS):
        words = words_of(text) or "nothing"
        raise BrokenReply(f"a document came instead of a stream of events: {words}")
