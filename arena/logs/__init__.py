"""Logging on standard error: one line an event, for people or as JSON for programs."""

from arena.logs.configuring import configure_logging
from arena.logs.events import note, note_prompt
from arena.logs.subject import about_battle

__all__ = ["about_battle", "configure_logging", "note", "note_prompt"]
