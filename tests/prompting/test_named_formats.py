"""Every named format, byte for byte, as the code of its makers writes it."""

import hashlib
from dataclasses import replace

import pytest

from arena.catalog import PROMPT_FORMAT_NAMES
from arena.domain.conversation import Message, Role
from arena.prompting import AUTO, NAMED_FORMATS, RenderedPrompt, render, validate_template

FIRST = [Message(Role.USER, "U1")]
SECOND = [*FIRST, Message(Role.ASSISTANT, "A1"), Message(Role.USER, "U2")]
WIZARD = (
    "A chat between a curious user and an artificial intelligence assistant. The assistant gives "
    "helpful, detailed, and polite answers to the user's questions."
)
INSTRUCTION = (
    "Below is an instruction that describes a task. Write a response that appropriately completes "
    "the request."
)
BILINGUAL = "You are a helpful assistant. 你是一个乐于助人的助手。"


def prompt(name: str, messages: list[Message], system: str | None) -> RenderedPrompt:
    return render(NAMED_FORMATS[name], messages, system_prompt=system)


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


@pytest.mark.parametrize("name", NAMED_FORMATS)
def test_a_bos_is_either_in_the_text_or_asked_for_and_never_both(name: str) -> None:
    rendered = render(NAMED_FORMATS[name], SECOND, system_prompt="S", bos="<s>", eos="</s>")
    assert not (rendered.prepend_bos and rendered.text.startswith("<s>"))
    assert not rendered.text.startswith("<s><s>")


@pytest.mark.parametrize(
    ("name", "prepend_bos"),
    [
        ("llama-2", True),
        ("vicuna_v1.1", True),
        ("mistral", True),
        ("raw", True),
        ("openchat", True),
        ("chatml", False),
        ("llama2-chinese", False),
        ("chatglm2", False),
    ],
)
def test_a_format_says_whether_its_tokens_begin_with_bos(name: str, prepend_bos: bool) -> None:
    assert prompt(name, FIRST, None).prepend_bos is prepend_bos


def test_chatglm2_begins_with_two_tokens_that_no_text_can_write() -> None:
    assert prompt("chatglm2", FIRST, None).prefix_tokens == ("[gMASK]", "sop")


@pytest.mark.parametrize(
    ("name", "stop"),
    [
        ("chatml", ("<|im_end|>", "<|endoftext|>")),
        ("openchat", ("<|end_of_turn|>",)),
        ("llama2-chinese", ("</s>",)),
        ("vicuna_v1.1", ("</s>",)),
        ("raw", ()),
    ],
)
def test_a_format_stops_where_its_table_says(name: str, stop: tuple[str, ...]) -> None:
    assert prompt(name, FIRST, None).stop == stop


def test_the_tokenizers_own_end_of_text_is_among_the_stops() -> None:
    rendered = render(NAMED_FORMATS["raw"], FIRST, system_prompt=None, eos="<|endoftext|>")
    assert rendered.stop == ("<|endoftext|>",)


def test_the_tokenizers_own_bos_and_eos_take_the_place_of_llamas() -> None:
    rendered = render(NAMED_FORMATS["llama-2"], SECOND, system_prompt=None, bos="<B>", eos="<E>")
    assert rendered.text == "[INST] U1 [/INST] A1 <E><B>[INST] U2 [/INST]"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("vicuna_v1.1", "USER: U1 ASSISTANT: Once upon"),
        ("llama-2", "[INST] U1 [/INST] Once upon"),
        ("chatml", "<|im_start|>user\nU1<|im_end|>\n<|im_start|>assistant\nOnce upon"),
        ("raw", "U1Once upon"),
        ("llama2-chinese", "<s>Human: U1\n</s><s>Assistant: Once upon"),
    ],
)
def test_a_cut_reply_is_continued_as_the_format_writes_replies(name: str, text: str) -> None:
    partial = render(NAMED_FORMATS[name], FIRST, system_prompt="", partial_reply="Once upon")
    assert partial.text == text


def test_a_reply_that_was_stored_with_its_leading_space_does_not_get_a_second_one() -> None:
    stored = [*FIRST, Message(Role.ASSISTANT, " A1"), Message(Role.USER, "U2")]
    assert prompt("vicuna_v1.1", stored, None) == prompt("vicuna_v1.1", SECOND, None)
    partial = render(NAMED_FORMATS["vicuna_v1.1"], FIRST, system_prompt=None, partial_reply=" Once")
    assert partial.text == "USER: U1 ASSISTANT: Once"


@pytest.mark.parametrize("name", NAMED_FORMATS)
def test_every_named_format_passes_the_validation_of_templates(name: str) -> None:
    named = NAMED_FORMATS[name]
    validate_template(named, bos=named.bos, eos=named.eos)


def test_the_catalog_accepts_exactly_the_formats_that_exist() -> None:
    assert set(PROMPT_FORMAT_NAMES) == {AUTO, *NAMED_FORMATS}


PUBLISHED = {
    "raw": (1, "81c1a9ff453e"),
    "vicuna_v1.1": (2, "55d9b1497978"),
    "llama-2": (2, "6a79150fe7a5"),
    "mistral": (1, "9b5cededf9c3"),
    "chatml": (1, "f686df7338e0"),
    "openchat": (1, "225318485dc6"),
    "alpaca": (1, "bb1964cbc46a"),
    "chinese-alpaca": (1, "4b8179e1b06b"),
    "chinese-alpaca-2": (2, "3778bb80db9c"),
    "llama2-chinese": (2, "7763de3fbbaf"),
    "chatglm2": (2, "1db353643652"),
}
"""Revision and digest of each format. Votes are counted per configuration: whoever changes one of
them raises its `revision`, and then writes both here."""


def test_a_format_that_changes_gets_another_revision() -> None:
    found = {
        name: (named.revision, _digest(repr(replace(named, name=""))))
        for name, named in NAMED_FORMATS.items()
    }
    assert found == PUBLISHED


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
