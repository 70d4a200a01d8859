"""What an archive of a campaign says, a record for each line of its files.

People are pseudonyms here. Prompts are numbers of the campaign from 1, models its positions from 0,
slots positions on the page from 0; times are aware datetimes in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from arena.domain.assignment import AssignmentState, BattlePurpose, CampaignState
from arena.domain.battle import BattleState
from arena.domain.campaign import ProtocolKind
from arena.domain.campaign_replies import ReplyStatus
from arena.domain.reply import FlagKind, ReplyEnd
from arena.domain.verdict import Reason, Strength, Verdict

Positions = tuple[int, ...]
_Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True, slots=True)
class ArchivedVersion:
    """A version of the campaign file, without its prompts and check items.

    `fingerprint` is the SHA-256 of all of it, as it stands in the archive.
    """

    version: int
    fingerprint: str
    document: dict[str, Any]
    created_at: AwareDatetime


@dataclass(frozen=True, slots=True)
class ArchivedEvent:
    """Something that happened; `who` is None for the command line."""

    at: AwareDatetime
    kind: str
    who: str | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedCampaign:
    """The campaign itself, the versions of its file, and what happened."""

    name: str
    created_at: AwareDatetime
    state: CampaignState
    protocol: ProtocolKind
    versions: tuple[ArchivedVersion, ...]
    events: tuple[ArchivedEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedPrompt:
    """A prompt; a check item has its two replies too."""

    number: int
    id: str
    kind: BattlePurpose
    turns: tuple[str, ...]
    system_prompt: str | None
    category: str | None
    language: str
    difficulty: int | None
    notes: str | None
    better: str | None
    worse: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedModel:
    """A configuration of a model that answered; `position` is the model's in the campaign."""

    position: int
    key: str
    fingerprint: str
    name: str
    origin: str
    license: str | None
    card: dict[str, Any]
    configuration: dict[str, Any]
    created_at: AwareDatetime


@dataclass(frozen=True, slots=True)
class ArchivedFlag:
    """A reason why votes may be left out."""

    kind: FlagKind
    detail: str
    created_at: AwareDatetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedReply:
    """A reply with its provenance; `first_token_s` and `total_s` are seconds from the request."""

    reply_id: int
    model: str
    fingerprint: str
    text: str
    reasoning: str
    finish_reason: ReplyEnd
    error: str | None
    prompt_tokens: int | None
    reply_tokens: int | None
    first_token_s: float | None
    total_s: float | None
    rendered_prompt: str | None
    conversation_hash: str
    created_at: AwareDatetime
    flags: tuple[ArchivedFlag, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedPlace:
    """A place for a reply of a model to a turn of a prompt, and the reply in force there."""

    prompt: int
    position: int
    turn: int
    status: ReplyStatus
    reply: ArchivedReply | None


@dataclass(frozen=True, slots=True)
class ArchivedAnswer:
    """An answer to one of the campaign's questions."""

    question: str
    answer: str
    answered_at: AwareDatetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedAnnotator:
    """A person: a member of the campaign has `joined_at`, others did something else in it."""

    annotator: str
    group: str | None
    joined_at: AwareDatetime | None
    consented_at: AwareDatetime | None
    finished_at: AwareDatetime | None
    answers: tuple[ArchivedAnswer, ...]


@dataclass(frozen=True, slots=True)
class ArchivedItem:
    """What is judged: a prompt with models from low to high; none for a check item."""

    prompt: int
    models: Positions


@dataclass(frozen=True, slots=True)
class ArchivedReason:
    """A reason that was given for or against the reply in a slot."""

    slot: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class ArchivedScore:
    """A score from 1 to 5 of the reply in a slot."""

    slot: int
    criterion: str
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedRevision:
    """A ballot in place of an earlier one, or a correction of its verdict alone.

    The latter has no comment, and nothing that belongs to slots.
    """

    revision: int
    verdict: Verdict | None
    strength: Strength | None
    ranks: tuple[int, ...]
    reasons: tuple[ArchivedReason, ...]
    scores: tuple[ArchivedScore, ...]
    comment: str | None
    who: str
    why: str
    at: AwareDatetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedVote:
    """A vote as it was first cast: a verdict, or `ranks` by slot (1 is best)."""

    verdict: Verdict | None
    strength: Strength | None
    ranks: tuple[int, ...]
    reasons: tuple[ArchivedReason, ...]
    scores: tuple[ArchivedScore, ...]
    comment: str
    reading_s: float | None
    created_at: AwareDatetime
    flags: tuple[ArchivedFlag, ...]
    revisions: tuple[ArchivedRevision, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedBallot:
    """An item as one annotator was shown it, and the vote if there is one.

    `ordering` has the models in slot order; in a check item 0 is the better reply, 1 the worse.
    `visible_s` is seconds, `scroll_depth` a share from 0 to 1, `scroll_depths` those of the replies
    in slot order.
    """

    battle_id: str
    assignment_id: str
    annotator: str
    prompt: int
    models: Positions
    ordering: Positions
    purpose: BattlePurpose
    repeat_of: str | None
    state: AssignmentState
    battle_state: BattleState
    reserved_at: AwareDatetime
    expires_at: AwareDatetime
    opened_at: AwareDatetime | None
    judged_at: AwareDatetime | None
    revealed_at: AwareDatetime | None
    skip_reason: str | None
    visible_s: float | None
    scroll_depth: float | None
    scroll_depths: tuple[_Share, ...] = ()
    vote: ArchivedVote | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedComparison:
    """A pairwise outcome of a ballot that counts."""

    battle_id: str
    annotator: str
    slot_a: int
    slot_b: int
    model_a: str
    model_b: str
    verdict: Verdict
    category: str | None
    language: str
    recognised: bool
    identity_leak: bool
    truncated: bool
    created_at: AwareDatetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedHour:
    """What an annotator cast in an hour in which one address cast more than people can.

    Addresses are numbered from 1 in the archive and not known otherwise.
    """

    address: int
    hour: str
    annotator: str
    votes: int
    first_at: AwareDatetime
    last_at: AwareDatetime


People = Mapping[int, str]
"""Pseudonyms by the numbers of accounts."""
