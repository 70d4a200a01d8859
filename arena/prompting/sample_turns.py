"""Conversations that show a prompt format: its faults are mostly in the second turn."""

from collections.abc import Iterator, Sequence
from typing import Final

from arena.domain.conversation import Message, Role

PLACEHOLDER_REPLY: Final = "This stands for a reply."


def sample_turns(texts: Sequence[str]) -> Iterator[list[Message]]:
    """Yield the conversation up to each of the user's texts, with placeholders as replies."""
    said: list[Message] = []
    for text in texts:
        said.append(Message(Role.USER, text))
        yield list(said)
        said.append(Message(Role.ASSISTANT, PLACEHOLDER_REPLY))
