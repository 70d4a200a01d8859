"""No sampling that a client can ask for reaches the batch unless it is harmless."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.conversation import Sampling
from arena.engine.batching.generator import safe_sampling

VOCABULARY, ROOM = 100, 50


def safe(sampling: Sampling) -> tuple[float, float, int, int]:
    tokens = safe_sampling(sampling, vocabulary=VOCABULARY, room=ROOM)
    return tokens.temperature, tokens.top_p, tokens.top_k, tokens.max_new_tokens


@pytest.mark.parametrize("temperature", [0.0, 1e-9, 9e-4])
def test_a_temperature_near_zero_is_greedy(temperature: float) -> None:
    assert safe(Sampling(temperature=temperature, max_new_tokens=7)) == (1.0, 1.0, 1, 7)


@pytest.mark.parametrize(("top_k", "expected"), [(None, 100), (0, 100), (7, 7), (10**9, 100)])
def test_top_k_stays_within_the_vocabulary(top_k: int | None, expected: int) -> None:
    assert safe(Sampling(top_k=top_k))[2] == expected


def test_the_budget_stays_within_the_context() -> None:
    assert safe(Sampling(max_new_tokens=10**6))[3] == ROOM


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(temperature=math.nan),
        Sampling(temperature=math.inf),
        Sampling(temperature=-1),
        Sampling(top_p=0),
        Sampling(top_p=math.nan),
        Sampling(top_p=1.5),
        Sampling(repetition_penalty=0),
        Sampling(repetition_penalty=math.nan),
        Sampling(max_new_tokens=0),
    ],
)
def test_values_without_meaning_are_refused(sampling: Sampling) -> None:
    with pytest.raises(ValueError, match="must be"):
        safe(sampling)


@given(st.builds(Sampling, temperature=st.floats(), top_p=st.floats(), top_k=st.integers()))
def test_whatever_is_not_refused_is_harmless(sampling: Sampling) -> None:
    try:
        temperature, top_p, top_k, _ = safe(sampling)
    except ValueError:
        return
    assert math.isfinite(temperature)
    assert temperature >= 1e-3
    assert 0 < top_p <= 1
    assert 1 <= top_k <= VOCABULARY
