"""Statistics on request: who may ask, what comes when, and what is kept."""

import asyncio
from contextlib import aclosing
from functools import partial
from threading import Thread

import pytest

from arena.domain.accounts import Caller
from arena.domain.board import NO_CATEGORY, BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.errors import NotAllowed, Refusal
from arena.domain.visibility import Visibility
from arena.services.board.details import DetailedBoard, RatedBoard
from arena.services.board.leaderboard import Leaderboards
from arena.services.board.on_request import BoardStatistics
from arena.services.board.worker_process import StatisticsFailed
from arena.storage.database import Database
from tests.builders import ADMIN, ANNOTATOR, seed_group, seed_vote, seed_votes
from tests.fakes.board_statistics import detailed
from tests.fakes.stored_campaigns import open_campaign, store_campaign
from tests.services.board.questions import ALL, MATH, Desk, begun, settle


@pytest.mark.parametrize("caller", [None, ANNOTATOR])
def test_who_may_not_read_boards_gets_no_statistics(
    database: Database, desk: Desk, caller: Caller | None
) -> None:
    statistics = BoardStatistics(database, visibility=Visibility.ADMINS, ask=desk.ask)

    for read in (
        partial(detailed, statistics),
        statistics.quality,
        statistics.by_category,
        statistics.robustness,
    ):
        with pytest.raises(NotAllowed):
            asyncio.run(read(caller, ALL))
    assert desk.asked == []


def test_details_are_known_until_somebody_votes(
    database: Database, statistics: BoardStatistics, desk: Desk
) -> None:
    seed_votes(database, wins=3, losses=1)

    first = asyncio.run(detailed(statistics, ANNOTATOR, ALL))

    assert asyncio.run(detailed(statistics, ANNOTATOR, ALL)) is first
    assert len(desk.asked) == 1
    asyncio.run(detailed(statistics, ANNOTATOR, MATH))
    assert len(desk.asked) == 2
    seed_vote(database)
    assert asyncio.run(detailed(statistics, ANNOTATOR, ALL)) is not first
    assert len(desk.asked) == 3


def test_intervals_come_before_agreement_and_both_are_of_the_same_votes(
    database: Database, statistics: BoardStatistics, desk: Desk
) -> None:
    seed_vote(database)
    desk.open.clear()

    async def vote_meanwhile() -> tuple[RatedBoard, RatedBoard, RatedBoard]:
        async with aclosing(statistics.boards(ANNOTATOR, ALL)) as boards:
            rated = await anext(boards)
            async with aclosing(statistics.boards(ANNOTATOR, ALL)) as others:
                shared = await anext(others)
            seed_vote(database)
            desk.open.set()
            return rated, shared, await anext(boards)

    rated, shared, complete = asyncio.run(vote_meanwhile())

    assert not isinstance(rated, DetailedBoard)
    assert shared is rated
    assert isinstance(complete, DetailedBoard)
    assert (complete.board, complete.rates) == (rated.board, rated.rates)
    assert complete.board.votes == 1
    assert len(desk.asked) == 1


def test_a_worker_that_dies_over_agreement_has_told_intervals_before(
    database: Database, statistics: BoardStatistics, desk: Desk
) -> None:
    seed_vote(database)
    desk.failures = 1

    async def told() -> RatedBoard:
        async with aclosing(statistics.boards(ANNOTATOR, ALL)) as boards:
            rated = await anext(boards)
            with pytest.raises(StatisticsFailed):
                await anext(boards)
        return rated

    assert asyncio.run(told()).board.votes == 1


def test_a_worker_that_dies_is_one_clear_error_and_asking_again_works(
    database: Database, statistics: BoardStatistics, desk: Desk
) -> None:
    seed_vote(database)
    desk.failures = 1

    with pytest.raises(StatisticsFailed):
        asyncio.run(detailed(statistics, ANNOTATOR, ALL))

    assert asyncio.run(detailed(statistics, ANNOTATOR, ALL)).board.votes == 1


def test_an_arena_that_closes_does_not_wait_for_one_that_is_just_being_asked(
    database: Database, statistics: BoardStatistics, desk: Desk
) -> None:
    seed_vote(database)
    desk.open.clear()

    async def waiting() -> list[asyncio.Task[DetailedBoard]]:
        tasks = [asyncio.create_task(detailed(statistics, ADMIN, ALL))]
        await begun(desk)
        tasks.append(asyncio.create_task(detailed(statistics, ADMIN, MATH)))
        await settle()
        # Who asks holds the one lock and then needs that of the queue.
        with statistics._lock:
            closing = Thread(target=statistics.close)
            closing.start()
            await settle()
            assert statistics._queue._shutdown_lock.acquire(timeout=10)
            statistics._queue._shutdown_lock.release()
        closing.join(10)
        assert not closing.is_alive()
        desk.open.set()
        await asyncio.wait(tasks)
        return tasks

    computed, queued = asyncio.run(waiting())
    assert computed.result().board.votes == 1
    assert queued.cancelled()


