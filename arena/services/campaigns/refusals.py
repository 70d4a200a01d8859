"""What a campaign's commands refuse, in one sentence that says what to change."""

from collections.abc import Mapping
from enum import StrEnum


class CampaignRefusal(StrEnum):
    """Why an admin's page may be refused something. Each has a sentence in every locale."""

    NO_CAMPAIGN = "no_campaign"
    IMPORTED_VOTES = "imported_votes"
    NAME_OF_IMPORTED_VOTES = "name_of_imported_votes"
    CANNOT_BE_OPENED = "cannot_be_opened"
    CANNOT_BE_PAUSED = "cannot_be_paused"
    CANNOT_BE_CLOSED = "cannot_be_closed"
    NOTHING_TO_JUDGE = "nothing_to_judge"
    FIXED_PARTS = "fixed_parts"
    BEING_GENERATED = "being_generated"
    GENERATED_ELSEWHERE = "generated_elsewhere"
    REPLY_NOT_STORED = "reply_not_stored"
    REPLIES_FINAL = "replies_final"
    NOT_IN_CATALOG = "not_in_catalog"


class CampaignRefused(Exception):
    """The request cannot be carried out as it stands.

    The text is what commands say. Pages say the sentence of `why`, with `figures` put in; it is
    None for what no page asks for.
    """

    def __init__(self, text: str, why: CampaignRefusal | None = None, **figures: str) -> None:
        self.why = why
        self.figures: Mapping[str, str] = figures
        super().__init__(text)
