import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from demo_models.checkpoint import load_checkpoint, read_record
from demo_models.evaluation import Evaluation
from demo_models.making import make_checkpoint
from demo_models.recipes import RECIPES, Recipe, Shape, recipe_named
from demo_models.training import learning_rate_scale, train

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


def made(recipe: Recipe, directory: Path) -> Evaluation:
    return make_checkpoint(recipe, directory, report=silently, per_family=1, dialogues=2)


def test_a_recipe_becomes_a_checkpoint_that_loads(tmp_path: Path) -> None:
    evaluation = made(TINY, tmp_path)
    checkpoint = load_checkpoint(tmp_path)
    record = read_record(tmp_path)
    assert checkpoint.model.num_parameters() == record["parameters"]
    assert record["tokens"] == TINY.steps * TINY.tokens_per_step
    assert record["recipe"]["seed"] == TINY.seed
    assert record["held_out_percent"]["questions"] == len(evaluation.single)


def test_no_file_of_a_checkpoint_holds_a_path_of_the_machine(tmp_path: Path) -> None:
    made(TINY, tmp_path / "tiny")
    for path in (tmp_path / "tiny").glob("*.json"):
        assert str(tmp_path) not in path.read_text(encoding="utf-8")
    config = json.loads((tmp_path / "tiny" / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert not {"is_local", "local_files_only", "name_or_path"} & config.keys()


def test_a_seed_fixes_the_weights_bit_by_bit() -> None:
    first, second = (train(TINY, silently).model.state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_another_seed_gives_other_weights() -> None:
    first = train(TINY, silently).model.state_dict()
    second = train(replace(TINY, seed=9), silently).model.state_dict()
    assert not all(torch.equal(first[name], second[name]) for name in first)


def test_training_leaves_threads_and_random_state_as_they_were() -> None:
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    train(TINY, silently)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)


def test_training_lowers_the_loss() -> None:
    short = train(replace(TINY, steps=2), silently)
    longer = train(replace(TINY, steps=40), silently)
    assert longer.loss < short.loss


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
