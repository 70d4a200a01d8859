"""The files of an archive, and what a line of each says."""

import re
from collections.abc import Mapping

from arena.storage.campaigns.archive.records import (
    ArchivedAnnotator,
    ArchivedBallot,
    ArchivedCampaign,
    ArchivedComparison,
    ArchivedHour,
    ArchivedItem,
    ArchivedModel,
    ArchivedPlace,
    ArchivedPrompt,
)

FORMAT = 1
"""Grows when an older arena could not read an archive any more."""

README = "README.md"
VERSIONS = "versions.json"
CAMPAIGN = "campaign.json"
PROMPTS = "prompts.jsonl"
MODELS = "models.jsonl"
REPLIES = "replies.jsonl"
ANNOTATORS = "annotators.jsonl"
ADDRESS_HOURS = "address_hours.jsonl"
ITEMS = "items.jsonl"
BALLOTS = "ballots.jsonl"
COMPARISONS = "comparisons.jsonl"
BOARD = "leaderboard.json"
BOARD_TABLE = "leaderboard.csv"
CHECKSUMS = "SHA256SUMS"

RECORDS: Mapping[str, type] = {
    CAMPAIGN: ArchivedCampaign,
    PROMPTS: ArchivedPrompt,
    MODELS: ArchivedModel,
    REPLIES: ArchivedPlace,
    ANNOTATORS: ArchivedAnnotator,
    ADDRESS_HOURS: ArchivedHour,
    ITEMS: ArchivedItem,
    BALLOTS: ArchivedBallot,
    COMPARISONS: ArchivedComparison,
}
"""What a line of a file is; the campaign's file has a single one."""

ALWAYS = frozenset({*RECORDS, README, VERSIONS, BOARD, BOARD_TABLE, CHECKSUMS})
"""The files that every archive has; figures of the models that were voted on come on top."""

_FIGURE = re.compile(r"figures/[1-9]\.(svg|csv)")


def figure_file(position: int, kind: str) -> str:
    """Return the file of the figure of the model at a position of the campaign."""
    return f"figures/{position + 1}.{kind}"


def is_known(name: str) -> bool:
    """Return whether an archive may have a file of that name."""
    return name in ALWAYS or _FIGURE.fullmatch(name) is not None
