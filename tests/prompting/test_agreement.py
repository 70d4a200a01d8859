"""Two formats of one family agree; those of different families do not."""

import pytest

from arena.prompting import NAMED_FORMATS, PromptFormatError, first_difference, template_format


@pytest.mark.parametrize("name", NAMED_FORMATS)
def test_a_format_agrees_with_itself_whatever_ends_its_texts(name: str) -> None:
    named = NAMED_FORMATS[name]
    same = template_format("auto", named.template)
    assert first_difference(named, same, bos="<s>", eos="</s>") is None


@pytest.mark.parametrize(
    ("first", "second", "after"),
    [
        ("llama-2", "chatml", "a user's text"),
        ("vicuna_v1.1", "openchat", "a user's text"),
        ("alpaca", "chatglm2", "a user's text"),
        ("raw", "mistral", "a user's text"),
    ],
)
def test_formats_of_different_families_differ(first: str, second: str, after: str) -> None:
    found = first_difference(NAMED_FORMATS[first], NAMED_FORMATS[second])
    assert found is not None
    assert found.after == after


@pytest.mark.parametrize(
    ("first", "second"),
    [("llama-2", "mistral"), ("llama-2", "chinese-alpaca-2"), ("alpaca", "chinese-alpaca")],
)
def test_white_space_and_ends_of_texts_are_no_difference(first: str, second: str) -> None:
    assert first_difference(NAMED_FORMATS[first], NAMED_FORMATS[second]) is None


def test_a_reply_that_ends_otherwise_is_a_difference() -> None:
    one = template_format("one", "{% for m in messages %}<{{ m.content }}>{% endfor %}")
    two = template_format(
        "two",
        "{% for m in messages %}<{{ m.content }}{{ '!' if m.role == 'assistant' }}>{% endfor %}",
    )
    found = first_difference(one, two)
    assert found is not None
    assert (found.after, found.first, found.second) == ("a reply", "><", "!><")


def test_a_template_that_fails_is_told() -> None:
    with pytest.raises(PromptFormatError):
        first_difference(NAMED_FORMATS["raw"], template_format("auto", "{{ broken"))
