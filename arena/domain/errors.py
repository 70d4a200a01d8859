"""What the product refuses, as values: a code that pages translate, and figures to put in."""

from collections.abc import Mapping
from enum import StrEnum


class Refusal(StrEnum):
    """Every reason for which a request is refused. Each has a sentence in every locale."""

    NOT_SIGNED_IN = "not_signed_in"
    NOT_ALLOWED = "not_allowed"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a code, not a password
    LINK_NOT_VALID = "link_not_valid"
    TOO_MANY_SIGN_INS = "too_many_sign_ins"
    TOO_MANY_TURNS = "too_many_turns"
    TOO_MANY_VOTES = "too_many_votes"
    BATTLE_NOT_FOUND = "battle_not_found"
    NOT_YOUR_BATTLE = "not_your_battle"
    PAGE_OUTDATED = "page_outdated"
    NOT_COMPLETE = "not_complete"
    ALREADY_VOTED = "already_voted"
    BATTLE_CLOSED = "battle_closed"
    STILL_GENERATING = "still_generating"
    NOTHING_TO_STOP = "nothing_to_stop"
    NOTHING_TO_CONTINUE = "nothing_to_continue"
    NOTHING_TO_RETRY = "nothing_to_retry"
    NOTHING_TO_WITHDRAW = "nothing_to_withdraw"
    EMPTY_PROMPT = "empty_prompt"
    PROMPT_TOO_LONG = "prompt_too_long"
    PROMPT_TOO_DENSE = "prompt_too_dense"
    CONVERSATION_FULL = "conversation_full"
    MODELS_LOADING = "models_loading"
    TOO_FEW_MODELS = "too_few_models"
    ENDING = "ending"
    WRONG_VERDICT = "wrong_verdict"
    BALLOT_INCOMPLETE = "ballot_incomplete"
    CONSENT_NEEDED = "consent_needed"
    COMMENT_TOO_LONG = "comment_too_long"
    VOTE_NOT_SAVED = "vote_not_saved"
    NOT_STORED = "not_stored"
    PASSWORD_TOO_SHORT = "password_too_short"  # noqa: S105
    PRESENT_PASSWORD_WRONG = "present_password_wrong"  # noqa: S105
    PASSWORDS_DIFFER = "passwords_differ"
    PASSWORD_TRIED_FIRST = "password_tried_first"  # noqa: S105
    NOT_REVEALED = "not_revealed"
    GROUP_TOO_SMALL = "group_too_small"
    CAMPAIGN_IS_OPEN = "campaign_is_open"
    CAMPAIGN_NOT_FOUND = "campaign_not_found"
    CAMPAIGN_NOT_OPEN = "campaign_not_open"
    ITEM_EXPIRED = "item_expired"
    CROWD_ADDRESS = "crowd_address"
    OTHER_SESSION = "other_session"
    FORM_OUTDATED = "form_outdated"


class ArenaError(Exception):
    """A refusal that a person can act on.

    `details` are figures for the sentence (lengths, limits); they never identify a model.
    """

    def __init__(self, refusal: Refusal, **details: int | float | str) -> None:
        self.refusal = refusal
        self.details: Mapping[str, int | float | str] = details
        figures = ", ".join(f"{name}={value}" for name, value in details.items())
        super().__init__(f"{refusal.value} ({figures})" if figures else refusal.value)


class NotFound(ArenaError):
    """The thing asked for does not exist, or not for this caller."""


class NotAllowed(ArenaError):
    """The caller is known, or not, but has no right to this."""


class Conflict(ArenaError):
    """The request comes too early, too late or twice."""


class BadInput(ArenaError):
    """The request itself must change."""


class Unavailable(ArenaError):
    """The same request may succeed later."""
