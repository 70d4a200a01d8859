import pytest
from transformers import PreTrainedTokenizerFast

from demo_models.tokenizer import (
    CONTEXT,
    SPECIAL_TOKENS,
    VOCABULARY,
    train_tokenizer,
)

SYSTEM = {"role": "system", "content": "Answer briefly."}
QUESTION = {"role": "user", "content": "你好, what is 12 + 30?\n\tñ é ß"}
ANSWER = {"role": "assistant", "content": "12 + 30 = 42"}


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer(seed=1, samples=1000)


def rendered(
    tokenizer: PreTrainedTokenizerFast, messages: list[dict[str, str]], *, answer_next: bool
) -> str:
    text = tokenizer.apply_chat_template(
        messages, tokenize=False, add_generation_prompt=answer_next
    )
    return str(text)


def test_any_text_survives_the_round_trip(tokenizer: PreTrainedTokenizerFast) -> None:
    text = QUESTION["content"]
    assert tokenizer.decode(tokenizer.encode(text, add_special_tokens=False)) == text


def test_each_special_token_is_one_token(tokenizer: PreTrainedTokenizerFast) -> None:
    for position, token in enumerate(SPECIAL_TOKENS):
        assert tokenizer.encode(token, add_special_tokens=False) == [position]


def test_the_vocabulary_and_the_context_have_their_size(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    assert len(tokenizer) == VOCABULARY
    assert tokenizer.model_max_length == CONTEXT


def test_digits_stay_single(tokenizer: PreTrainedTokenizerFast) -> None:
    assert tokenizer.tokenize("2024") == ["2", "0", "2", "4"]


def test_the_template_ends_where_the_assistant_speaks(tokenizer: PreTrainedTokenizerFast) -> None:
    text = rendered(tokenizer, [QUESTION, ANSWER, QUESTION], answer_next=True)
    question = f"<|user|>{QUESTION['content']}<|end|>"
    answer = f"<|assistant|>{ANSWER['content']}<|end|>"
    assert text == f"<|bos|>{question}{answer}{question}<|assistant|>"


def test_the_template_takes_a_system_message(tokenizer: PreTrainedTokenizerFast) -> None:
    text = rendered(tokenizer, [SYSTEM, QUESTION], answer_next=False)
    assert text == f"<|bos|><|system|>Answer briefly.<|end|><|user|>{QUESTION['content']}<|end|>"


def test_a_seed_fixes_the_tokenizer(tokenizer: PreTrainedTokenizerFast) -> None:
    again = train_tokenizer(seed=1, samples=1000)
    assert again.backend_tokenizer.to_str() == tokenizer.backend_tokenizer.to_str()
