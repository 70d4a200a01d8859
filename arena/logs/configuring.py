"""What is logged, and how."""

import logging

from arena.logs.events import EVENTS, PROMPTS
from arena.logs.lines import JsonLines, WordLines


def configure_logging(
    *, verbose: bool = False, as_json: bool = False, prompts: bool = False
) -> None:
    """Set up the root logger for a command; libraries speak up only from warnings on.

    Events are for programs, and for people who want `verbose` lines. `prompts` is whether what
    annotators write is logged.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if as_json else WordLines())
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, handlers=[handler])
    logging.captureWarnings(as_json)
    logging.getLogger("arena").setLevel(logging.DEBUG if verbose else logging.INFO)
    logging.getLogger(EVENTS).setLevel(_level(wanted=as_json or verbose))
    logging.getLogger(PROMPTS).setLevel(_level(wanted=prompts))


def _level(*, wanted: bool) -> int:
    return logging.INFO if wanted else logging.CRITICAL
