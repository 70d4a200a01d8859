"""Replies that end at the same time are stored in one transaction, none at another's cost."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from arena.domain.campaign_replies import Place, ReplyStatus
from arena.domain.conversation import Message, Role
from arena.domain.reply import ReplyEnd
from arena.services.campaigns.replies.ledger import Answered, Settled
from arena.services.campaigns.replies.storing import Storing
from arena.services.campaigns.replies.writing import Written
from arena.storage.campaigns.replies import StoredReply
from arena.storage.database import StorageError
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio


class Ledger:
    """Stores prompts by their numbers, but not those of `refused`, once it may go on."""

    def __init__(self, *refused: int, error: type[Exception] = StorageError) -> None:
        self.transactions: list[list[int]] = []
        self.may_go_on = threading.Event()
        self._refused = set(refused)
        self._error = error

    def keep_all(self, answered: Sequence[Answered]) -> list[Settled]:
        numbers = [one.place.prompt for one in answered]
        self.transactions.append(numbers)
        assert self.may_go_on.wait(60)
        if self._refused & set(numbers):
            raise self._error(f"not {numbers}")
        return [_settled(number) for number in numbers]


def _settled(number: int) -> Settled:
    reply = StoredReply(number, 1, "", f"reply {number}", ReplyEnd.STOP, None)
    return Settled(reply, ReplyStatus.WHOLE)


def _answered(number: int) -> Answered:
    asked = (Message(Role.USER, f"question {number}"),)
    return Answered(Place(0, number, 1), asked, Written(f"reply {number}", ReplyEnd.STOP))


async def _begun(ledger: Ledger, *numbers: int) -> list[asyncio.Task[Settled]]:
    """Let the first reply be on its way to the ledger, and the others wait for it."""
    storing = Storing(ledger.keep_all)
    first, *rest = (storing.keep(_answered(number)) for number in numbers)
    tasks = [asyncio.create_task(first)]
    await until(lambda: ledger.transactions == [[numbers[0]]])
    tasks += [asyncio.create_task(one) for one in rest]
    await asyncio.sleep(0)
    return tasks


async def test_replies_that_end_during_a_commit_share_the_next_one() -> None:
    ledger = Ledger()
    tasks = await _begun(ledger, 1, 2, 3, 4)
    ledger.may_go_on.set()
    assert await asyncio.gather(*tasks) == [_settled(number) for number in (1, 2, 3, 4)]
    assert ledger.transactions == [[1], [2, 3, 4]]


async def test_a_reply_is_stored_at_once_where_no_other_is_on_its_way() -> None:
    ledger = Ledger()
    ledger.may_go_on.set()
    storing = Storing(ledger.keep_all)
    for number in (1, 2):
        assert await storing.keep(_answered(number)) == _settled(number)
    assert ledger.transactions == [[1], [2]]


async def test_a_reply_that_cannot_be_stored_costs_no_other() -> None:
    ledger = Ledger(3)
    tasks = await _begun(ledger, 1, 2, 3, 4)
    ledger.may_go_on.set()
    one, two, three, four = await asyncio.gather(*tasks, return_exceptions=True)
    assert [one, two, four] == [_settled(number) for number in (1, 2, 4)]
    assert isinstance(three, StorageError)
    assert ledger.transactions == [[1], [2, 3, 4], [2], [3], [4]]


async def test_whatever_else_goes_wrong_reaches_all_who_wait() -> None:
    ledger = Ledger(2, error=ValueError)
    tasks = await _begun(ledger, 1, 2, 3)
    ledger.may_go_on.set()
    one, two, three = await asyncio.gather(*tasks, return_exceptions=True)
    assert one == _settled(1)
    assert isinstance(two, ValueError)
    assert isinstance(three, ValueError)


async def test_a_stop_waits_until_its_replies_are_stored() -> None:
    ledger = Ledger()
    tasks = await _begun(ledger, 1, 2)
    for task in tasks:
        task.cancel()
    await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)
    ledger.may_go_on.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert ledger.transactions == [[1], [2]]
    assert all(task.cancelled() for task in tasks)
