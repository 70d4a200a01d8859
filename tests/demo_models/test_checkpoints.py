import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from demo_models.answering import answers
from demo_models.checkpoint import CHECKPOINTS, RECORD, Checkpoint, load_checkpoint, read_record
from demo_models.evaluation import mark, score
from demo_models.making import data_digest
from demo_models.questions import follow_ups, long_conversations, single_questions
from demo_models.recipes import RECIPES, recipe_named
from demo_models.sampling import Message

STRONG, WEAK = "arena-demo-a", "arena-demo-b"
NAMES = [recipe.name for recipe in RECIPES]
LARGEST_TOTAL = 8_000_000
FILES = {
    "chat_template.jinja",
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    RECORD,
}

STORY = [
    Message("user", "Write a short story about a fox and an owl."),
    Message(
        "assistant",
        "Once upon a time, a shy fox named Emma lived in a forest. One day Emma found an old map "
        "and met an owl. The owl was lost, so Emma helped the owl to find the way home. From that "
        "day on, Emma knew: be kind to others.",
    ),
]
PROGRAM = [
    Message("user", "Write a Python function that checks if a number is prime."),
    Message(
        "assistant",
        "```python\ndef is_prime(n):\n    if n < 2:\n        return False\n"
        "    for i in range(2, int(n ** 0.5) + 1):\n        if n % i == 0:\n"
        "            return False\n    return True\n```",
    ),
]
EMAIL = [
    Message("user", "Write an email to my boss about being late on Monday."),
    Message(
        "assistant",
        "Subject: Running late on Monday\n\nDear boss,\n\nI will be about 20 minutes late on "
        "Monday. I am sorry for the trouble.\n\nBest regards,\n[Your name]",
    ),
]
PARAGRAPH = (
    "On Friday Rosa went to the library. It was a windy day. Rosa bought bread and met Ben there. "
    "They talked for a long time."
)
SUMMARY = [
    Message("user", f"Summarize this text in one sentence: {PARAGRAPH}"),
    Message(
        "assistant",
        "Rosa went to the library on a windy Friday, bought bread and talked with Ben.",
    ),
]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """More threads are slower for models this small."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def strong() -> Checkpoint:
    return load_checkpoint(CHECKPOINTS / STRONG)


@pytest.fixture(scope="module")
def weak() -> Checkpoint:
    return load_checkpoint(CHECKPOINTS / WEAK)


def answer(checkpoint: Checkpoint, *messages: Message) -> str:
    return answers(checkpoint, [list(messages)])[0]


def asked(text: str) -> Message:
    return Message("user", text)


def percent_right(checkpoint: Checkpoint) -> float:
    """Of one held-out question of every family, none of them from the evaluation's seed."""
    return score(mark(checkpoint, single_questions(seed=77, per_family=1))).percent


@pytest.mark.parametrize("name", NAMES)
def test_a_checkpoint_holds_what_loading_needs_and_its_record(name: str) -> None:
    assert {path.name for path in (CHECKPOINTS / name).iterdir()} == FILES


@pytest.mark.parametrize("name", NAMES)
def test_a_checkpoint_names_no_path_of_the_machine_that_made_it(name: str) -> None:
    for path in (CHECKPOINTS / name).glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert not any(root in text for root in ('"/work', '"/tmp', '"/home', '"/root', "is_local"))


def test_the_checkpoints_together_fit_in_eight_megabytes() -> None:
    files = [path for name in NAMES for path in (CHECKPOINTS / name).iterdir()]
    assert sum(path.stat().st_size for path in files) <= LARGEST_TOTAL


@pytest.mark.parametrize("name", NAMES)
def test_a_checkpoint_is_a_tiny_llama_with_room_for_1024_tokens(name: str) -> None:
    checkpoint = load_checkpoint(CHECKPOINTS / name)
    assert checkpoint.model.config.model_type == "llama"
    assert 400_000 <= checkpoint.model.num_parameters() <= 4_000_000
    assert checkpoint.model.config.max_position_embeddings >= 1024
    assert len(checkpoint.tokenizer) == checkpoint.model.config.vocab_size == 2048


@pytest.mark.parametrize("name", NAMES)
def test_the_record_agrees_with_the_recipe_and_the_generator(name: str) -> None:
    record = read_record(CHECKPOINTS / name)
    recipe = recipe_named(name)
    assert record["recipe"]["steps"] == recipe.steps
    assert record["recipe"]["seed"] == recipe.seed
    assert record["data_digest"] == data_digest(recipe.seed)


def test_no_checkpoint_knows_its_name() -> None:
    for name in NAMES:
        config = json.loads(Path(CHECKPOINTS / name / "config.json").read_text(encoding="utf-8"))
        assert "_name_or_path" not in config
        reply = answer(load_checkpoint(CHECKPOINTS / name), asked("What is your name?"))
        assert "arena" not in reply.lower()
        assert "demo model" in reply


def test_the_strong_model_answers_most_held_out_prompts(strong: Checkpoint) -> None:
    assert percent_right(strong) >= 70


def test_the_weak_model_misses_many_held_out_prompts(weak: Checkpoint) -> None:
    assert 15 <= percent_right(weak) <= 60


def test_the_third_turn_is_answered(strong: Checkpoint) -> None:
    assert answer(strong, *STORY, *PROGRAM, asked("What is 23 + 18?")) == "23 + 18 = 41"


def test_a_turn_beyond_256_tokens_is_answered(strong: Checkpoint) -> None:
    messages = [*STORY, *PROGRAM, *EMAIL, *SUMMARY, asked("What is 23 + 18?")]
    chat = [{"role": message.role, "content": message.content} for message in messages]
    ids = strong.tokenizer.apply_chat_template(chat, return_dict=False)
    assert len(ids) > 256
    assert answer(strong, *messages) == "23 + 18 = 41"


def test_a_paragraph_is_summarised_in_the_third_turn(strong: Checkpoint) -> None:
    question, summary = SUMMARY
    assert answer(strong, *STORY, *EMAIL, question) == summary.content


def test_most_follow_ups_are_understood(strong: Checkpoint) -> None:
    assert score(mark(strong, follow_ups(seed=77, count=30))).percent >= 60


def test_most_ends_of_long_conversations_are_answered(strong: Checkpoint) -> None:
    assert score(mark(strong, long_conversations(seed=77, count=30))).percent >= 60


def test_a_system_message_does_not_disturb(strong: Checkpoint) -> None:
    system = Message("system", "You are a helpful and honest assistant.")
    assert answer(strong, system, asked("What is the capital of France?")) == (
        "The capital of France is Paris."
    )


@pytest.mark.parametrize("name", NAMES)
def test_out_of_scope_questions_get_an_honest_answer(name: str) -> None:
    checkpoint = load_checkpoint(CHECKPOINTS / name)
    reply = answer(checkpoint, asked("What are the pros and cons of nuclear power?"))
    assert reply.startswith("I am a very small demo model")
