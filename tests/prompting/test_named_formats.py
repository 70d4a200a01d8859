"""Every named format, byte for byte, as the code of its makers writes it."""

import pytest

from arena.domain.conversation import Message, Role
from tests.prompting.turns import FIRST, SECOND, prompt

WIZARD = (
    "A chat between a curious user and an artificial intelligence assistant. The assistant gives "
    "helpful, detailed, and polite answers to the user's questions."
)
INSTRUCTION = (
    "Below is an instruction that describes a task. Write a response that appropriately completes "
    "the request."
)
BILINGUAL = "You are a helpful assistant. 你是一个乐于助人的助手。"


@pytest.mark.parametrize(
    ("name", "system", "first", "second"),
    [
        ("raw", None, "U1", "U1\n\nA1\n\nU2"),
        ("raw", "S", "S\n\nU1", "S\n\nU1\n\nA1\n\nU2"),
        (
            "vicuna_v1.1",
            None,
            "USER: U1 ASSISTANT:",
            "USER: U1 ASSISTANT: A1</s>USER: U2 ASSISTANT:",
        ),
        (
            "vicuna_v1.1",
            WIZARD,
            f"{WIZARD} USER: U1 ASSISTANT:",
            f"{WIZARD} USER: U1 ASSISTANT: A1</s>USER: U2 ASSISTANT:",
        ),
        ("llama-2", None, "[INST] U1 [/INST]", "[INST] U1 [/INST] A1 </s><s>[INST] U2 [/INST]"),
        (
            "llama-2",
            "S",
            "[INST] <<SYS>>\nS\n<</SYS>>\n\nU1 [/INST]",
            "[INST] <<SYS>>\nS\n<</SYS>>\n\nU1 [/INST] A1 </s><s>[INST] U2 [/INST]",
        ),
        ("mistral", None, "[INST] U1 [/INST]", "[INST] U1 [/INST] A1</s>[INST] U2 [/INST]"),
        (
            "mistral",
            "S",
            "[INST] S\n\nU1 [/INST]",
            "[INST] S\n\nU1 [/INST] A1</s>[INST] U2 [/INST]",
        ),
        (
            "chatml",
            None,
            "<|im_start|>user\nU1<|im_end|>\n<|im_start|>assistant\n",
            "<|im_start|>user\nU1<|im_end|>\n<|im_start|>assistant\nA1<|im_end|>\n"
            "<|im_start|>user\nU2<|im_end|>\n<|im_start|>assistant\n",
        ),
        (
            "chatml",
            "S",
            "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU1<|im_end|>\n"
            "<|im_start|>assistant\n",
            "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU1<|im_end|>\n"
            "<|im_start|>assistant\nA1<|im_end|>\n<|im_start|>user\nU2<|im_end|>\n"
            "<|im_start|>assistant\n",
        ),
        (
            "openchat",
            None,
            "GPT4 Correct User: U1<|end_of_turn|>GPT4 Correct Assistant:",
            "GPT4 Correct User: U1<|end_of_turn|>GPT4 Correct Assistant: A1<|end_of_turn|>"
            "GPT4 Correct User: U2<|end_of_turn|>GPT4 Correct Assistant:",
        ),
        (
            "openchat",
            "S",
            "S<|end_of_turn|>GPT4 Correct User: U1<|end_of_turn|>GPT4 Correct Assistant:",
            "S<|end_of_turn|>GPT4 Correct User: U1<|end_of_turn|>GPT4 Correct Assistant: A1"
            "<|end_of_turn|>GPT4 Correct User: U2<|end_of_turn|>GPT4 Correct Assistant:",
        ),
        (
            "alpaca",
            None,
            f"{INSTRUCTION}\n\n### Instruction:\nU1\n\n### Response:",
            f"{INSTRUCTION}\n\n### Instruction:\nU1\n\n### Response:A1\n\n"
            "### Instruction:\nU2\n\n### Response:",
        ),
        (
            "alpaca",
            "",
            "### Instruction:\nU1\n\n### Response:",
            "### Instruction:\nU1\n\n### Response:A1\n\n### Instruction:\nU2\n\n### Response:",
        ),
        (
            "chinese-alpaca",
            None,
            f"{INSTRUCTION}\n\n### Instruction:\n\nU1\n\n### Response:\n\n",
            f"{INSTRUCTION}\n\n### Instruction:\n\nU1\n\n### Response:\n\nA1\n\n"
            "### Instruction:\n\nU2\n\n### Response:\n\n",
        ),
        (
            "chinese-alpaca",
            "",
            "### Instruction:\n\nU1\n\n### Response:\n\n",
            "### Instruction:\n\nU1\n\n### Response:\n\nA1\n\n"
            "### Instruction:\n\nU2\n\n### Response:\n\n",
        ),
        (
            "chinese-alpaca-2",
            None,
            f"[INST] <<SYS>>\n{BILINGUAL}\n<</SYS>>\n\nU1 [/INST]",
            f"[INST] <<SYS>>\n{BILINGUAL}\n<</SYS>>\n\nU1 [/INST] A1</s><s>[INST] U2 [/INST]",
        ),
        (
            "chinese-alpaca-2",
            "",
            "[INST] U1 [/INST]",
            "[INST] U1 [/INST] A1</s><s>[INST] U2 [/INST]",
        ),
        (
            "llama2-chinese",
            None,
            "<s>Human: U1\n</s><s>Assistant: ",
            "<s>Human: U1\n</s><s>Assistant: A1\n</s><s>Human: U2\n</s><s>Assistant: ",
        ),
        (
            "llama2-chinese",
            "S",
            "<s>System: S\n</s><s>Human: U1\n</s><s>Assistant: ",
            "<s>System: S\n</s><s>Human: U1\n</s><s>Assistant: A1\n</s><s>Human: U2\n</s>"
            "<s>Assistant: ",
        ),
        (
            "chatglm2",
            None,
            "[Round 1]\n\n问：U1\n\n答：",
            "[Round 1]\n\n问：U1\n\n答：A1\n\n[Round 2]\n\n问：U2\n\n答：",
        ),
        (
            "chatglm2",
            "S",
            "[Round 1]\n\n问：S\n\nU1\n\n答：",
            "[Round 1]\n\n问：S\n\nU1\n\n答：A1\n\n[Round 2]\n\n问：U2\n\n答：",
        ),
    ],
)
def test_a_format_renders_both_turns_to_the_byte(
    name: str, system: str | None, first: str, second: str
) -> None:
    assert prompt(name, FIRST, system).text == first
    assert prompt(name, SECOND, system).text == second


