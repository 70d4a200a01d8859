"""Krippendorff's alpha and its interval, from tables of items and verdicts."""

from math import sqrt

import evalica
import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from arena.statistics.agreement import judged_items
from arena.statistics.comparisons import from_rows
from arena.statistics.krippendorff import Holds, ItemTable, krippendorff
from tests.statistics.votes import unequal_items


def _table(counts: list[list[int]], prompts: list[int] | None = None) -> ItemTable:
    weights = np.array(counts, float)
    agreeing = (weights * (weights - 1) / 2).sum(axis=1)
    return ItemTable(weights, agreeing, np.array(prompts or range(len(counts))))


def _ratings(table: ItemTable) -> pd.DataFrame:
    """A column for each item, as evalica reads them."""
    said = [np.repeat(np.arange(len(row)), row.astype(int)) for row in table.weights]
    return pd.DataFrame({item: pd.Series(row) for item, row in enumerate(said)})


def test_krippendorffs_example_with_missing_values_comes_out_as_printed() -> None:
    """Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, C: alpha = 0.743."""
    units = ("111", "2232", "3333", "3333", "2222", "1234", "4444", "1121", "2222", "555", "11")
    counts = [[unit.count(value) for value in "12345"] for unit in units]

    assert krippendorff(_table(counts)).value == pytest.approx(0.743, abs=5e-4)


def test_the_interval_is_what_alphas_of_evalica_without_one_prompt_after_the_other_give() -> None:
    table = judged_items(from_rows(unequal_items())).table
    ratings, weights = _ratings(table), table.weights.sum(axis=1)
    scale = sqrt(1 - evalica.alpha(ratings).alpha)
    others = [sqrt(1 - evalica.alpha(ratings.drop(columns=item)).alpha) for item in ratings]
    error = sqrt((1 - 1 / len(others)) * sum((other - scale) ** 2 for other in others))
    half = error * t.ppf(0.975, weights.sum() ** 2 / (weights**2).sum() - 1)

    found = krippendorff(table)

    assert found.value == pytest.approx(1 - scale**2)
    assert found.low == pytest.approx(1 - (scale + half) ** 2)
    assert found.high == pytest.approx(1 - (scale - half) ** 2)


def test_items_of_one_prompt_are_not_taken_for_independent() -> None:
    counts = [[2, 0], [2, 0], [1, 1], [0, 2], [0, 2], [1, 1], [1, 1], [1, 1]] * 8
    apart = krippendorff(_table(counts))
    together = krippendorff(_table(counts, [number % 8 for number in range(64)]))

    assert apart.value == together.value
    assert together.high - together.low > 2 * (apart.high - apart.low)
    assert together.holds is Holds.PROMPTS_LIKE_THESE


def test_fewer_than_eight_prompts_are_taken_as_they_are() -> None:
    counts = [[2, 0], [0, 2], [1, 1], [3, 0]] * 7
    few = krippendorff(_table(counts, [number % 7 for number in range(28)]))

    assert few.holds is Holds.THESE_PROMPTS
    assert (few.low, few.high) == pytest.approx(
        (krippendorff(_table(counts)).low, krippendorff(_table(counts)).high)
    )


def test_without_a_disagreement_the_bound_still_comes_nearer_with_more_items() -> None:
    few, many = (krippendorff(_table([[2, 0], [0, 2]] * half)) for half in (5, 50))

    assert (few.value, few.high, many.high) == (1.0, 1.0, 1.0)
    assert few.low < 0.6 < 0.9 < many.low < 1


def test_one_item_that_holds_all_there_is_to_disagree_on_leaves_no_certainty() -> None:
    counts = [[2, 0]] * 11 + [[1, 1]]

    found = krippendorff(_table(counts))

    assert -1 <= found.low < found.value < found.high <= 1
    assert found.high - found.low > 1


def test_one_verdict_has_no_alpha() -> None:
    with pytest.raises(ValueError, match="two verdicts"):
        krippendorff(_table([[2, 0]] * 12))
