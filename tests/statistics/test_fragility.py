"""How little would have to be missing for another verdict."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given

from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparison, Numbers, from_rows
from arena.statistics.fragility import Removals, fragility
from arena.statistics.pair_votes import PairVotes
from arena.statistics.win_rate import Pair
from tests.statistics.votes import A, B, Rows, from_counts, llmfao, mirrored, pair_votes, row_lists

PAIR = Pair(A, B)

KNOWN = Comparison(A, B, Verdict.TIE, 0, 0)
"""Makes both models known to otherwise arbitrary comparisons."""


def _lead_without(votes: PairVotes, unit: Numbers, removed: Sequence[int], sign: int) -> int:
    return sign * int(votes.score[~np.isin(unit, removed)].sum())


def _fewest(votes: PairVotes, unit: Numbers, sign: int, bound: int) -> int | None:
    """The smallest number of units whose removal takes the lead to `bound` or below: all tried."""
    units = np.unique(unit)
    for size in range(len(units) + 1):
        for removed in combinations(units.tolist(), size):
            if _lead_without(votes, unit, removed, sign) <= bound:
                return size
    return None


def _check(votes: PairVotes, unit: Numbers, sign: int, found: Removals) -> None:
    assert _lead_without(votes, unit, found.to_level, sign) <= 0
    assert len(found.to_level) == _fewest(votes, unit, sign, 0)
    fewest = _fewest(votes, unit, sign, -1)
    assert (None if found.to_reverse is None else len(found.to_reverse)) == fewest
    if found.to_reverse is not None:
        assert _lead_without(votes, unit, found.to_reverse, sign) < 0


@given(row_lists(models="ab", max_size=14))
def test_no_smaller_set_of_units_would_do(rows: Rows) -> None:
    comparisons = from_rows([*rows, KNOWN])
    votes = pair_votes(comparisons, PAIR)
    lead = votes.wins - votes.losses
    found = fragility(votes)
    if found is None:
        assert lead == 0
        return

    sign = 1 if lead > 0 else -1
    assert (found.lead, found.leader) == (abs(lead), A if lead > 0 else B)
    _check(votes, votes.annotator, sign, found.annotators)
    _check(votes, votes.prompt, sign, found.prompts)
    assert _lead_without(votes, votes.position, found.votes.to_level, sign) == 0


@pytest.mark.parametrize(("wins", "losses"), [(90, 52), (52, 90), (1, 2), (7, 1)])
def test_votes_to_remove_are_the_lead_and_one_more(wins: int, losses: int) -> None:
    found = fragility(pair_votes(from_counts(wins=wins, losses=losses, ties=20), PAIR))

    assert found is not None
    assert found.lead == abs(wins - losses)
    assert len(found.votes.to_level) == found.lead
    assert found.votes.to_reverse is not None
    assert len(found.votes.to_reverse) == found.lead + 1


def test_a_model_that_won_everything_can_be_levelled_and_not_reversed() -> None:
    found = fragility(pair_votes(from_counts(wins=5, losses=0, ties=3), PAIR))

    assert found is not None
    assert found.votes == Removals(to_level=(0, 1, 2, 3, 4), to_reverse=None)
    assert found.annotators == Removals(to_level=(0,), to_reverse=None)


def test_a_level_pair_has_no_verdict_to_undo() -> None:
    assert fragility(pair_votes(from_counts(wins=4, losses=4, ties=1), PAIR)) is None


@given(row_lists(models="abc"))
def test_sides_and_the_order_of_the_pair_do_not_matter(rows: Rows) -> None:
    rows = [*rows, KNOWN]
    found = fragility(pair_votes(from_rows(rows), PAIR))

    assert fragility(pair_votes(from_rows(rows), Pair(B, A))) == found
    assert fragility(pair_votes(from_rows(mirrored(rows)), PAIR)) == found


def test_votes_of_other_pairs_have_no_part() -> None:
    comparisons = llmfao()
    models = comparisons.models
    pair = next(
        Pair(models[a], models[b])
        for a, b in zip(comparisons.a, comparisons.b, strict=True)
        if fragility(pair_votes(comparisons, Pair(models[a], models[b])))
    )
    found = fragility(pair_votes(comparisons, pair))

    assert found is not None
    for position in found.votes.to_level:
        both = {models[comparisons.a[position]], models[comparisons.b[position]]}
        assert both == set(pair)
