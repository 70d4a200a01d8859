"""Asks a checkpoint many questions at once, greedily."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

import torch

from demo_models.checkpoint import Checkpoint
from demo_models.sampling import Message

QUESTIONS_AT_ONCE = 64
LONGEST_ANSWER = 160
"""In tokens; the longest reply of the generator has about 80."""


def answers(checkpoint: Checkpoint, conversations: Sequence[list[Message]]) -> list[str]:
    """Return the greedy answer to the last message of each conversation, in their order."""
    by_length = sorted(range(len(conversations)), key=lambda i: _length(conversations[i]))
    found: dict[int, str] = {}
    for batch in _batches(by_length):
        texts = _answer_batch(checkpoint, [conversations[i] for i in batch])
        found.update(zip(batch, texts, strict=True))
    return [found[i] for i in range(len(conversations))]


def _length(conversation: list[Message]) -> int:
    return sum(len(message.content) for message in conversation)


def _batches(order: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(order), QUESTIONS_AT_ONCE):
        yield order[start : start + QUESTIONS_AT_ONCE]


def _answer_batch(checkpoint: Checkpoint, conversations: list[list[Message]]) -> list[str]:
    tokenizer = checkpoint.tokenizer
    inputs = tokenizer.apply_chat_template(
        [[asdict(message) for message in conversation] for conversation in conversations],
        add_generation_prompt=True,
        padding=True,
        return_tensors="pt",
        return_dict=True,
    )
    with torch.inference_mode():
        output = checkpoint.model.generate(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            max_new_tokens=LONGEST_ANSWER,
            do_sample=False,
        )
    new_tokens = output[:, inputs["input_ids"].shape[1] :]
    return [tokenizer.decode(row, skip_special_tokens=True) for row in new_tokens]
