"""Conversations of one and of two turns, and their prompts."""

from arena.domain.conversation import Message, Role
from arena.prompting import NAMED_FORMATS, RenderedPrompt, render

FIRST = [Message(Role.USER, "U1")]
SECOND = [*FIRST, Message(Role.ASSISTANT, "A1"), Message(Role.USER, "U2")]


def prompt(name: str, messages: list[Message], system: str | None) -> RenderedPrompt:
    return render(NAMED_FORMATS[name], messages, system_prompt=system)
