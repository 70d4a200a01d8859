"""How long a conversation is for a model whose tokenizer is out of reach."""

from collections.abc import Sequence

from arena.domain.conversation import Message

BYTES_PER_TOKEN = 2
"""Cautious: English takes 3 to 5 UTF-8 bytes a token, Chinese 1.5 to 4, by vocabulary."""

TOKENS_PER_MESSAGE = 8
"""Role names and separators that a template puts around each message."""


def estimated_tokens(messages: Sequence[Message]) -> int:
    """Return an upper estimate of the tokens of a rendered conversation."""
    size_bytes = sum(len(message.content.encode()) for message in messages)
    return -(-size_bytes // BYTES_PER_TOKEN) + TOKENS_PER_MESSAGE * len(messages)
