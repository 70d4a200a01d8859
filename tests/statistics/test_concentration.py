"""Who voted most: shares of the comparisons, and nothing where they would tell of one person."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.statistics.concentration import Concentration, concentration


def test_the_largest_share_and_that_of_the_first_five_are_of_all_comparisons() -> None:
    votes = np.repeat(np.arange(7), [10, 40, 5, 5, 20, 15, 5])
    assert concentration(votes) == Concentration(largest=0.4, first_five=0.9)


@pytest.mark.parametrize("annotators", [0, 1, 2])
def test_of_so_few_nothing_is_told(annotators: int) -> None:
    assert concentration(np.arange(annotators)) is None


@given(st.lists(st.integers(0, 8), min_size=30, max_size=90))
def test_shares_are_those_counted_one_by_one(who: list[int]) -> None:
    numbers = {name: number for number, name in enumerate(dict.fromkeys(who))}
    found = concentration(np.array([numbers[one] for one in who]))
    most = [number for _, number in Counter(who).most_common()]
    if len(most) < 3:
        assert found is None
        return
    assert found is not None
    assert found.largest == pytest.approx(most[0] / len(who))
    assert found.first_five == pytest.approx(sum(most[:5]) / len(who))
