"""Whether annotators learn which models answered."""

from enum import StrEnum


class RevealPolicy(StrEnum):
    """When the models of a battle are named to its annotator.

    Each reveal teaches an annotator what a model writes like, which later votes may follow.
    """

    AFTER_VOTE = "after_vote"
    NEVER = "never"
