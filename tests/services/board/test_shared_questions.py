"""One question is computed once for all who ask it, and for nobody who has left."""

import asyncio
import gc
from collections.abc import Coroutine
from typing import Any

import pytest

from arena.domain.board import BoardFilter
from arena.services.board.details import DetailedBoard
from arena.services.board.on_request import MOST_WAITING, BoardStatistics
from arena.services.board.worker_process import StatisticsFailed
from arena.storage.database import Database
from tests.builders import ANNOTATOR, seed_vote
from tests.fakes.board_statistics import detailed
from tests.services.board.questions import ALL, MATH, Desk, begun, settle


def test_a_question_of_many_is_computed_once(
    database: Database, statistics: BoardStatistics, desk: Desk
) -> None:
    seed_vote(database)

    async def crowd() -> list[Any]:
        return await asyncio.gather(*(detailed(statistics, ANNOTATOR, ALL) for _ in range(20)))

    found = asyncio.run(crowd())

    assert len(desk.asked) == 1
    assert all(one is found[0] for one in found)


def test_a_reader_who_leaves_takes_nothing_from_the_others(
    database: Database, statistics: BoardStatistics, desk: Desk
) -> None:
    seed_vote(database)
    desk.open.clear()

    async def one_leaves() -> int:
        leaving, staying = (
            asyncio.create_task(detailed(statistics, ANNOTATOR, ALL)) for _ in range(2)
        )
        await begun(desk)
        await settle()
        leaving.cancel()
        desk.open.set()
        return (await staying).board.votes

    assert asyncio.run(one_leaves()) == 1
    assert len(desk.asked) == 1


def test_who_asks_after_a_vote_gets_it_although_an_older_board_is_being_computed(
    database: Database, statistics: BoardStatistics, desk: Desk
) -> None:
    seed_vote(database)
    desk.open.clear()

    async def vote_meanwhile() -> list[int]:
        early = asyncio.create_task(detailed(statistics, ANNOTATOR, ALL))
        await begun(desk)
        seed_vote(database)
        late = asyncio.create_task(detailed(statistics, ANNOTATOR, ALL))
        await settle()
        seed_vote(database)
        last = asyncio.create_task(detailed(statistics, ANNOTATOR, ALL))
        await settle()
        desk.open.set()
        return [(await asked).board.votes for asked in (early, late, last)]

    votes = asyncio.run(vote_meanwhile())

    assert len(desk.asked) == 2  # the two that waited share one answer, which has both votes
    assert votes == [1, 3, 3]


def test_what_became_known_while_a_question_waited_is_not_computed_again(
    database: Database, statistics: BoardStatistics, desk: Desk
) -> None:
    seed_vote(database)
    desk.dawdles = True
    desk.open.clear()

    async def vote_meanwhile() -> list[int]:
        early = asyncio.create_task(detailed(statistics, ANNOTATOR, ALL))
        await begun(desk)
        seed_vote(database)
        late = asyncio.create_task(detailed(statistics, ANNOTATOR, ALL))
        await settle()
        desk.open.set()
        return [(await asked).board.votes for asked in (early, late)]

    assert asyncio.run(vote_meanwhile()) == [2, 2]
    assert len(desk.asked) == 1


def test_a_question_that_everybody_has_left_is_not_computed(
    database: Database, statistics: BoardStatistics, desk: Desk
) -> None:
    seed_vote(database, category="math")
    desk.open.clear()

    async def all_leave() -> None:
        first = asyncio.create_task(detailed(statistics, ANNOTATOR, ALL))
        await begun(desk)
        leaving = [asyncio.create_task(detailed(statistics, ANNOTATOR, MATH)) for _ in range(2)]
        await settle()
        for task in leaving:
            task.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
        desk.open.set()
        await first
        await settle()

    asyncio.run(all_leave())
    assert [question.board_filter for question in desk.asked] == [ALL]

    asyncio.run(detailed(statistics, ANNOTATOR, MATH))
    assert [question.board_filter for question in desk.asked] == [ALL, MATH]


def test_a_question_waits_as_long_as_one_reader_or_one_export_does(
    database: Database, statistics: BoardStatistics, desk: Desk
) -> None:
    seed_vote(database, category="math")
    desk.open.clear()

    async def most_leave(staying: Coroutine[Any, Any, DetailedBoard]) -> int:
        first = asyncio.create_task(detailed(statistics, ANNOTATOR, ALL))
        await begun(desk)
        stays = asyncio.create_task(staying)
        leaving = [asyncio.create_task(detailed(statistics, ANNOTATOR, MATH)) for _ in range(3)]
        await settle()
        for task in leaving:
            task.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
        desk.open.set()
        await first
        return (await stays).board.votes

    assert asyncio.run(most_leave(detailed(statistics, ANNOTATOR, MATH))) == 1
    seed_vote(database, category="math")
    desk.open.clear()
    export = asyncio.to_thread(statistics.detailed_for_operator, MATH)
    assert asyncio.run(most_leave(export)) == 2


def test_a_queue_that_is_full_refuses_what_is_not_in_it(
    database: Database, statistics: BoardStatistics, desk: Desk
) -> None:
    seed_vote(database)
    desk.open.clear()
    boards = [BoardFilter(category=f"category {number}") for number in range(MOST_WAITING)]

    async def crowd() -> None:
        waiting = [asyncio.create_task(detailed(statistics, ANNOTATOR, one)) for one in boards]
        await begun(desk)
        await settle()
        with pytest.raises(StatisticsFailed, match="too many boards are being computed"):
            await detailed(statistics, ANNOTATOR, ALL)
        waiting.append(asyncio.create_task(detailed(statistics, ANNOTATOR, boards[-1])))
        desk.open.set()
        await asyncio.gather(*waiting)
        await detailed(statistics, ANNOTATOR, ALL)

    asyncio.run(crowd())
    assert len(desk.asked) == MOST_WAITING + 1


@pytest.mark.parametrize("heard_before", [0, 1])
def test_who_has_left_leaves_no_error_in_the_log_when_the_worker_dies(
    database: Database,
    statistics: BoardStatistics,
    desk: Desk,
    caplog: pytest.LogCaptureFixture,
    heard_before: int,
) -> None:
    seed_vote(database)
    desk.dawdles = not heard_before
    desk.failures = 1
    desk.open.clear()

    async def leave() -> None:
        leaving = asyncio.create_task(detailed(statistics, ANNOTATOR, ALL))
        await begun(desk)
        await settle()
        leaving.cancel()
        await asyncio.wait([leaving])
        del leaving
        desk.open.set()
        await settle()
        gc.collect()

    asyncio.run(leave())

    assert caplog.text == ""
