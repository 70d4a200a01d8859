"""The view `comparisons`: one row a pairwise outcome, with the verdict in force."""

from sqlalchemy import Boolean, Integer, Text, column, table

from arena.storage.schema import UtcDateTime

comparisons = table(
    "comparisons",
    column("vote_id", Integer),
    column("battle_id", Text),
    column("annotator_id", Integer),
    column("created_at", UtcDateTime),
    column("category", Text),
    column("language", Text),
    column("position_a", Integer),
    column("position_b", Integer),
    column("model_a", Text),
    column("model_b", Text),
    column("model_id_a", Integer),
    column("model_id_b", Integer),
    column("verdict", Text),
    column("recognised", Boolean),
    column("identity_leak", Boolean),
    column("truncated", Boolean),
    column("campaign_id", Integer),
)
"""The columns that queries read of the view."""
