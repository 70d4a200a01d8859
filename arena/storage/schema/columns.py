"""What all tables share: names of constraints, times, fixed sets of values."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class UtcDateTime(sa.TypeDecorator[datetime]):
    """Aware datetimes in UTC, stored without an offset; a naive one is refused."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Turn an aware datetime into naive UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a stored time needs a time zone, got {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        """Turn naive UTC into an aware datetime."""
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else None


def one_of(column: str, kinds: type[StrEnum]) -> sa.CheckConstraint:
    """Return the check that a column holds a value of an enum."""
    choices = ", ".join(f"'{kind.value}'" for kind in kinds)
    return sa.CheckConstraint(f"{column} IN ({choices})", name=column)
