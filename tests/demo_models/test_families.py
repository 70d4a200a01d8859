import json
import random
import re

import pytest

from demo_models.exchange import Exchange, Family, Split
from demo_models.families import agent, coding, math, reasoning, unknown, writing
from demo_models.families.dialogue import DIALOGUES, Dialogue
from demo_models.families_by_category import CATEGORIES
from demo_models.sampling import NothingDrawnError, any_exchange, draw_dialogue, draw_from

FAMILIES = [family for category in CATEGORIES for family, _ in category.families]
FIXED_SENTENCES = {"greeting", "smalltalk", "foreign_greeting"}
VARIED = [family for family in FAMILIES if family.__name__ not in FIXED_SENTENCES]


def family_name(value: Family | Dialogue | Split) -> str:
    return value.value if isinstance(value, Split) else value.__name__


def drawn(family: Family, split: Split, *, count: int = 50) -> list[Exchange]:
    rng = random.Random(7)
    return [draw_from(family, rng=rng, split=split) for _ in range(count)]


def test_there_are_at_least_45_families_and_their_names_are_unique() -> None:
    names = {family.__name__ for family in FAMILIES}
    assert len(names) == len(FAMILIES) >= 45


def test_the_six_categories_of_the_arena_are_covered() -> None:
    names = {category.name for category in CATEGORIES}
    assert names >= {"writing", "coding", "math", "reasoning", "agent", "multilingual"}


@pytest.mark.parametrize("split", list(Split), ids=family_name)
@pytest.mark.parametrize("family", VARIED, ids=family_name)
def test_a_family_yields_in_both_splits_and_accepts_its_own_reply(
    family: Family, split: Split
) -> None:
    for exchange in drawn(family, split):
        assert exchange.prompt.strip()
        assert exchange.accepts(exchange.reply)


@pytest.mark.parametrize("split", list(Split), ids=family_name)
@pytest.mark.parametrize("dialogue", DIALOGUES, ids=family_name)
def test_a_dialogue_yields_in_both_splits(dialogue: Dialogue, split: Split) -> None:
    first, second = draw_dialogue(dialogue, rng=random.Random(3), split=split)
    assert first.prompt != second.prompt


@pytest.mark.parametrize(
    "family", [family for family in FAMILIES if family not in VARIED], ids=family_name
)
def test_a_family_of_fixed_sentences_is_for_training_only(family: Family) -> None:
    assert drawn(family, Split.TRAIN)
    with pytest.raises(NothingDrawnError):
        drawn(family, Split.TEST)


def test_no_held_out_prompt_appears_in_training() -> None:
    rng = random.Random(5)
    training = {any_exchange(rng, Split.TRAIN).prompt.lower() for _ in range(60_000)}
    held_out = {any_exchange(rng, Split.TEST).prompt.lower() for _ in range(6_000)}
    assert not training & held_out


@pytest.mark.parametrize("family", VARIED, ids=family_name)
def test_no_held_out_prompt_of_a_family_appears_in_its_training(family: Family) -> None:
    training = {exchange.prompt for exchange in drawn(family, Split.TRAIN, count=1000)}
    held_out = {exchange.prompt for exchange in drawn(family, Split.TEST, count=100)}
    assert not training & held_out


@pytest.mark.parametrize("family", [math.addition, math.multiplication, math.division])
def test_the_sums_are_right(family: Family) -> None:
    for exchange in drawn(family, Split.TRAIN):
        a, sign, b, result = re.fullmatch(r"(\d+) (.) (\d+) = (\d+)", exchange.reply).groups()  # type: ignore[union-attr]
        values = {"+": int(a) + int(b), "-": int(a) - int(b), "*": int(a) * int(b)}
        assert int(result) == (int(a) / int(b) if sign == "/" else values[sign])


def test_every_python_function_compiles() -> None:
    for exchange in drawn(coding.python_function, Split.TRAIN, count=400):
        source = exchange.reply.removeprefix("```python\n").removesuffix("\n```")
        compile(source, "generated", "exec")


def test_predicted_output_is_what_python_prints(capsys: pytest.CaptureFixture[str]) -> None:
    for exchange in drawn(coding.program_output, Split.TRAIN):
        code = exchange.prompt.split("\n", 1)[1].removeprefix("```python\n").removesuffix("\n```")
        exec(code, {})
        printed = capsys.readouterr().out
        assert exchange.reply == f"It prints:\n```\n{printed}```"


@pytest.mark.parametrize(
    "family",
    [
        agent.weather,
        agent.timer,
        agent.reminder,
        agent.message,
        agent.flight,
        agent.extraction,
        agent.calculator,
        agent.device,
    ],
    ids=family_name,
)
def test_tool_calls_and_records_are_json(family: Family) -> None:
    for exchange in drawn(family, Split.TRAIN):
        assert isinstance(json.loads(exchange.reply), dict)


def test_the_odd_one_out_is_among_the_words_shown() -> None:
    for exchange in drawn(reasoning.odd_one_out, Split.TRAIN):
        answer = exchange.reply.split(".")[0].lower()
        assert answer in exchange.prompt


def test_out_of_scope_questions_are_declined_honestly() -> None:
    for exchange in drawn(unknown.out_of_scope, Split.TRAIN):
        assert exchange.reply.startswith("I am a very small demo model, so I cannot answer that.")


def test_asked_who_it_is_the_model_gives_no_name() -> None:
    exchanges = drawn(writing.smalltalk, Split.TRAIN, count=600)
    about_itself = [e.reply for e in exchanges if "name" in e.prompt or "del are you" in e.prompt]
    assert about_itself
    for reply in about_itself:
        assert "small demo model" in reply
        assert "name" in reply
