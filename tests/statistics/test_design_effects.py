"""How many votes those behind a rate are worth, reckoned vote by vote."""

from collections.abc import Callable, Hashable, Mapping
from typing import NamedTuple

import pytest

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparison, from_rows
from arena.statistics.design_effects import Designs, designs_of, mean_designs, pooled_deff
from arena.statistics.rate_estimates import decisive_votes, model_estimates, pair_estimates
from arena.statistics.thresholds import Scope
from tests.statistics.votes import A, B, C, D, Rows

BOTH = Scope.ANNOTATORS_AND_PROMPTS
E = ModelKey("e")


class Part(NamedTuple):
    """What one vote adds to a weighted mean."""

    weight: float
    residual: float
    annotator: int
    prompt: int


class Clustered(NamedTuple):
    """The variance of a mean by clusters, and Kish's number of them."""

    variance: float
    number: float


def _clustered(parts: list[Part], by: Callable[[Part], Hashable]) -> Clustered:
    share: dict[Hashable, float] = {}
    score: dict[Hashable, float] = {}
    for part in parts:
        share[by(part)] = share.get(by(part), 0) + part.weight
        score[by(part)] = score.get(by(part), 0) + part.weight * part.residual
    number = len(share)
    left_out = [score[cluster] / (1 - share[cluster]) for cluster in share]
    variance = (number - 1) / number * sum(change**2 for change in left_out)
    return Clustered(variance, 1 / sum(part**2 for part in share.values()))


def _both_ways(parts: list[Part]) -> tuple[Clustered, Clustered, Clustered]:
    """By annotator, by prompt, and by both together."""
    return (
        _clustered(parts, lambda part: part.annotator),
        _clustered(parts, lambda part: part.prompt),
        _clustered(parts, lambda part: (part.annotator, part.prompt)),
    )


def _parts(rows: Rows, weights: Mapping[ModelKey, float], *, of_slots: bool) -> list[Part]:
    """Votes of model a on the opponents in `weights`, that it won, or had the earlier slot."""
    seen = []
    for row in rows:
        earlier = row.model_a == A
        opponent = row.model_b if earlier else row.model_a
        won = earlier == (row.verdict == Verdict.A_BETTER)
        if opponent in weights:
            seen.append((weights[opponent], float(earlier if of_slots else won), row))
    mean = sum(weight * value for weight, value, _ in seen)
    return [Part(weight, value - mean, row.annotator, row.prompt) for weight, value, row in seen]


def _three_people_with_habits() -> Rows:
    """36 votes on a and b, 12 on a and c; who has a in the earlier slot, has it most times."""
    rows = []
    for n in range(48):
        annotator, prompt = n % 3, n // 3 % 8
        opponent = C if n % 4 == 0 else B
        earlier = (annotator == 0) != (n % 5 == 0)
        wins = (prompt < 5) != (n % 7 == 0) if opponent == B else n % 8 == 0 or prompt < 3
        first, second = (A, opponent) if earlier else (opponent, A)
        verdict = Verdict.A_BETTER if wins == earlier else Verdict.B_BETTER
        rows.append(Comparison(first, second, verdict, annotator, prompt))
    return rows


def _designs(rows: Rows) -> tuple[Designs, Designs]:
    """The designs of pairs, and of means over opponents."""
    votes = decisive_votes(from_rows(rows))
    pooled, mean = model_estimates(votes)
    pairs = designs_of(pair_estimates(votes))
    return pairs, mean_designs(votes, mean, pooled, pairs)


@pytest.mark.parametrize(
    ("weights", "of_means"),
    [({B: 1 / 36}, False), ({B: 1 / 72, C: 1 / 24}, True)],
    ids=["a pair", "a mean over opponents"],
)
def test_clusters_and_slots_are_counted_by_what_the_scope_generalizes_to(
    weights: Mapping[ModelKey, float], of_means: bool
) -> None:
    rows = _three_people_with_habits()
    people, prompts, both = _both_ways(_parts(rows, weights, of_slots=True))

    pairs, means = _designs(rows)

    found = means if of_means else pairs
    number = 0 if of_means else 1  # a pair of models i < j of K is at i*K + j
    together = people.variance + prompts.variance - both.variance
    assert people.variance > prompts.variance
    assert people.number < prompts.number
    assert found[Scope.PROMPTS].orders[number] == pytest.approx(prompts.variance)
    assert found[Scope.PROMPTS].clusters[number] == pytest.approx(prompts.number)
    assert found[BOTH].orders[number] == pytest.approx(max(together, people.variance))
    assert found[BOTH].clusters[number] == pytest.approx(people.number)


