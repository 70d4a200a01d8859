"""Every table and constraint. The vote ledger's rules are the database's, not only Python's."""

from arena.storage.schema.accounts import (
    address_hours,
    addresses,
    annotators,
    invitations,
    sessions,
)
from arena.storage.schema.assignments import assignments, items, slot_counts
from arena.storage.schema.battles import battles, draws, leases, models, slots, turns
from arena.storage.schema.boards import board_snapshots, board_version, outcomes
from arena.storage.schema.campaigns import (
    campaign_answers,
    campaign_events,
    campaign_members,
    campaign_models,
    campaign_prompts,
    campaign_replies,
    campaign_versions,
    campaigns,
    check_replies,
    exclusions,
)
from arena.storage.schema.chain import vote_chain
from arena.storage.schema.columns import UtcDateTime, metadata
from arena.storage.schema.replies import replies, reply_styles, slot_replies
from arena.storage.schema.values import VALUE_SETS
from arena.storage.schema.votes import (
    flags,
    revision_rankings,
    revision_reasons,
    revision_scores,
    vote_rankings,
    vote_reasons,
    vote_revisions,
    vote_scores,
    votes,
)
from arena.storage.schema.withdrawn import withdrawn_replies, withdrawn_turns

__all__ = [
    "VALUE_SETS",
    "UtcDateTime",
    "address_hours",
    "addresses",
    "annotators",
    "assignments",
    "battles",
    "board_snapshots",
    "board_version",
    "campaign_answers",
    "campaign_events",
    "campaign_members",
    "campaign_models",
    "campaign_prompts",
    "campaign_replies",
    "campaign_versions",
    "campaigns",
    "check_replies",
    "draws",
    "exclusions",
    "flags",
    "invitations",
    "items",
    "leases",
    "metadata",
    "models",
    "outcomes",
    "replies",
    "reply_styles",
    "revision_rankings",
    "revision_reasons",
    "revision_scores",
    "sessions",
    "slot_counts",
    "slot_replies",
    "slots",
    "turns",
    "vote_chain",
    "vote_rankings",
    "vote_reasons",
    "vote_revisions",
    "vote_scores",
    "votes",
    "withdrawn_replies",
    "withdrawn_turns",
]
