"""What the evaluation page may know of an item, and what an annotator says of it.

Nothing here has a place for a model: what is not here cannot leak.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from arena.domain.battle import BattleView
from arena.domain.campaign import Protocol, Question
from arena.domain.localized import LocalizedText
from arena.domain.verdict import Reason, Verdict


class SkipReason(StrEnum):
    """Why an annotator leaves an item to others."""

    UNCLEAR = "unclear"
    LANGUAGE = "language"
    EXPERTISE = "expertise"
    OFFENSIVE = "offensive"
    BROKEN = "broken"
    OTHER = "other"


class NothingToJudge(StrEnum):
    """Why there is no item for an annotator now."""

    NO_CAMPAIGN = "no_campaign"
    NOT_A_MEMBER = "not_a_member"
    NOT_OPEN = "not_open"
    PAUSED = "paused"
    CLOSED = "closed"
    ALL_RESERVED = "all_reserved"
    FINISHED = "finished"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class EvaluationProgress:
    """How far an annotator is: ballots given, those today, and the annotator's share.

    All of them with repeats and check items, which annotators are not told apart. `expected` is
    fixed by the campaign file; None where it says of nobody in particular.
    """

    judged: int
    today: int
    expected: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignBallot:
    """What an annotator says of an item: a verdict on two replies, or a rank for each (1 is best).

    `much` tells much from slightly better, None where that is not asked. `scores` are 1 to 5 by
    slot and criterion, `reasons` are given for a slot.
    """

    verdict: Verdict | None = None
    much: bool | None = None
    ranks: tuple[int, ...] = ()
    scores: Mapping[tuple[int, str], int] = field(default_factory=dict)
    reasons: tuple[tuple[int, Reason], ...] = ()
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Attention:
    """What the page saw of the reading.

    `visible_s` is seconds in view, `scroll_depths` how much of each slot's reply was scrolled into
    view, from 0 to 1; empty where not known.
    """

    visible_s: float | None = None
    scroll_depths: tuple[float, ...] = ()

    @property
    def scroll_depth(self) -> float | None:
        """How much of all replies was scrolled into view, each counting alike."""
        return sum(self.scroll_depths) / len(self.scroll_depths) if self.scroll_depths else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """An item as its annotator may see it before the ballot is given, and after it.

    `ballot` is the one in force; `revisable` is whether it may still be replaced.
    """

    assignment_id: str
    battle: BattleView
    language: str
    category: str | None = None
    notes: str | None = None
    ballot: CampaignBallot | None = None
    revisable: bool = False


@dataclass(frozen=True, slots=True)
class JudgedItem:
    """An item of a campaign that is over; `prompt` is what was asked first."""

    assignment_id: str
    prompt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignWords:
    """What annotators are told and asked in a campaign."""

    name: str
    protocol: Protocol
    guidelines: LocalizedText | None = None
    consent: LocalizedText | None = None
    questions: tuple[Question, ...] = ()
    categories: Mapping[str, LocalizedText | None] = field(default_factory=dict)
