"""The chat around a feedback of Open WebUI: a tree of messages, of which the rated one is a leaf.

Every message names its parent; answers of several models have the same parent.

Source: https://github.com/open-webui/open-webui (`chat.history.messages` of a chat)
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from arena.services.importing.messages import text_of

_DEEPEST = 1000


@dataclass(frozen=True, slots=True)
class Chat:
    """What the user had asked up to the rated answer; answers to the last question by model.

    `places` are the positions in which the answers stood.
    """

    prompts: tuple[str, ...] = ()
    replies: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, snapshot: Mapping[str, Any], rated: str) -> "Chat":
        """Return the chat of a snapshot; an empty one where the rated answer is not in it."""
        messages = _messages(snapshot)
        question = _parent(messages.get(rated))
        answers = [one for one in messages.values() if question and _parent(one) == question]
        if not answers:
            return cls()
        return cls(
            prompts=tuple(_prompts(messages, question))[::-1],
            replies={_model(one): text_of(one.get("content")) or "" for one in answers},
            places={
                _model(one): one["modelIdx"]
                for one in answers
                if isinstance(one.get("modelIdx"), int)
            },
        )

    def in_order(self, model: str, other: str) -> tuple[str, str]:
        """Return two models as their answers stood; by name where the file does not tell."""
        if {model, other} <= self.places.keys():
            first, second = sorted((model, other), key=lambda name: self.places[name])
        else:
            first, second = sorted((model, other))
        return first, second


def _messages(snapshot: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    chat = snapshot.get("chat")
    inner = chat.get("chat", chat) if isinstance(chat, dict) else None
    history = inner.get("history") if isinstance(inner, dict) else None
    messages = history.get("messages") if isinstance(history, dict) else None
    if not isinstance(messages, dict):
        return {}
    return {number: one for number, one in messages.items() if isinstance(one, dict)}


def _prompts(messages: Mapping[str, Mapping[str, Any]], question: str) -> Iterator[str]:
    """Yield the messages of the user from a question back to the first."""
    number = question
    for _ in range(_DEEPEST):
        message = messages.get(number)
        if message is None:
            return
        if message.get("role") == "user":
            yield text_of(message.get("content")) or ""
        number = _parent(message)


def _parent(message: Mapping[str, Any] | None) -> str:
    return str(message.get("parentId") or "") if message else ""


def _model(message: Mapping[str, Any]) -> str:
    return str(message.get("selectedModelId") or message.get("model") or "")
