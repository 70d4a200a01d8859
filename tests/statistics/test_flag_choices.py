"""Rates with and without each kind of flag are recounts."""

import numpy as np

from arena.domain.reply import FlagKind
from arena.statistics.clustered_rates import pooled_rates
from arena.statistics.flag_choices import flag_choices
from tests.endurance.simulated_boards import Campaign
from tests.statistics.votes import from_counts

BOARD = Campaign(20, 30, strengths=(0.5, 0.0, -0.5)).board(np.random.default_rng(0))
NEVER = np.zeros(len(BOARD), np.bool_)


def _marks(share: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random(len(BOARD)) < share


def test_every_kind_is_a_recount_of_what_carries_no_other() -> None:
    cut, leaked = _marks(0.2, 1), _marks(0.1, 2)
    marks = {FlagKind.TRUNCATED: cut, FlagKind.IDENTITY_LEAK: leaked, FlagKind.RECOGNISED: NEVER}

    found = flag_choices(BOARD, marks)

    kept = {
        (): ~cut & ~leaked,
        (FlagKind.TRUNCATED,): ~leaked,
        (FlagKind.IDENTITY_LEAK,): ~cut,
        (FlagKind.TRUNCATED, FlagKind.IDENTITY_LEAK): ~NEVER,
    }
    assert [choice.counted for choice in found] == list(kept)
    for choice in found:
        assert choice.rates == pooled_rates(BOARD.where(kept[choice.counted]))
        assert choice.added == kept[choice.counted].sum() - kept[()].sum()


def test_of_one_kind_alone_there_is_no_sum_of_all() -> None:
    found = flag_choices(BOARD, {FlagKind.TRUNCATED: _marks(0.2, 1), FlagKind.RECOGNISED: NEVER})

    assert [choice.counted for choice in found] == [(), (FlagKind.TRUNCATED,)]


def test_without_flags_there_is_one_board() -> None:
    (only,) = flag_choices(BOARD, {FlagKind.TRUNCATED: NEVER})

    assert (only.counted, only.added) == ((), 0)
    assert only.rates == pooled_rates(BOARD)


def test_a_board_of_flagged_votes_alone_has_no_rate_without_them() -> None:
    board = from_counts(wins=3, losses=1)

    without, counted = flag_choices(board, {FlagKind.TRUNCATED: np.ones(4, np.bool_)})

    assert without.rates == {}
    assert counted.added == 4
