"""The matrices of a step are told from a configuration, and a bounded part of them is timed."""

import pytest

from arena.checkpoints.step_shape import StepShape

SMOLLM = StepShape(hidden=576, inner=1536, words=49_152, layers=30)
LLAMA_8B = StepShape(hidden=4096, inner=14_336, words=128_256, layers=32)
NAMES = {
    "hidden_size": 576,
    "intermediate_size": 1536,
    "vocab_size": 49_152,
    "num_hidden_layers": 30,
}


def test_a_shape_is_what_a_configuration_states() -> None:
    assert StepShape.of(NAMES.get) == SMOLLM


@pytest.mark.parametrize("size", [None, 0, "1536", 1536.0])
def test_a_configuration_with_other_names_or_no_sizes_has_no_shape(size: object) -> None:
    assert StepShape.of({**NAMES, "intermediate_size": size}.get) is None


def test_a_small_model_is_not_worth_a_choice() -> None:
    assert SMOLLM.is_worth_a_choice
    assert not StepShape(hidden=128, inner=384, words=2048, layers=4).is_worth_a_choice


def test_a_shape_counts_the_matrices_that_a_step_reads() -> None:
    assert SMOLLM.weights == sum(rows * columns for rows, columns in SMOLLM.matrices())


@pytest.mark.parametrize("shape", [SMOLLM, LLAMA_8B, StepShape(8192, 1, 1, 1)])
def test_what_is_timed_of_a_large_model_has_a_bound(shape: StepShape) -> None:
    most = 2**25
    part = shape.part(most)
    assert part.weights <= most
    assert part.hidden == shape.hidden
    assert part.weights >= min(most // 2, shape.weights)


def test_a_model_that_is_small_enough_is_timed_whole() -> None:
    small = StepShape(hidden=576, inner=1536, words=20_000, layers=8)
    assert small.part(2**25) == small
