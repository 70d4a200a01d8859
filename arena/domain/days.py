"""Days as people choose them and the moments at which they begin and end, in UTC."""

from datetime import UTC, date, datetime, time, timedelta


def start_of_day(day: date) -> datetime:
    """Return the first moment of a day."""
    return datetime.combine(day, time(), UTC)


def end_of_day(day: date) -> datetime:
    """Return the first moment after a day; raise OverflowError for 9999-12-31."""
    return start_of_day(day) + timedelta(days=1)


def last_midnight(now: datetime) -> datetime:
    """Return the moment in UTC at which the present day began where the server stands."""
    return now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
