"""What leaderboards count, and the SQL of their filter."""

from arena.storage.boards.comparisons import comparisons
from arena.storage.boards.conditions import board_conditions, campaign_number
from arena.storage.boards.counts import (
    CastCount,
    OutcomeCount,
    RankedCount,
    WeightedCount,
    cast_count,
    is_import_day,
    last_vote,
    outcome_counts,
    ranked_count,
    weighted_counts,
)
from arena.storage.boards.flags import FlagCount, flag_counts
from arena.storage.boards.names import model_keys, model_names, remote_models
from arena.storage.boards.version import version
from arena.storage.boards.void import VoidCount, void_battles, void_counts

__all__ = [
    "CastCount",
    "FlagCount",
    "OutcomeCount",
    "RankedCount",
    "VoidCount",
    "WeightedCount",
    "board_conditions",
    "campaign_number",
    "cast_count",
    "comparisons",
    "flag_counts",
    "is_import_day",
    "last_vote",
    "model_keys",
    "model_names",
    "outcome_counts",
    "ranked_count",
    "remote_models",
    "version",
    "void_battles",
    "void_counts",
    "weighted_counts",
]
