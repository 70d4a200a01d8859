"""Examples in the reader's language, some of each category."""

from pathlib import Path
from random import Random

import pytest

import arena.embedded
from arena.catalog import Example, read_examples
from arena.catalog.arena_config import CATEGORIES
from arena.web.battle.examples import MOST_EXAMPLES, choose_examples
from arena.web.common.accept_language import AcceptedLanguages

SHIPPED = read_examples(Path(arena.embedded.__file__).with_name("examples.json"), CATEGORIES)


def example(category: str | None, language: str, number: int = 0) -> Example:
    return Example(prompt=f"{category} {language} {number}", category=category, language=language)


def chosen(examples: tuple[Example, ...], accept: str | None, seed: int = 0) -> list[str]:
    accepted = AcceptedLanguages.parse(accept)
    return [found.prompt for found in choose_examples(examples, accepted, Random(seed))]


@pytest.mark.parametrize("seed", range(5))
def test_a_reader_gets_own_language_first_and_from_others_what_is_left(
    seed: int,
) -> None:
    examples = (
        *(example("law", "en", number) for number in range(3)),
        *(example("law", "zh", number) for number in range(3)),
        *(example("coding", "en", number) for number in range(3)),
        example("math", "zh"),
        example("math", "en"),
    )
    chinese = chosen(examples, "zh-CN, en;q=0.5", seed)
    assert [prompt.split()[1] for prompt in chinese[:2]] == ["zh", "zh"]
    assert {prompt.split()[0] for prompt in chinese} == {"law", "coding", "math"}
    english = chosen(examples, "en", seed)
    assert [prompt.split()[1] for prompt in english] == ["en"] * len(english)
    assert len(english) == len(chinese) == MOST_EXAMPLES


def test_readers_of_other_languages_get_english() -> None:
    examples = (example("law", "zh"), example("law", "en"), example("coding", "en"))
    assert chosen(examples, "fr")[:2] == ["law en 0", "coding en 0"]


def shipped(accept: str | None, seed: int = 0) -> list[Example]:
    by_prompt = {example.prompt: example for example in SHIPPED}
    return [by_prompt[prompt] for prompt in chosen(SHIPPED, accept, seed)]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("accept", "language"), [(None, "en"), ("en", "en"), ("zh-CN", "zh")])
def test_the_shipped_examples_are_all_in_the_language_of_the_reader(
    accept: str | None, language: str, seed: int
) -> None:
    found = shipped(accept, seed)
    assert {example.language for example in found} == {language}
    assert len(found) == MOST_EXAMPLES


@pytest.mark.parametrize("accept", [None, "en", "fr", "de"])
def test_the_shipped_examples_are_one_of_each_category(accept: str | None) -> None:
    assert sorted(str(example.category) for example in shipped(accept)) == sorted(CATEGORIES)


def test_a_reader_with_few_own_examples_gets_them_first() -> None:
    languages = [example.language for example in shipped("fr")]
    assert languages == ["fr"] + ["en"] * (MOST_EXAMPLES - 1)


def test_examples_without_categories_fill_the_page() -> None:
    examples = tuple(example(None, "en", number) for number in range(9))
    assert len(set(chosen(examples, "en"))) == MOST_EXAMPLES
    assert len(chosen(examples[:2], "en")) == 2
