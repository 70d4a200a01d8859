"""Which control tokens set reasoning apart, so that an engine writes them."""

import pytest

from arena.domain.reasoning_tags import is_tag


@pytest.mark.parametrize(
    "token",
    [
        *("<think>", "</think>", "<seed:think>", "[THINK]", "[/THINK]", "<|START_THINKING|>"),
        *("<|END_RESPONSE|>", "<|channel>", "<channel|>", "<answer>", "<unused95>"),
    ],
)
def test_a_tag_is_known(token: str) -> None:
    assert is_tag(token)


@pytest.mark.parametrize("token", ["", "<", "<|", "<s>", "</s>", "<|im_end|>", "<|end|>", "[INST]"])
def test_other_control_tokens_are_none(token: str) -> None:
    assert not is_tag(token)
