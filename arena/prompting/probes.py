"""A conversation of words that occur in no template: rendering it shows what a template writes."""

from datetime import UTC, datetime
from typing import Final

from arena.domain.conversation import Message, Role

SYSTEM: Final = Message(Role.SYSTEM, "ProbeSystem")
QUESTION: Final = Message(Role.USER, "ProbeQuestion")
REPLY: Final = Message(Role.ASSISTANT, "ProbeReply")
FOLLOW_UP: Final = Message(Role.USER, "ProbeFollowUp")

ANY_DAY: Final = datetime(2024, 1, 1, tzinfo=UTC)
"""For templates that print the date."""
