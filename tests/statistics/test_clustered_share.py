"""Shares whose trials have people and prompts in common."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import t

from arena.statistics.clustered_share import ClusteredShare, clustered_share
from arena.statistics.intervals import NORMAL_95, Interval, wilson
from arena.statistics.thresholds import Scope


def _share(hits: list[int], *, annotators: int, prompts: int) -> ClusteredShare:
    """One trial each, handed to annotators and prompts in turn."""
    number = np.arange(len(hits))
    return clustered_share(
        np.array(hits, float),
        np.ones(len(hits)),
        annotator=number % annotators,
        prompt=number % prompts,
    )


def test_trials_that_share_nothing_give_wilsons_interval_with_students_t() -> None:
    number = np.arange(400)
    found = clustered_share(
        (number % 4 > 0).astype(float), np.ones(400), annotator=number, prompt=number
    )

    plain = wilson(300, 400, quantile=float(t.ppf(0.975, 399)))
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (plain.low, plain.high), abs=2e-4
    )
    assert (found.share, found.trials, found.scope) == (0.75, 400, Scope.ANNOTATORS_AND_PROMPTS)


def test_clusters_of_one_share_are_worth_all_of_their_trials() -> None:
    number = np.arange(160)
    found = clustered_share(
        (number % 2).astype(float),
        np.ones(160),
        annotator=number // 2 % 10,
        prompt=number // 2 % 8,
    )

    plain = wilson(80, 160)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((plain.low, plain.high))


def test_trials_of_people_who_always_say_the_same_count_once_for_each() -> None:
    ten_people = [int(number % 10 < 5) for number in range(400)]

    found = _share(ten_people, annotators=10, prompts=40)

    plain = wilson(200, 400)
    assert found.interval is not None
    assert found.interval.high - found.interval.low > 5 * (plain.high - plain.low)


def test_a_share_without_exceptions_is_as_sure_as_there_are_people() -> None:
    found = _share([1] * 400, annotators=10, prompts=40)

    assert found.interval is not None
    assert found.interval.low == pytest.approx(wilson(10, 10, quantile=float(t.ppf(0.975, 9))).low)
    assert (found.share, found.interval.high) == (1.0, 1.0)


def test_few_people_are_taken_as_they_are_and_few_prompts_give_no_interval() -> None:
    few_people = _share([1, 0, 1] * 40, annotators=7, prompts=40)
    few_prompts = _share([1, 0, 1] * 40, annotators=40, prompts=7)

    assert few_people.scope is Scope.PROMPTS
    assert few_people.interval is not None
    assert few_prompts == ClusteredShare(2 / 3, None, 120, 40, Scope.NONE)


@pytest.mark.parametrize(
    ("annotators", "scope"), [(7, Scope.PROMPTS), (9, Scope.ANNOTATORS_AND_PROMPTS)]
)
def test_groups_weigh_as_much_as_they_have_trials(annotators: int, scope: Scope) -> None:
    """Each person has one to four trials on every prompt; most are hits on the first six."""
    cells = [(person, prompt) for person in range(annotators) for prompt in range(12)]
    trials = [1 + (5 * person + 3 * prompt) % 4 for person, prompt in cells]
    hits = [
        number - (person % 3 == 0) if prompt < 6 else number // 4
        for (person, prompt), number in zip(cells, trials, strict=True)
    ]
    person, prompt = np.array(cells).T

    found = clustered_share(
        np.array(hits, float), np.array(trials, float), annotator=person, prompt=prompt
    )

    total, share = sum(trials), sum(hits) / sum(trials)
    expected = _by_hand(cells, hits, trials, scope)
    assert found.share == pytest.approx(share)
    assert (found.trials, found.annotators, found.scope) == (total, annotators, scope)
    assert found.interval is not None
    assert found.interval.method == expected.method
    assert (found.interval.low, found.interval.high) == pytest.approx((expected.low, expected.high))


def _by_hand(
    cells: list[tuple[int, int]], hits: list[int], trials: list[int], scope: Scope
) -> Interval:
    """Wilson's interval with the variance added up group by group."""
    total, share = sum(trials), sum(hits) / sum(trials)

    def clustered(by: int | slice) -> tuple[float, float]:
        score: dict[object, float] = {}
        weight: dict[object, float] = {}
        for cell, hit, number in zip(cells, hits, trials, strict=True):
            score[cell[by]] = score.get(cell[by], 0) + (hit - share * number) / total
            weight[cell[by]] = weight.get(cell[by], 0) + number / total
        left_out = [score[cluster] / (1 - weight[cluster]) for cluster in score]
        variance = (1 - 1 / len(score)) * sum(change**2 for change in left_out)
        return variance, 1 / sum(part**2 for part in weight.values())

    by_person, people = clustered(0)
    by_prompt, prompts = clustered(1)
    by_both, _ = clustered(slice(2))
    if scope is Scope.PROMPTS:
        variance, clusters, method = by_prompt, prompts, "wilson, clustered by prompt"
    else:
        variance, clusters = by_person + by_prompt - by_both, min(people, prompts)
        method = "wilson, clustered by annotator and prompt"
    votes = share * (1 - share) / variance * (NORMAL_95 / float(t.ppf(0.975, clusters - 1))) ** 2
    assert votes < total
    return wilson(share * votes, votes, method=method)


def test_without_a_trial_there_is_no_share() -> None:
    assert _share([], annotators=1, prompts=1) == ClusteredShare(None, None, 0, 0, Scope.NONE)


def test_it_holds_the_share_of_people_like_these_where_a_naive_interval_does_not() -> None:
    """30 people, 20 trials each, with a spread of 1 in log-odds; 200 boards."""
    truth = float(expit(np.random.default_rng(0).normal(0.8, 1, 1_000_000)).mean())
    held, naive = 0, 0
    for random in np.random.default_rng(1).spawn(200):
        people = np.repeat(np.arange(30), 20)
        hits = random.random(600) < expit(random.normal(0.8, 1, 30))[people]
        prompt = random.integers(0, 100, 600)
        found = clustered_share(hits * 1.0, np.ones(600), annotator=people, prompt=prompt)
        plain = wilson(int(hits.sum()), 600)
        assert found.interval is not None
        held += found.interval.low <= truth <= found.interval.high
        naive += plain.low <= truth <= plain.high

    assert 0.90 * 200 <= held <= 0.99 * 200
    assert naive < 0.85 * 200
