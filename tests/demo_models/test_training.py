import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch

from demo_models.checkpoint import load_checkpoint, read_record
from demo_models.evaluation import Evaluation
from demo_models.making import make_checkpoint
from demo_models.recipes import RECIPES, Recipe, Shape, recipe_named
from demo_models.training import Trained, learning_rate_scale, train

TINY = Recipe(
    name="tiny",
    shape=Shape(dim=32, layers=1, heads=2, ffn=64),
    steps=4,
    tokens_per_step=512,
    widths=(64, 128),
    warmup_steps=2,
    tokenizer_samples=1000,
)


def silently(_: str) -> None:
    return


@dataclass(frozen=True)
class Made:
    directory: Path
    evaluation: Evaluation


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    directory = tmp_path_factory.mktemp("made") / "tiny"
    evaluation = make_checkpoint(TINY, directory, report=silently, per_family=1, dialogues=2)
    return Made(directory, evaluation)


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train(TINY, silently)


def test_a_recipe_becomes_a_checkpoint_that_loads(made: Made) -> None:
    checkpoint = load_checkpoint(made.directory)
    record = read_record(made.directory)
    assert checkpoint.model.num_parameters() == record["parameters"]
    assert record["tokens"] == TINY.steps * TINY.tokens_per_step
    assert record["recipe"]["seed"] == TINY.seed
    assert record["held_out_percent"]["questions"] == len(made.evaluation.single)


def test_no_file_of_a_checkpoint_holds_a_path_of_the_machine(made: Made) -> None:
    for path in made.directory.glob("*.json"):
        assert str(made.directory.parent) not in path.read_text(encoding="utf-8")
    config = json.loads((made.directory / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert not {"is_local", "local_files_only", "name_or_path"} & config.keys()


def test_a_seed_fixes_the_weights_bit_by_bit(trained: Trained) -> None:
    first, second = (one.model.state_dict() for one in (trained, train(TINY, silently)))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_another_seed_gives_other_weights(trained: Trained) -> None:
    first = trained.model.state_dict()
    second = train(replace(TINY, seed=9), silently).model.state_dict()
    assert not all(torch.equal(first[name], second[name]) for name in first)


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_threads")
def test_training_leaves_threads_and_random_state_as_they_were() -> None:
    state = torch.get_rng_state()
    train(TINY, silently)
    assert torch.get_num_threads() == 2
    assert torch.equal(torch.get_rng_state(), state)


def test_training_lowers_the_loss(trained: Trained) -> None:
    longer = train(replace(TINY, steps=40), silently)
    assert longer.loss < trained.loss


def test_the_learning_rate_rises_stays_and_falls() -> None:
    recipe = replace(TINY, steps=100, warmup_steps=10, decay_share=0.4)
    scales = [learning_rate_scale(recipe, step) for step in (0, 9, 50, 80, 99)]
    assert scales == pytest.approx([0.1, 1.0, 1.0, 0.5, 0.025])


def test_progress_is_reported() -> None:
    lines: list[str] = []
    tiny = replace(TINY, steps=100, tokens_per_step=64, widths=(64,))
    train(tiny, lines.append)
    assert len(lines) == 1
    assert lines[0].startswith("step 100/100 loss ")


def test_an_unknown_recipe_names_the_known_ones() -> None:
    with pytest.raises(KeyError, match=RECIPES[0].name):
        recipe_named("arena-demo-z")
