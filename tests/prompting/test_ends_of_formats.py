"""Where a named format begins and stops, and how it continues a reply."""

import hashlib
from dataclasses import replace

import pytest

from arena.catalog import PROMPT_FORMAT_NAMES
from arena.domain.conversation import Message, Role
from arena.prompting import AUTO, NAMED_FORMATS, render, validate_template
from tests.prompting.turns import FIRST, SECOND, prompt


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
