"""A board is computed once for each state of the votes, and never shown after they changed."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from arena.domain.board import BoardFilter
from arena.domain.visibility import Visibility
from arena.services.board.cache import BoardCache
from arena.services.board.leaderboard import Leaderboards
from arena.storage.database import Database
from tests.builders import seed_vote


class Counting:
    """Says how many times it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> int:
        self.calls += 1
        return self.calls


def test_a_value_is_computed_anew_only_for_another_version() -> None:
    count = Counting()
    cache: BoardCache[str, int] = BoardCache(most=2)

    def ask(version: int | None) -> int:
        return cache.get("all", version, count)

    assert [ask(1), ask(1), ask(2), ask(2), ask(None), ask(None)] == [1, 1, 2, 2, 3, 4]


def test_the_value_asked_for_longest_ago_leaves_first() -> None:
    count = Counting()
    cache: BoardCache[str, int] = BoardCache(most=2)
    for key in ("a", "b", "c", "b", "c", "a"):
        cache.get(key, 1, count)
    assert count.calls == 4


def test_many_who_ask_at_once_share_one_computation() -> None:
    count = Counting()
    cache: BoardCache[str, int] = BoardCache(most=2)
    together = Barrier(8)

    def ask(_: int) -> int:
        together.wait()
        return cache.get("all", 1, count)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {1}


def test_a_board_is_the_same_object_until_somebody_votes(database: Database) -> None:
    boards = Leaderboards(database, visibility=Visibility.PUBLIC)
    seed_vote(database)
    first = boards.board(None)
    assert boards.board(None) is first
    assert boards.board(None, BoardFilter(category="math")) is not first
    seed_vote(database)
    assert boards.board(None).votes == first.votes + 1
