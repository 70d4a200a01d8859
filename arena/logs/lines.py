"""Records of the log as lines, without what annotators have written."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from arena.logs.events import PROMPTS
from arena.logs.masking import masked
from arena.logs.subject import subject

_WORDS = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class WordLines(logging.Formatter):
    """For people: a time first; a traceback takes lines of its own."""

    def __init__(self) -> None:
        super().__init__(_WORDS, "%Y-%m-%d %H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of a record; an event tells its facts."""
        facts = "".join(f" {name}={fact!r}" for name, fact in _facts(record).items())
        return _discreet(super().format(record), record) + facts


class JsonLines(logging.Formatter):
    """For programs: an object a line, with `time`, `level`, `logger`, `message` and what is known.

    `battle` is the one that was worked on, `exception` a traceback; an event adds its own facts.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, in ASCII."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        current = subject()
        line: dict[str, object] = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": _discreet(record.getMessage(), record),
        }
        if current is not None:
            line["battle"] = current.battle
        if record.exc_info:
            line["exception"] = _discreet(self.formatException(record.exc_info), record)
        return json.dumps({**line, **_facts(record)}, default=str)


def _facts(record: logging.LogRecord) -> Mapping[str, object]:
    facts: Mapping[str, object] = getattr(record, "facts", {})
    return facts


def _discreet(text: str, record: logging.LogRecord) -> str:
    current = subject()
    if current is None or record.name == PROMPTS:
        return text
    return masked(text, current.prompts)
