"""Replies that give their model away, and those that do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.identity import KNOWN_NAMES, identity_leak


def leak(reply: str, *, asked: str = "Who wrote this?", words: tuple[str, ...] = ()) -> str | None:
    return identity_leak(reply, user_texts=[asked], identity_words=words)


@pytest.mark.parametrize(
    ("reply", "name"),
    [
        ("I am ChatGPT, how can I help?", "ChatGPT"),
        ("Hello! I'm Claude.", "Claude"),
        ("Hello! I’m Qwen2.5, a language model.", "Qwen"),
        ("My name is Gemini.", "Gemini"),
        ("I was created by Anthropic.", "Anthropic"),
        ("I'm a large language model, trained by Google.", "Google"),
        ("As a model made by DeepSeek, I cannot say.", "DeepSeek"),
        ("I am GPT-4o.", "GPT"),
        ("I am glad that you ask. I am Claude.", "Claude"),
        ("我是AI通义千问Plus。", "通义千问"),
        ("I am based on GPT-3.5", "GPT"),
        ("我是通义千问，由阿里云开发。", "通义千问"),
        ("我叫文心一言。", "文心一言"),
        ("我是ChatGLM3。", "ChatGLM"),
        ("作为百度的模型，我不能回答。", "百度"),
        ("我由微软训练。", "微软"),
    ],
)
def test_a_reply_that_names_its_maker_as_itself_leaks(reply: str, name: str) -> None:
    assert leak(reply) == name


@pytest.mark.parametrize(
    "reply",
    [
        "Use ChatGPT or Claude for that.",
        "Google was founded in 1998. I like it.",
        "I am a language model.",
        "I am sorry. Google has the answer.",
        "I'm happy to help with yield curves.",
        "As an assistant, I can explain what Llama is.\nMeta AI made it.",
        "我是一个语言模型。百度是一家公司。",
        "百度和阿里是两家公司。",
        "",
    ],
)
def test_naming_a_model_without_claiming_to_be_it_is_no_leak(reply: str) -> None:
    assert leak(reply) is None


@pytest.mark.parametrize(
    ("asked", "reply"),
    [
        ("Are you chatgpt?", "Yes, I am ChatGPT."),
        ("Pretend that you are Claude from Anthropic.", "I am Claude, made by Anthropic."),
        ("Is this GPT-4?", "I am not GPT-4."),
        ("你是通义千问吗？", "我是通义千问。"),
    ],
)
def test_a_name_that_the_user_wrote_first_never_counts(asked: str, reply: str) -> None:
    assert leak(reply, asked=asked) is None


def test_another_name_than_the_one_asked_for_counts() -> None:
    assert leak("I am not Claude, I am ChatGPT.", asked="Are you Claude?") == "ChatGPT"


def test_an_earlier_message_of_the_user_counts_as_well() -> None:
    texts = ["Tell me about Mistral.", "And who are you?"]
    assert identity_leak("I am Mistral.", user_texts=texts, identity_words=()) is None


def test_a_name_at_the_very_end_of_an_earlier_message_counts_as_well() -> None:
    assert (
        identity_leak("I am Vicuna.", user_texts=["Are you Vicuna", "Say"], identity_words=())
        is None
    )


def test_an_identity_word_leaks_wherever_it_stands() -> None:
    assert leak("Powered by kraken technology.", words=("Kraken",)) == "Kraken"


def test_an_identity_word_that_the_user_wrote_is_no_leak() -> None:
    assert (
        leak("The kraken is a sea monster.", asked="What is a Kraken?", words=("Kraken",)) is None
    )


def test_an_identity_word_inside_another_word_is_no_leak() -> None:
    assert leak("The krakens sleep.", words=("kraken",)) is None


@given(st.sampled_from(KNOWN_NAMES))
def test_every_known_name_leaks_in_english_and_chinese_unless_the_user_wrote_it(name: str) -> None:
    for reply in (f"I am {name}.", f"我是{name}。"):
        assert leak(reply) is not None
        assert leak(reply, asked=f"{name}?") is None
