"""What is said to a model and how it is asked to answer: nouns shared by every layer."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

ModelKey = NewType("ModelKey", str)
"""Catalog key of a model. Secret until the reveal."""


class Role(StrEnum):
    """Who speaks a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class FinishReason(StrEnum):
    """Why a reply ended: by itself, or at its length limit."""

    STOP = "stop"
    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation, as plain text."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen.

    `temperature` 0 is greedy; `top_k` None means no limit; `max_new_tokens` is the budget of one
    attempt in tokens; `repetition_penalty` 1 is none.
    """

    temperature: float = 0.7
    top_p: float = 1.0
    top_k: int | None = None
    repetition_penalty: float = 1.0
    max_new_tokens: int = 512
    stop: tuple[str, ...] = ()
    seed: int | None = None
