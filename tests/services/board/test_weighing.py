"""Boards of votes whose pairs were drawn by earlier votes: re-weighted, and said."""

from collections.abc import Iterator

import pytest

from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.services.board.categories import board_categories
from arena.services.board.details import detailed_board
from arena.services.board.leaderboard import Board, board_of
from arena.services.board.robustness.computing import board_robustness
from arena.services.board.rows import board_document
from arena.storage.columns import outcome_columns
from arena.storage.database import Database
from tests.builders import seed_vote

ALPHA, BETA, GAMMA = (ModelKey(key) for key in ("alpha", "beta", "gamma"))
EVEN = 1 / 3
EVERYTHING = BoardFilter(include_flagged=True)


def seed(database: Database, *, drawn: float = 0.6, recognised: bool = False) -> None:
    """Alpha wins 6 of 8 against beta, a likely pair, and 1 of 4 against gamma, drawn evenly."""
    with database.writing() as connection:
        for number in range(8):
            seed_vote(
                connection,
                Verdict.B_BETTER if number < 2 else Verdict.A_BETTER,
                models=("alpha", "beta"),
                annotator=f"person {number}",
                prompts=(f"Prompt {number}",),
                category="math",
                recognised=recognised and number < 2,
                chances=(drawn, EVEN),
            )
        for number in range(4):
            seed_vote(
                connection,
                Verdict.A_BETTER if number < 3 else Verdict.B_BETTER,
                models=("gamma", "alpha"),
                annotator=f"person {number}",
                prompts=(f"Question {number}",),
                category="math",
            )


def counted(database: Database, board_filter: BoardFilter) -> Board:
    with database.reading() as connection:
        return board_of(connection, board_filter)


def boards(database: Database, board_filter: BoardFilter) -> Iterator[Board]:
    """The board as the database counts it, and as it is counted from columns."""
    yield counted(database, board_filter)
    yield detailed_board(database, board_filter).board


def rate(board: Board, key: ModelKey) -> float | None:
    return next(one.pooled.rate for one in board.models if one.model == key)


@pytest.mark.parametrize("board_filter", [BoardFilter(), BoardFilter(category="math"), EVERYTHING])
def test_a_likely_pair_counts_for_less_in_the_rate_of_a_model(
    database: Database, board_filter: BoardFilter
) -> None:
    seed(database)
    weight = EVEN / 0.6
    for board in boards(database, board_filter):
        assert rate(board, ALPHA) == pytest.approx((6 * weight + 1) / (8 * weight + 4))
        assert rate(board, BETA) == pytest.approx(2 / 8)
        assert board.informed == 8
        alpha = board.models[0].pooled
        assert (alpha.wins, alpha.losses) == (7, 5)


def test_the_interval_and_every_other_table_speak_of_the_same_rate(database: Database) -> None:
    seed(database)
    expected = pytest.approx(rate(counted(database, BoardFilter()), ALPHA))
    assert detailed_board(database, BoardFilter()).rates.pooled[ALPHA].rate == expected
    with database.reading() as connection:
        found = board_categories(connection, BoardFilter()).by_category["math"]
    assert found.rates[ALPHA].rate == expected
    assert rate(found.board, ALPHA) == expected
    robustness = board_robustness(database, BoardFilter())
    assert robustness.flags[0].rates[ALPHA].rate == expected


def test_flagged_votes_weigh_nothing_while_they_are_left_out(database: Database) -> None:
    seed(database, recognised=True)
    weight = EVEN / 0.6
    for board in boards(database, BoardFilter()):
        assert board.informed == 6
        assert rate(board, ALPHA) == pytest.approx((6 * weight + 1) / (6 * weight + 4))
    for board in boards(database, EVERYTHING):
        assert board.informed == 8


def test_a_filter_without_such_votes_counts_each_once(database: Database) -> None:
    seed(database)
    some = BoardFilter(models=frozenset((ALPHA, GAMMA)))
    for board in boards(database, some):
        assert (board.informed, rate(board, ALPHA)) == (0, 1 / 4)
    with database.reading() as connection:
        assert outcome_columns(connection, some).weight is None


def test_votes_drawn_evenly_by_chance_are_said_and_change_nothing(database: Database) -> None:
    seed(database, drawn=EVEN)
    for board in boards(database, BoardFilter()):
        assert board.informed == 8
        assert rate(board, ALPHA) == pytest.approx(7 / 12)


def test_the_document_says_how_many_comparisons_were_drawn_by_votes(database: Database) -> None:
    seed(database)
    document = board_document(detailed_board(database, BoardFilter()))
    assert document["informed_comparisons"] == 8
    (alpha,) = (one for one in document["model_rates"] if one["model"] == ALPHA)
    assert (alpha["wins"], alpha["losses"]) == (7, 5)
    assert alpha["pooled_rate"] == pytest.approx((6 * EVEN / 0.6 + 1) / (8 * EVEN / 0.6 + 4))
