"""The human rate with a judge's help: right whatever the judge says, and narrower if it is good."""

import numpy as np
import pytest

from arena.statistics.prediction_powered import Judged, Outcomes, powered_rate
from tests.endurance.judged_campaigns import WORLDS, JudgedWorld, held


def outcomes(*signs: int) -> Outcomes:
    """1 for a win, -1 for a loss, 0 for no winner."""
    column = np.array(signs, float)
    return Outcomes((column == 1).astype(float), (column != 0).astype(float))


def test_without_other_comparisons_the_rate_is_that_of_people() -> None:
    people = outcomes(*[1, 1, -1, 0] * 20)
    numbers = np.arange(80)
    found = powered_rate(
        Judged(people, outcomes(*[1] * 80), numbers % 10, numbers, outcomes(), numbers[:0])
    )

    assert found.rate == found.alone == pytest.approx(2 / 3)
    assert found.weight == 0
    assert found.interval == found.alone_interval
    assert (found.people, found.others) == (80, 0)


def test_a_judge_that_is_always_right_counts_like_people() -> None:
    """Everybody's own vote and prompt: then the classical mean of all comparisons is the best."""
    random = np.random.default_rng(1)
    signs = np.where(random.random(1000) < 0.7, 1, -1)
    numbers = np.arange(1000)
    found = powered_rate(
        Judged(
            outcomes(*signs[:200]),
            outcomes(*signs[:200]),
            numbers[:200],
            numbers[:200],
            outcomes(*signs[200:]),
            numbers[200:],
        )
    )

    assert found.weight == pytest.approx(0.8, abs=0.02)  # N / (n + N), as for PPI++
    assert found.rate == pytest.approx(float((signs == 1).mean()), abs=0.005)
    assert found.interval is not None
    assert found.alone_interval is not None
    width = found.interval.high - found.interval.low
    assert width == pytest.approx(
        (found.alone_interval.high - found.alone_interval.low) / 5**0.5, rel=0.1
    )


def test_with_single_votes_it_is_the_formula_of_the_paper() -> None:
    """PPI++ of a mean, computed as the paper has it: no ties, no clusters."""
    random = np.random.default_rng(2)
    n, rest = 400, 3000
    truth = (random.random(n + rest) < 0.6).astype(float)
    judge = np.where(random.random(n + rest) < 0.85, truth, 1 - truth)
    y, f, g = truth[:n], judge[:n], judge[n:]
    weight = np.cov(y, f)[0, 1] / ((1 + n / rest) * np.concatenate((f, g)).var(ddof=1))
    mean = y.mean() - weight * (f.mean() - g.mean())

    found = powered_rate(
        Judged(
            outcomes(*np.where(y == 1, 1, -1)),
            outcomes(*np.where(f == 1, 1, -1)),
            np.arange(n),
            np.arange(n),
            outcomes(*np.where(g == 1, 1, -1)),
            n + np.arange(rest),
        )
    )

    assert found.weight == pytest.approx(weight, rel=0.05)
    assert found.rate == pytest.approx(mean, abs=0.002)


def test_few_votes_or_prompts_have_no_interval() -> None:
    numbers = np.arange(40)
    few_prompts = powered_rate(
        Judged(
            outcomes(*[1, -1] * 20),
            outcomes(*[1, -1] * 20),
            numbers,
            numbers % 7,
            outcomes(1),
            numbers[:1],
        )
    )
    nobody = powered_rate(
        Judged(outcomes(0, 0), outcomes(1, 1), numbers[:2], numbers[:2], outcomes(1), numbers[2:3])
    )

    assert few_prompts.interval is None
    assert (nobody.rate, nobody.alone) == (None, None)


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one number for each"):
        Outcomes(np.ones(2), np.ones(3))


def test_its_interval_holds_though_the_judge_is_biased_and_is_narrower() -> None:
    """The long run, 1,000 boards, is `python -m tests.endurance.judged_campaigns`."""
    found = held(WORLDS["a good judge who likes the first model"], 200)

    assert 0.905 <= found.powered <= 0.995  # three standard errors of 200
    assert found.width < found.width_alone


def test_a_judge_who_sees_nothing_does_no_harm() -> None:
    found = held(JudgedWorld(skill=0.0), 100)

    assert found.powered >= 0.88
    assert found.width == pytest.approx(found.width_alone, rel=0.03)
