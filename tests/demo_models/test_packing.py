from collections.abc import Iterator
from itertools import islice

import pytest
from transformers import PreTrainedTokenizerFast

from demo_models.exchange import Split
from demo_models.packing import IGNORED, Encoded, batch_of, encoded
from demo_models.sampling import Message, conversations
from demo_models.tokenizer import train_tokenizer

MESSAGES = [
    Message("system", "Answer briefly."),
    Message("user", "Hello"),
    Message("assistant", "Hi!"),
    Message("user", "2 + 2"),
    Message("assistant", "2 + 2 = 4"),
]


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer(seed=1, samples=1000)


def stream(tokenizer: PreTrainedTokenizerFast) -> Iterator[Encoded]:
    return encoded(conversations(4, Split.TRAIN), tokenizer)


def test_training_sees_what_the_template_renders(tokenizer: PreTrainedTokenizerFast) -> None:
    (conversation,) = encoded(iter([MESSAGES]), tokenizer)
    messages = [{"role": message.role, "content": message.content} for message in MESSAGES]
    text = tokenizer.apply_chat_template(messages, tokenize=False)
    assert tokenizer.decode(conversation.ids) == text


def test_only_words_of_the_assistant_are_targets(tokenizer: PreTrainedTokenizerFast) -> None:
    (conversation,) = encoded(iter([MESSAGES]), tokenizer)
    targets = [token for token in conversation.targets if token != IGNORED]
    assert tokenizer.decode(targets) == "Hi!<|end|>2 + 2 = 4<|end|>"
    assert len(conversation.targets) == len(conversation.ids)


def test_every_row_starts_with_a_conversation(tokenizer: PreTrainedTokenizerFast) -> None:
    batch = batch_of(stream(tokenizer), rows=5, width=64)
    assert batch.ids.shape == batch.targets.shape == (5, 64)
    assert set(batch.ids[:, 0].tolist()) == {tokenizer.bos_token_id}


def test_batches_go_on_where_the_last_one_ended(tokenizer: PreTrainedTokenizerFast) -> None:
    going_on = stream(tokenizer)
    first = batch_of(going_on, rows=2, width=64)
    second = batch_of(going_on, rows=2, width=64)
    assert first.ids.tolist() != second.ids.tolist()


def test_some_conversations_are_longer_than_a_short_window(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    lengths = [len(item.ids) for item in islice(stream(tokenizer), 2000)]
    assert sum(length > 256 for length in lengths) > 20
    assert max(lengths) <= 1024
