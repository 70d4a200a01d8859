"""What happens in the ordinary course of things; logged where a program or the operator reads."""

import logging
from typing import Final

EVENTS: Final = "arena.events"
PROMPTS: Final = "arena.prompts"

_events = logging.getLogger(EVENTS)
_prompts = logging.getLogger(PROMPTS)


def note(event: str, **facts: object) -> None:
    """Log an event with its `facts`, which name no model: an operator may annotate, too."""
    _events.info(event, extra={"facts": facts})


def note_prompt(prompt: str) -> None:
    """Log a prompt, where the operator has asked for that."""
    _prompts.info("a prompt", extra={"facts": {"prompt": prompt}})
