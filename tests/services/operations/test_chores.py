"""One failed round ends nothing: the next one comes, and the administrator can count them."""

import asyncio
import logging
from typing import Any

import pytest

from arena.services.failures import FailureKind, FailureLog
from arena.services.operations.chores import Chore, repeat
from tests.fakes.loop import VIRTUAL_TIME, FakeClock

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


class Sweeping:
    """Fails in rounds 2 and 3."""

    def __init__(self) -> None:
        self.rounds = 0

    async def sweep(self) -> None:
        self.rounds += 1
        if self.rounds in {2, 3}:
            raise KeyError(f"round {self.rounds}")


async def test_a_round_that_fails_is_logged_and_counted_and_the_next_one_comes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, sweeping = FakeClock(), Sweeping()
    failure_log = FailureLog(clock)
    chore = Chore("sweeping", 600, sweeping.sweep)
    with caplog.at_level(logging.ERROR):
        task = asyncio.create_task(repeat(chore, clock=clock, failure_log=failure_log))
        await asyncio.sleep(5 * 600 + 1)
    assert sweeping.rounds == 5
    assert not task.done()
    assert caplog.text.count("sweeping failed; it is tried again in 600 s") == 2
    assert failure_log.counted[FailureKind.CHORE_FAILED] == 2
    assert failure_log.newest[0].detail == "sweeping: KeyError: 'round 3'"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_only_the_newest_twenty_troubles_are_kept_and_all_are_counted() -> None:
    failure_log = FailureLog(FakeClock())
    for number in range(30):
        failure_log.record(FailureKind.CANNOT_STORE, f"number\n {number}")
    assert [failure.detail for failure in failure_log.newest[:2]] == ["number 29", "number 28"]
    assert len(failure_log.newest) == 20
    assert failure_log.counted == {
        FailureKind.TURN_NOT_STORED: 0,
        FailureKind.CANNOT_STORE: 30,
        FailureKind.CHORE_FAILED: 0,
    }
