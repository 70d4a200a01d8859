"""Queries on campaigns, which battles may belong to."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from arena.storage.schema import campaigns


def ensure_campaign(connection: Connection, name: str, now: datetime) -> int:
    """Return the number of the campaign of that name, created if there is none."""
    found = connection.execute(select(campaigns.c.id).where(campaigns.c.name == name))
    number: int | None = found.scalar_one_or_none()
    if number is not None:
        return number
    made = insert(campaigns).values(name=name, created_at=now).returning(campaigns.c.id)
    return int(connection.execute(made).scalar_one())


def campaign_names(connection: Connection) -> tuple[str, ...]:
    """Return the names of all campaigns, sorted."""
    return tuple(connection.execute(select(campaigns.c.name).order_by(campaigns.c.name)).scalars())
