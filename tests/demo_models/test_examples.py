import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from arena.web.battle.examples import MOST_EXAMPLES
from demo_models.answering import answers
from demo_models.checkpoint import CHECKPOINTS, load_checkpoint
from demo_models.exchange import Check, Exchange
from demo_models.sampling import Message

EXAMPLES = json.loads((CHECKPOINTS.parent / "examples.json").read_text(encoding="utf-8"))
PROMPTS = [example["prompt"] for example in EXAMPLES]
EXPECTED: Mapping[str, str] = json.loads(
    (Path(__file__).parent / "example_answers.json").read_text(encoding="utf-8")
)
FREE_FORM = {
    "Write a haiku about a lighthouse.": Check(lines=3, mentions=("lighthouse",)),
    "Write a short poem about a dragon.": Check(lines=4, mentions=("dragon",)),
}


def accepted(name: str) -> list[str]:
    """The example prompts that a checkpoint answers right, greedily."""
    questions = [[Message("user", prompt)] for prompt in PROMPTS]
    given = answers(load_checkpoint(CHECKPOINTS / name), questions)
    return [
        prompt
        for prompt, answer in zip(PROMPTS, given, strict=True)
        if Exchange(prompt, EXPECTED[prompt], FREE_FORM.get(prompt)).accepts(answer)
    ]


def test_every_category_has_four_examples_or_more() -> None:
    counts = Counter(example["category"] for example in EXAMPLES)
    categories = ("writing", "coding", "math", "reasoning", "agent", "multilingual")
    assert set(counts) == set(categories)
    assert min(counts.values()) == 4


def test_the_multilingual_examples_are_in_several_languages() -> None:
    languages = [e["language"] for e in EXAMPLES if e["category"] == "multilingual"]
    assert set(languages) == {"en", "zh", "es", "fr"}


def test_there_are_as_many_chinese_examples_as_a_page_offers() -> None:
    assert [example["language"] for example in EXAMPLES].count("zh") == MOST_EXAMPLES


def test_an_example_has_exactly_the_fields_of_the_page() -> None:
    for example in EXAMPLES:
        assert example.keys() == {"category", "language", "prompt"}
    assert len(set(PROMPTS)) == len(PROMPTS)


def test_the_strong_model_answers_every_example() -> None:
    assert accepted("arena-demo-a") == PROMPTS


def test_the_weak_model_answers_clearly_fewer() -> None:
    assert len(accepted("arena-demo-b")) <= 14


@pytest.mark.parametrize("prompt", PROMPTS)
def test_every_example_has_an_expected_answer(prompt: str) -> None:
    assert EXPECTED[prompt]