SPACED = [
    Message(Role.USER, "  U1 \n"),
    Message(Role.ASSISTANT, "\n A1 \n"),
    Message(Role.USER, "\n\tU2  "),
]


@pytest.mark.parametrize(
    ("name", "system", "text"),
    [
        # Meta trims what stands inside [INST], the system prompt included, and every reply.
        ("llama-2", "", "[INST] U1 [/INST] A1 </s><s>[INST] U2 [/INST]"),
        (
            "llama-2",
            " S ",
            "[INST] <<SYS>>\n S \n<</SYS>>\n\n  U1 [/INST] A1 </s><s>[INST] U2 [/INST]",
        ),
        # Chinese-LLaMA-Alpaca-2 trims what the model said, not what people say.
        (
            "chinese-alpaca-2",
            " S ",
            "[INST] <<SYS>>\n S \n<</SYS>>\n\n  U1 \n [/INST] A1</s><s>[INST] \n\tU2   [/INST]",
        ),
        # FlagAlpha trims every text.
        (
            "llama2-chinese",
            " S ",
            "<s>System: S\n</s><s>Human: U1\n</s><s>Assistant: A1\n</s><s>Human: U2\n</s>"
            "<s>Assistant: ",
        ),
        # FastChat and ChatGLM2 trim what the model said.
        (
            "vicuna_v1.1",
            " S ",
            " S  USER:   U1 \n ASSISTANT: A1</s>USER: \n\tU2   ASSISTANT:",
        ),
        (
            "chatglm2",
            "",
            "[Round 1]\n\n问：  U1 \n\n\n答：A1\n\n[Round 2]\n\n问：\n\tU2  \n\n答：",
        ),
        # Mistral, OpenChat, Qwen, Stanford and the first Chinese-Alpaca trim nothing.
        (
            "mistral",
            "",
            "[INST]   U1 \n [/INST] \n A1 \n</s>[INST] \n\tU2   [/INST]",
        ),
        (
            "openchat",
            "",
            "GPT4 Correct User:   U1 \n<|end_of_turn|>GPT4 Correct Assistant: \n A1 \n"
            "<|end_of_turn|>GPT4 Correct User: \n\tU2  <|end_of_turn|>GPT4 Correct Assistant:",
        ),
        (
            "chatml",
            "",
            "<|im_start|>user\n  U1 \n<|im_end|>\n<|im_start|>assistant\n\n A1 \n<|im_end|>\n"
            "<|im_start|>user\n\n\tU2  <|im_end|>\n<|im_start|>assistant\n",
        ),
        (
            "alpaca",
            "",
            "### Instruction:\n  U1 \n\n\n### Response:\n A1 \n\n\n"
            "### Instruction:\n\n\tU2  \n\n### Response:",
        ),
        (
            "chinese-alpaca",
            "",
            "### Instruction:\n\n  U1 \n\n\n### Response:\n\n\n A1 \n\n\n"
            "### Instruction:\n\n\n\tU2  \n\n### Response:\n\n",
        ),
        ("raw", "", "  U1 \n\n\n\n A1 \n\n\n\n\tU2  "),
    ],
)
def test_a_format_trims_exactly_what_its_makers_trim(name: str, system: str, text: str) -> None:
    assert prompt(name, SPACED, system).text == text