def test_single_annotators_are_there_for_admins_alone(
    database: Database, statistics: BoardStatistics
) -> None:
    seed_votes(database, wins=3, losses=1)

    for_admin = asyncio.run(statistics.quality(ADMIN, ALL))
    for_reader = asyncio.run(statistics.quality(ANNOTATOR, ALL))

    assert for_admin.annotators is not None
    assert [one.name for one in for_admin.annotators] == ["ada"]
    assert for_reader.annotators is None
    assert "ada" not in repr(for_reader)


def test_statistics_of_a_group_of_few_are_for_admins_and_operators_alone(
    database: Database, statistics: BoardStatistics
) -> None:
    seed_group(database, "few", "ada", "bob")
    few = BoardFilter(group="few")

    asyncio.run(detailed(statistics, ADMIN, few))
    assert statistics.detailed_for_operator(few).board.votes == 2
    for read in (
        partial(detailed, statistics),
        statistics.quality,
        statistics.by_category,
        statistics.robustness,
    ):
        with pytest.raises(NotAllowed) as caught:
            asyncio.run(read(ANNOTATOR, few))
        assert caught.value.refusal is Refusal.GROUP_TOO_SMALL

    seed_group(database, "few", "eve")
    assert asyncio.run(detailed(statistics, ANNOTATOR, few)).board.votes == 3


def test_statistics_are_for_admins_alone_while_a_campaign_is_open(
    database: Database, statistics: BoardStatistics
) -> None:
    seed_votes(database, wins=3, losses=1)
    store_campaign(database, "What is the capital of France?")
    open_campaign(database)

    assert asyncio.run(detailed(statistics, ADMIN, ALL)).board.votes == 4
    for read in (
        partial(detailed, statistics),
        statistics.quality,
        statistics.by_category,
        statistics.robustness,
    ):
        with pytest.raises(NotAllowed) as caught:
            asyncio.run(read(ANNOTATOR, ALL))
        assert caught.value.refusal is Refusal.CAMPAIGN_IS_OPEN


def test_categories_are_told_apart_and_votes_without_one_are_there(
    database: Database, statistics: BoardStatistics
) -> None:
    seed_votes(database, wins=3, losses=1, category="math")
    seed_votes(database, losses=2)

    found = asyncio.run(statistics.by_category(ANNOTATOR, ALL)).by_category

    alpha = ModelKey("alpha")
    rates = {category: one.rates[alpha].rate for category, one in found.items()}
    assert rates == {NO_CATEGORY: 0.0, "math": 0.75}


def test_counts_come_with_the_statistics_of_the_same_votes(
    database: Database, statistics: BoardStatistics, desk: Desk
) -> None:
    seed_vote(database, category="math")
    boards = Leaderboards(database, visibility=Visibility.ANNOTATORS)
    counted = boards.board(ANNOTATOR)
    seed_vote(database, category="math")

    found = asyncio.run(detailed(statistics, ANNOTATOR, ALL))
    quality = asyncio.run(statistics.quality(ANNOTATOR, ALL))
    categories = asyncio.run(statistics.by_category(ANNOTATOR, ALL))
    math = categories.by_category["math"]

    alpha = ModelKey("alpha")
    assert counted.comparisons == 1
    assert found.board.comparisons == found.rates.pooled[alpha].record.total == 2
    assert quality.board.comparisons == quality.comparisons == 2
    assert categories.board.comparisons == 2
    assert math.board.comparisons == math.rates[alpha].record.total == 2
    assert math.board.filter == MATH


def test_exports_wait_for_the_same_answer(
    database: Database, statistics: BoardStatistics, desk: Desk
) -> None:
    seed_vote(database)

    found = statistics.detailed_for_operator(ALL)

    assert found.board.votes == 1
    assert asyncio.run(detailed(statistics, ANNOTATOR, ALL)) is found
    assert statistics.detailed_for_operator(ALL) is found
    assert len(desk.asked) == 1


def test_who_asks_a_closed_arena_is_told_so(
    database: Database, statistics: BoardStatistics
) -> None:
    statistics.close()

    with pytest.raises(StatisticsFailed, match="shutting down"):
        asyncio.run(detailed(statistics, ANNOTATOR, ALL))
