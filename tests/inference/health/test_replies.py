"""Control tokens in answers are told from what an answer may well hold."""

import pytest

from arena.inference.health.replies import control_tokens


@pytest.mark.parametrize(
    "token",
    [
        *("<|im_start|>", "<|im_end|>", "<|eot_id|>", "<|end|>", "<|start|>", "<|endoftext|>"),
        *("<|start_header_id|>", "<|user|>", "<|assistant|>", "<|python_tag|>", "<|return|>"),
        *("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "</s>", "<end_of_turn>", "<start_of_turn>"),
        *("<|END_OF_TURN_TOKEN|>", "[gMASK]", "<eos>"),
        "<\uff5cend\u2581of\u2581sentence\uff5c>",
    ],
)
def test_a_control_token_is_found_unless_the_question_holds_it(token: str) -> None:
    assert control_tokens(f"Yes.{token} And{token}") == (token,)
    assert control_tokens(f"It is {token}.", [f"What is {token}?"]) == ()


@pytest.mark.parametrize(
    "text",
    [
        "<s>old</s> new",
        "a < b | c > d",
        "x <| f |> y",
        "[INSTALL]",
        "<|>",
        "|>",
        "<html>",
        "",
    ],
)
def test_what_answers_may_hold_is_none(text: str) -> None:
    assert control_tokens(text) == ()
