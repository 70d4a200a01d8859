"""Threads of a server take short turns."""

import sys
from collections.abc import Iterator

import pytest

from arena.services.operations.thread_switching import shorten_switch_interval


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


def test_a_thread_that_computes_gives_way_within_a_millisecond() -> None:
    shorten_switch_interval()

    assert sys.getswitchinterval() <= 0.001
