"""The view of the ranks that count: those of the newest revision, or else of the vote."""

from sqlalchemy import Integer, column, table

rankings_in_force = table(
    "rankings_in_force",
    column("vote_id", Integer),
    column("position", Integer),
    column("rank", Integer),
)
