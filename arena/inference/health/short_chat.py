"""The real question that a model left out must answer well before it is drawn again."""

from typing import Final

from arena.domain.conversation import Message, Role, Sampling
from arena.inference.backend import ChatRequest

_QUESTION: Final = "Please say hello in one short sentence."


def short_chat(sampling: Sampling) -> ChatRequest:
    """Return the request, sampled as in battles: what fails there has to fail here."""
    return ChatRequest((Message(Role.USER, _QUESTION),), sampling)
