"""Which models the comparisons can rate at all."""

import numpy as np
import pytest

from arena.statistics.connectivity import Standing, standings

RATED, UNBEATEN, WINLESS, DISCONNECTED = (
    Standing.RATED,
    Standing.UNBEATEN,
    Standing.WINLESS,
    Standing.DISCONNECTED,
)


def _standings(
    beaten: dict[tuple[int, int], int], size: int, tied: tuple[tuple[int, int], ...] = ()
) -> tuple[Standing, ...]:
    wins, ties = np.zeros((size, size)), np.zeros((size, size))
    for pair, number in beaten.items():
        wins[pair] = number
    for i, j in tied:
        ties[i, j] = ties[j, i] = 1
    return standings(wins, ties)


CIRCLE = {(0, 1): 5, (1, 2): 5, (2, 0): 1}


@pytest.mark.parametrize(
    ("beaten", "size", "expected"),
    [
        (CIRCLE, 3, (RATED, RATED, RATED)),
        (CIRCLE | {(3, 0): 9}, 4, (RATED, RATED, RATED, UNBEATEN)),
        (CIRCLE | {(1, 3): 9}, 4, (RATED, RATED, RATED, WINLESS)),
        (CIRCLE | {(4, 3): 1, (3, 0): 1}, 5, (RATED, RATED, RATED, UNBEATEN, UNBEATEN)),
        (CIRCLE | {(3, 4): 3, (4, 3): 3}, 5, (RATED, RATED, RATED, DISCONNECTED, DISCONNECTED)),
        (CIRCLE | {(3, 0): 1, (3, 4): 1}, 5, (RATED, RATED, RATED, UNBEATEN, DISCONNECTED)),
        (CIRCLE, 4, (RATED, RATED, RATED, DISCONNECTED)),
        ({(0, 1): 1, (1, 2): 1}, 3, (UNBEATEN, DISCONNECTED, WINLESS)),
        ({}, 2, (DISCONNECTED, DISCONNECTED)),
        ({}, 0, ()),
    ],
)
def test_standings_follow_chains_of_wins(
    beaten: dict[tuple[int, int], int], size: int, expected: tuple[Standing, ...]
) -> None:
    assert _standings(beaten, size) == expected


def test_a_tie_connects_both_ways() -> None:
    assert _standings({(0, 1): 5}, 2, tied=((0, 1),)) == (RATED, RATED)


def test_of_two_groups_of_one_size_the_one_with_more_comparisons_is_rated() -> None:
    two = {(0, 1): 2, (1, 0): 2, (2, 3): 3, (3, 2): 3}

    assert _standings(two, 4) == (DISCONNECTED, DISCONNECTED, RATED, RATED)