@pytest.mark.parametrize("scope", [BOTH, Scope.PROMPTS])
def test_the_design_effect_of_a_board_weighs_pairs_by_the_squares_of_their_votes(
    scope: Scope,
) -> None:
    rows = _three_people_with_habits()
    clustered, independent = 0.0, 0.0
    for opponent, met in ((B, 36), (C, 12)):
        parts = _parts(rows, {opponent: 1 / met}, of_slots=False)
        people, prompts, both = _both_ways(parts)
        together = people.variance + prompts.variance - both.variance
        clustered += met**2 * (prompts.variance if scope is Scope.PROMPTS else together)
        independent += sum(part.residual**2 for part in parts)

    found = pooled_deff(pair_estimates(decisive_votes(from_rows(rows))), scope)

    assert found == pytest.approx(clustered / independent)
    assert found > 1.1


def test_votes_of_different_people_who_all_agree_are_worth_one_each() -> None:
    pairs, means = _designs([Comparison(A, B, Verdict.A_BETTER, n, n) for n in range(8)])

    assert (pairs[BOTH].deff[1], pairs[BOTH].votes[1]) == (1, 8)
    assert (means[BOTH].deff[0], means[BOTH].votes[0]) == (1, 8)


def test_votes_of_one_person_who_always_names_the_same_model_are_worth_one_together() -> None:
    pairs, means = _designs([Comparison(A, B, Verdict.A_BETTER, 0, n) for n in range(8)])

    assert (pairs[BOTH].deff[1], pairs[BOTH].votes[1]) == (8, 1)
    assert (means[BOTH].deff[0], means[BOTH].votes[0], means[BOTH].independent[0]) == (8, 1, 8)


def test_models_without_a_decisive_vote_have_no_votes_and_a_design_effect_of_one() -> None:
    tied = [ModelKey(f"tied-{number}") for number in range(6)]
    rows = [Comparison(A, other, Verdict.TIE, 0, 0) for other in tied]
    rows += [Comparison(A, B, Verdict.A_BETTER, n, n) for n in range(4)]

    _, means = _designs(rows)

    assert means[BOTH].votes.tolist() == [4, 4] + [0] * 6
    assert means[BOTH].deff.tolist() == [1] * 8


def test_an_opponent_that_always_lost_adds_the_variance_of_its_few_votes_to_the_mean() -> None:
    """a beats b in 12 of 20 votes and c in 4 of 4; every vote has its own person and prompt."""
    plan = [(B, Verdict.A_BETTER)] * 12 + [(B, Verdict.B_BETTER)] * 8 + [(C, Verdict.A_BETTER)] * 4
    rows = [Comparison(A, other, said, n, n) for n, (other, said) in enumerate(plan)]
    votes = decisive_votes(from_rows(rows))
    pooled, mean = model_estimates(votes)
    pairs = designs_of(pair_estimates(votes))
    found = mean_designs(votes, mean, pooled, pairs)[BOTH]

    worth = pairs[BOTH].votes.reshape(3, 3)[0, 2]
    chance = 1 / (worth + 2)
    of_c = chance * (1 - chance) / worth
    naive, clustered = (0.6 * 0.4 / 19 + of_c) / 4, mean.clustered.combined[0] + of_c / 4
    assert mean.rate[0] == pytest.approx((0.6 + 1) / 2)
    assert found.independent[0] == pytest.approx(0.8 * 0.2 / naive)
    assert found.clustered[0] == pytest.approx(0.8 * 0.2 / clustered)
    assert found.votes[0] == pytest.approx(min(found.independent[0], found.clustered[0]))
    assert found.deff[0] == pytest.approx(24 / found.votes[0])


def test_every_opponent_counts_alike_in_the_mean_however_few_votes_it_has() -> None:
    """a beats b in 12 of 20 votes, c in the only one, d in none of 4 and e in 1 of 4."""
    results = {B: (12, 20), C: (1, 1), D: (0, 4), E: (1, 4)}
    plan = [
        (opponent, Verdict.A_BETTER if number < wins else Verdict.B_BETTER)
        for opponent, (wins, met) in results.items()
        for number in range(met)
    ]
    pairs, means = _designs(
        [Comparison(A, other, said, n, n) for n, (other, said) in enumerate(plan)]
    )

    variance = 0.0
    for place, (wins, met) in enumerate(results.values(), start=1):
        if 0 < wins < met:
            variance += wins / met * (1 - wins / met) / (met - 1)
        else:
            worth = pairs[BOTH].votes[place]
            chance = 1 / (worth + 2)
            variance += chance * (1 - chance) / worth
    mean = (0.6 + 1 + 0 + 0.25) / 4
    assert means[BOTH].independent[0] == pytest.approx(mean * (1 - mean) / (variance / 4**2))
