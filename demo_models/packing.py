"""Packs conversations into windows; only the words of the assistant are targets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import torch
from transformers import PreTrainedTokenizerFast

from demo_models.sampling import Message
from demo_models.tokenizer import BOS, END

IGNORED = -100
ENCODED_AT_ONCE = 256


@dataclass(frozen=True)
class Encoded:
    """Token ids of a conversation, and the same ids where they are targets, else `IGNORED`."""

    ids: list[int]
    targets: list[int]


@dataclass(frozen=True)
class Batch:
    """Both of shape (rows, width)."""

    ids: torch.Tensor
    targets: torch.Tensor


def encoded(
    conversations: Iterator[list[Message]], tokenizer: PreTrainedTokenizerFast
) -> Iterator[Encoded]:
    """Encode a stream of conversations, many at a time for speed."""
    special = tokenizer.get_added_vocab()
    while chunk := list(islice(conversations, ENCODED_AT_ONCE)):
        contents = [message.content for messages in chunk for message in messages]
        encodings = tokenizer.backend_tokenizer.encode_batch(contents, add_special_tokens=False)
        pieces = iter([encoding.ids for encoding in encodings])
        for messages in chunk:
            yield _encode(messages, pieces=pieces, special=special)


def _encode(
    messages: list[Message], *, pieces: Iterator[list[int]], special: Mapping[str, int]
) -> Encoded:
    ids, targets = [special[BOS]], [IGNORED]
    for message in messages:
        content = [*next(pieces), special[END]]
        ids += [special[f"<|{message.role}|>"], *content]
        is_target = message.role == "assistant"
        targets += [IGNORED, *(content if is_target else [IGNORED] * len(content))]
    return Encoded(ids, targets)


def batch_of(stream: Iterator[Encoded], *, rows: int, width: int) -> Batch:
    """Return the next rows; each starts with a conversation, and what crosses its end is cut."""
    packed = [_row(stream, width=width) for _ in range(rows)]
    return Batch(
        ids=torch.tensor([row.ids for row in packed]),
        targets=torch.tensor([row.targets for row in packed]),
    )


def _row(stream: Iterator[Encoded], *, width: int) -> Encoded:
    ids: list[int] = []
    targets: list[int] = []
    while len(ids) < width:
        conversation = next(stream)
        ids += conversation.ids
        targets += conversation.targets
    return Encoded(ids[:width], targets[:width])
