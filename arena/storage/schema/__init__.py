"""Every table and constraint. The vote ledger's rules are the database's, not only Python's."""

from arena.storage.schema.accounts import address_hours, addresses, annotators, sessions
from arena.storage.schema.battles import battles, campaigns, draws, leases, models, slots, turns
from arena.storage.schema.boards import board_version, outcomes
from arena.storage.schema.columns import UtcDateTime, metadata
from arena.storage.schema.replies import replies, slot_replies
from arena.storage.schema.values import VALUE_SETS
from arena.storage.schema.votes import flags, vote_rankings, vote_reasons, vote_revisions, votes
from arena.storage.schema.withdrawn import withdrawn_replies, withdrawn_turns

__all__ = [
    "VALUE_SETS",
    "UtcDateTime",
    "address_hours",
    "addresses",
    "annotators",
    "battles",
    "board_version",
    "campaigns",
    "draws",
    "flags",
    "leases",
    "metadata",
    "models",
    "outcomes",
    "replies",
    "sessions",
    "slot_replies",
    "slots",
    "turns",
    "vote_rankings",
    "vote_reasons",
    "vote_revisions",
    "votes",
    "withdrawn_replies",
    "withdrawn_turns",
]
