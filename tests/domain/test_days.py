"""Days and their moments."""

from datetime import UTC, date, datetime

import pytest

from arena.domain.days import end_of_day, start_of_day


def test_a_day_lasts_from_its_midnight_to_the_next_in_utc() -> None:
    day = date(2026, 2, 28)

    assert start_of_day(day) == datetime(2026, 2, 28, tzinfo=UTC)
    assert end_of_day(day) == datetime(2026, 3, 1, tzinfo=UTC)


def test_the_last_day_of_the_calendar_does_not_end() -> None:
    with pytest.raises(OverflowError):
        end_of_day(date.max)
