"""Flags, categories and times stand beside their comparisons."""

from datetime import UTC, datetime, timedelta

from arena.domain.board import EXCLUDING_FLAGS, NO_CATEGORY, BoardFilter
from arena.domain.reply import FlagKind
from arena.storage.comparison_facts import cast_days, category_column, flag_marks
from arena.storage.database import Database
from tests.builders import NOON, seed_vote

ALL = BoardFilter(include_flagged=True)


def test_each_row_has_its_own_flags(database: Database) -> None:
    seed_vote(database, recognised=True)
    seed_vote(database)
    seed_vote(database, reply_flags={0: (FlagKind.TRUNCATED, FlagKind.IDENTITY_LEAK)})

    with database.reading() as connection:
        found = flag_marks(connection, ALL)
        unflagged = flag_marks(connection, BoardFilter())

    assert tuple(found) == EXCLUDING_FLAGS
    assert found[FlagKind.RECOGNISED].tolist() == [True, False, False]
    assert found[FlagKind.TRUNCATED].tolist() == [False, False, True]
    assert found[FlagKind.IDENTITY_LEAK].tolist() == [False, False, True]
    assert not found[FlagKind.ANNOTATOR_EXCLUDED].any()
    assert [marks.tolist() for marks in unflagged.values()] == [[False]] * len(EXCLUDING_FLAGS)


def test_each_row_has_its_category(database: Database) -> None:
    for category in ("math", None, "code", "math"):
        seed_vote(database, category=category)

    with database.reading() as connection:
        found = category_column(connection, ALL)
        of_math = category_column(connection, BoardFilter(category="math"))

    assert [found.names[number] for number in found.number] == ["math", NO_CATEGORY, "code", "math"]
    assert (of_math.number.tolist(), of_math.names) == ([0, 0], ("math",))


def test_each_row_has_its_time_in_days(database: Database) -> None:
    seed_vote(database, at=NOON)
    seed_vote(database, at=NOON + timedelta(hours=6))

    with database.reading() as connection:
        found = cast_days(connection, ALL)

    since = (NOON - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(days=1)
    assert abs(found - [since, since + 0.25]).max() < 1e-6


def test_an_empty_board_has_empty_columns(database: Database) -> None:
    with database.reading() as connection:
        assert len(category_column(connection, ALL).number) == 0
        assert len(cast_days(connection, ALL)) == 0
        assert all(len(marks) == 0 for marks in flag_marks(connection, ALL).values())
