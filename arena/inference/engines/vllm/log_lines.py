"""What vLLM's log says of its progress, and why it has failed."""

import logging
import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

_PREFIX: Final = re.compile(
    r"^(?:\([\w .-]+ pid=\d+\)\s*)?"
    r"(?:(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL):?\s+)?"
    r"(?:\d\d-\d\d \d\d:\d\d:\d\d\s+)?(?:\[[\w./-]+:\d+\]\s?)?"
)
"""Process, level, time and place in the code, each of which may be missing."""

_STAGES: Final[Mapping[str, str]] = {
    r"(?:Fetching|Downloading) .*?:\s+(\d+)%": "downloading ({} %)",
    r"\.(?:safetensors|bin|json|model):\s+(\d+)%": "downloading ({} % of a file)",
    r"Starting to load model": "loading weights",
    r"checkpoint shards:\s+(\d+)% Completed": "loading weights ({} %)",
    r"Model loading took|Dynamo bytecode|torch\.compile|Compiling": "compiling",
    r"GPU KV cache size": "making the cache",
    r"Capturing CUDA graphs?.*?:\s+(\d+)%": "capturing CUDA graphs ({} %)",
    r"Starting vLLM (?:API )?server|Application startup": "starting the server",
}
"""Beginnings of stages and their words for the administrator, with the first group put in."""

_CACHE: Final = re.compile(r"GPU KV cache size: ([\d,]+) tokens")
_ERROR: Final = re.compile(r"^(?:[\w.]+\.)?(\w*(?:Error|Exception))(?: \[[\w ]+\])?: (.+)$")
_USAGE: Final = re.compile(r"^\S+(?: \S+)?: error: (.+)$")
_ECHO: Final = re.compile(r"root cause|initialization failed", re.IGNORECASE)
"""Errors of parents, which repeat that a child has failed and not why."""


class Remedy(Enum):
    """What could help after a failure."""

    TIME = auto()
    """Another program may free its memory, the network may come back."""

    OPERATOR = auto()
    """Somebody has to install or to permit something."""

    RESTART = auto()
    """The row has to change, which counts from the arena's next start on."""


_REMEDIES: Final[Mapping[str, Remedy]] = {
    r"No module named '?vllm": Remedy.OPERATOR,
    r" cannot be started: ": Remedy.OPERATOR,
    r"gated repo|401 Client Error|403 Client Error": Remedy.OPERATOR,
    r"unrecognized arguments|invalid choice|expected one argument": Remedy.RESTART,
    r"architectures .* are not supported|no vLLM implementation": Remedy.RESTART,
    r"must be divisible by tensor parallel size": Remedy.RESTART,
    r"is greater than the derived max_model_len": Remedy.RESTART,
    r"Failed to infer device type": Remedy.RESTART,
}
"""Failures whose words tell what could help; time may mend all others."""


class VllmLog:
    """Follows the lines of one run."""

    def __init__(self) -> None:
        self.progress = "starting vLLM"
        self.cause = ""
        self.cache = ""

    def note(self, line: str) -> None:
        """Take the next line."""
        text = _PREFIX.sub("", line, count=1).strip()
        for pattern, words in _STAGES.items():
            found = re.search(pattern, text)
            if found is not None:
                self.progress = words.format(*found.groups())
        cache = _CACHE.search(text)
        if cache is not None:
            self.cache = f"cache of {cache[1]} tokens"
        self._note_cause(text)

    def _note_cause(self, text: str) -> None:
        error, usage = _ERROR.match(text), _USAGE.match(text)
        if error is not None and not _ECHO.search(text):
            self.cause = f"{error[1]}: {error[2]}"
        elif usage is not None:
            self.cause = usage[1]


def remedy_for(reason: str) -> Remedy:
    """Return what could help after a failure, told by its words."""
    found = (remedy for words, remedy in _REMEDIES.items() if re.search(words, reason))
    return next(found, Remedy.TIME)


def levelled(line: str) -> tuple[int, str]:
    """Return the level of a line of vLLM's log, and the line without level and time."""
    prefix = _PREFIX.match(line)
    level = prefix["level"] if prefix is not None else None
    text = line if prefix is None else line[prefix.end() :]
    return logging.getLevelNamesMapping()[level or "INFO"], text or line
