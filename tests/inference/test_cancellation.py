"""A background task that is stopped has ended when the stop returns."""

import asyncio

import pytest

from arena.inference.cancellation import cancel_and_wait

pytestmark = pytest.mark.anyio


async def test_a_cancelled_task_has_ended() -> None:
    task = asyncio.create_task(asyncio.Event().wait())
    await cancel_and_wait(task)
    assert task.cancelled()


async def test_the_error_of_a_task_that_failed_is_raised() -> None:
    async def fail() -> None:
        raise ValueError("broken")

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="broken"):
        await cancel_and_wait(task)


async def test_no_task_is_nothing_to_do() -> None:
    await cancel_and_wait(None)
