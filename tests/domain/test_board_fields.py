"""Limits of a board filter as texts, and back."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from arena.domain.board import NO_CATEGORY, BoardFilter
from arena.domain.board_fields import filter_of, limits_of
from arena.domain.conversation import ModelKey

WHOLE = BoardFilter(
    category="math",
    language="zh",
    group="linguists",
    models=frozenset(map(ModelKey, ("alpha", "beta"))),
    since=datetime(2026, 3, 1, tzinfo=UTC),
    until=datetime(2026, 3, 8, tzinfo=UTC),
    include_flagged=True,
    campaign="pilot",
    without_one_address=True,
)


@pytest.mark.parametrize("board_filter", [BoardFilter(), WHOLE, BoardFilter(category=NO_CATEGORY)])
def test_limits_give_back_their_filter(board_filter: BoardFilter) -> None:
    assert filter_of(limits_of(board_filter)) == board_filter


def test_days_are_both_included_and_models_in_order() -> None:
    limits = limits_of(WHOLE)

    assert (limits["since"], limits["until"]) == (["2026-03-01"], ["2026-03-07"])
    assert limits["among"] == ["alpha", "beta"]
    assert limits["without"] == ["one_address"]


def test_who_is_left_out_is_no_limit_that_anybody_reads() -> None:
    assert limits_of(replace(BoardFilter(), left_out=frozenset())) == {}
