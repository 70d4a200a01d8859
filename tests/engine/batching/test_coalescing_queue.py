"""What a worker hands over is taken in groups, and its end at once."""

import asyncio
from typing import Any

import pytest

from arena.engine.batching.coalescing_queue import CoalescingQueue
from tests.fakes.loop import VIRTUAL_TIME

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


async def put_every(queue: CoalescingQueue[int], seconds: float, count: int) -> None:
    """Put numbers, the last of them as the last."""
    for number in range(count):
        await asyncio.sleep(seconds)
        queue.put(number, number == count - 1)


async def test_without_a_pause_everything_is_taken_as_it_comes() -> None:
    queue: CoalescingQueue[int] = CoalescingQueue()
    writing = asyncio.create_task(put_every(queue, 1.0, 3))
    assert [await queue.take(0) for _ in range(3)] == [[0], [1], [2]]
    await writing


async def test_a_pause_gathers_and_the_last_item_ends_it() -> None:
    queue: CoalescingQueue[int] = CoalescingQueue()
    writing = asyncio.create_task(put_every(queue, 1.0, 7))
    times, groups = [], []
    for _ in range(3):
        groups.append(await queue.take(3.5))
        times.append(asyncio.get_running_loop().time())
    assert groups == [[0], [1, 2, 3], [4, 5, 6]]
    assert times == [1.0, 4.5, 7.0]
    await writing


async def test_what_comes_after_the_last_item_is_taken_too() -> None:
    queue: CoalescingQueue[str] = CoalescingQueue()
    queue.put("end", last=True)
    assert await queue.take(9.0) == ["end"]
    queue.put("the batch has died", last=True)
    assert await queue.take(9.0) == ["the batch has died"]
