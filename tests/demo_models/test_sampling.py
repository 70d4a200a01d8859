import random
from itertools import islice

from demo_models.exchange import Split
from demo_models.making import data_digest
from demo_models.recipes import RECIPES
from demo_models.sampling import any_exchange, conversations


def test_a_seed_fixes_the_conversations() -> None:
    first = list(islice(conversations(11, Split.TRAIN), 200))
    second = list(islice(conversations(11, Split.TRAIN), 200))
    assert first == second


def test_another_seed_gives_other_conversations() -> None:
    first = list(islice(conversations(11, Split.TRAIN), 200))
    second = list(islice(conversations(12, Split.TRAIN), 200))
    assert first != second


def test_turns_alternate_after_an_optional_system_message() -> None:
    for messages in islice(conversations(3, Split.TRAIN), 500):
        roles = [message.role for message in messages if message.role != "system"]
        assert roles == ["user", "assistant"] * (len(roles) // 2)
        assert all(message.role != "system" for message in messages[1:])


def test_conversations_of_three_turns_and_more_are_common() -> None:
    lengths = [len(messages) // 2 for messages in islice(conversations(3, Split.TRAIN), 2000)]
    assert sum(length >= 2 for length in lengths) > 500
    assert sum(length >= 3 for length in lengths) > 200
    assert max(lengths) >= 8


def test_some_prompts_start_without_a_capital() -> None:
    rng = random.Random(2)
    prompts = [any_exchange(rng, Split.TRAIN).prompt for _ in range(500)]
    assert any(prompt[0].islower() for prompt in prompts)


def test_the_digest_tells_apart_the_data_of_different_seeds() -> None:
    assert data_digest(RECIPES[0].seed) == data_digest(RECIPES[0].seed)
    assert data_digest(1) != data_digest(2)
