"""The formats of files with replies, told by name or by their first row."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Any, Final

from arena.services.importing.formats import UnreadableFile
from arena.services.importing.replies import alpacaeval, fastchat, jsonl
from arena.services.importing.replies.rows import ReplyRow

AUTO: Final = "auto"


class ReplyFormat(StrEnum):
    """Formats of files with replies, under their contract names."""

    JSONL = "jsonl"
    ALPACAEVAL = "alpacaeval"
    FASTCHAT = "fastchat"


_READERS: Final[Mapping[ReplyFormat, Callable[[str], Iterator[ReplyRow]]]] = {
    ReplyFormat.JSONL: jsonl.read,
    ReplyFormat.ALPACAEVAL: alpacaeval.read,
    ReplyFormat.FASTCHAT: fastchat.read,
}


def read_replies(content: bytes, source: ReplyFormat | None) -> Iterator[ReplyRow]:
    """Yield the rows of a file; None tells its format by its first row.

    Raises:
        UnreadableFile: The file as a whole cannot be read.
    """
    text = _decoded(content)
    return _READERS[source or format_of(text)](text)


def format_of(text: str) -> ReplyFormat:
    """Return the format that a text looks like."""
    if text.lstrip().startswith("["):
        return ReplyFormat.ALPACAEVAL
    first: Any = None
    with suppress(ValueError, RecursionError):
        first = json.loads(next(line for line in text.split("\n") if line.strip()))
    names = first.keys() if isinstance(first, dict) else set[str]()
    if {"question_id", "choices"} <= names:
        return ReplyFormat.FASTCHAT
    return ReplyFormat.ALPACAEVAL if {"instruction", "output"} <= names else ReplyFormat.JSONL


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + content.count(b"\n", 0, error.start)
        raise UnreadableFile(f"line {line}: not UTF-8: save the file as UTF-8") from error
    if not text.strip():
        raise UnreadableFile("the file is empty")
    return text
