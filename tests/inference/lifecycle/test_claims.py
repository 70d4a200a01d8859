"""Who needs a model: holds that end by a vote, by time, and whatever the threads do."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from arena.domain.conversation import ModelKey
from arena.inference.lifecycle.claims import Claims

A, B = ModelKey("a"), ModelKey("b")
HOLD_S = 600.0


@pytest.fixture
def claims() -> Claims:
    return Claims(HOLD_S)


@pytest.fixture
def hectic_threads() -> Iterator[None]:
    """Threads take turns after a microsecond instead of five thousand."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_a_model_is_in_use_while_it_answers_or_is_held(claims: Claims) -> None:
    claims.hold("battle", [A], 0.0)
    with claims.answering(B, 1.0):
        assert claims.in_use(2.0) == {A, B}
        claims.release("battle")
        assert claims.in_use(2.0) == {B}
    assert claims.in_use(2.0) == frozenset()


def test_a_released_battle_whose_model_still_answers_keeps_it(claims: Claims) -> None:
    claims.hold("battle", [A], 0.0)
    with claims.answering(A, 0.0), claims.answering(A, 0.0):
        claims.release("battle")
        assert claims.in_use(HOLD_S * 2) == {A}


def test_a_hold_ends_by_itself_unless_it_is_renewed(claims: Claims) -> None:
    claims.hold("left", [A], 0.0)
    claims.hold("read", [B], 0.0)
    claims.hold("read", [B], 500.0)
    assert claims.in_use(HOLD_S - 1) == {A, B}
    assert claims.in_use(HOLD_S) == {B}
    assert claims.in_use(HOLD_S + 500.0) == frozenset()


@pytest.mark.usefixtures("hectic_threads")
def test_votes_from_other_threads_disturb_nobody_and_leave_nothing(claims: Claims) -> None:
    owners = [f"battle {number}" for number in range(2000)]
    for owner in owners:
        claims.hold(owner, [A], 0.0)
    claims.hold("open", [B], 0.0)

    with ThreadPoolExecutor(4) as votes:
        cast = votes.map(claims.release, owners)
        while A in claims.in_use(1.0):
            assert B in claims.in_use(1.0)
        list(cast)

    assert claims.in_use(1.0) == {B}
