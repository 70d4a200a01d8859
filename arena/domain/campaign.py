"""A campaign as its author planned it: prompts, models, protocol and people.

`Campaign`
├── `CampaignModel`: a model of the catalog, or one whose replies are imported
├── `CampaignPrompt`, `CheckItem`: what is judged
├── `Protocol`: how it is judged
├── `Question`: what annotators are asked about themselves
├── `StopRules`, `TimeLimits`: until when
└── `CampaignAnnotator` or `Crowd`: by whom
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from arena.domain.conversation import ModelKey
from arena.domain.localized import LocalizedText

FEWEST_MODELS = 2
MOST_MODELS = 8
"""More replies than this on one page cannot be compared with care."""


class ProtocolKind(StrEnum):
    """How many replies of a prompt an annotator judges at a time: two, or those of all models."""

    PAIRWISE = "pairwise"
    ALL_AT_ONCE = "all_at_once"


class CampaignReveal(StrEnum):
    """When the models of a campaign are named to its annotators."""

    NEVER = "never"
    AT_END = "at_end"
    AFTER_VOTE = "after_vote"


class QuestionKind(StrEnum):
    """What an answer to a question is."""

    CHOICE = "choice"
    TEXT = "text"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class CampaignModel:
    """A model of a campaign. `imported`: its replies were made elsewhere."""

    key: ModelKey
    name: str
    imported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPrompt:
    """A conversation to be judged: the user's messages, answered by each model in turn.

    `difficulty` is 1 (easy) to 10; `notes` help annotators to judge and are never sent to a model.
    """

    id: str
    turns: tuple[str, ...]
    language: str
    category: str | None = None
    system_prompt: str | None = None
    difficulty: int | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class CheckItem:
    """A prompt with two given replies, of which one is known to be worse."""

    prompt: CampaignPrompt
    better: str
    worse: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """What annotators are asked about the replies to a prompt.

    `pairs_per_prompt` is the size of a balanced sample of pairs; None stands for all pairs.
    `strength` offers "much" and "slightly" better. Each reply is scored from 1 to 5 by each of the
    `criteria`.
    """

    kind: ProtocolKind
    pairs_per_prompt: int | None = None
    strength: bool = False
    criteria: Mapping[str, LocalizedText | None] = field(default_factory=dict)
    reasons: bool = True
    comment: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question to each annotator before the first item.

    `choices` belong to a choice; `least` and `most` limit a number.
    """

    name: str
    text: LocalizedText
    kind: QuestionKind
    choices: Mapping[str, LocalizedText | None] = field(default_factory=dict)
    least: float | None = None
    most: float | None = None
    required: bool = True


@dataclass(frozen=True, slots=True)
class StopRules:
    """When a pair has been judged enough, apart from having no items left.

    `half_width` is that of the interval of the win rate, in percentage points; `anytime_verdict`
    stops a pair once its anytime-valid verdict is reached.
    """

    votes_per_pair: int | None = None
    half_width: float | None = None
    anytime_verdict: bool = False


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """`minutes_per_item`: how long an item stays reserved. `last_day` is in UTC."""

    minutes_per_item: int = 60
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class CampaignAnnotator:
    """A person who is invited by name."""

    name: str
    group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """People who come from a crowd platform, identified by parameters of the address.

    `parameters` are the platform's names by ours (`annotator`, `study`, `session`). Who has
    finished gets the completion code, or is sent to the return address.
    """

    people: int
    parameters: Mapping[str, str]
    completion_code: str | None = None
    return_address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """The content of a campaign file, checked. docs/campaigns.md explains every field.

    `categories` are those that the file declares, with their labels; empty: the arena's.
    `overlap` is how many annotators judge each item, `overlap_on_disagreement` how many judge one
    on which those disagree, None for no more; `repeats` is the share of ballots that an annotator
    is asked for again with sides exchanged.
    """

    name: str
    prompts: tuple[CampaignPrompt, ...]
    categories: Mapping[str, LocalizedText | None]
    models: tuple[CampaignModel, ...]
    protocol: Protocol
    overlap: int
    repeats: float
    check_items: tuple[CheckItem, ...]
    questions: tuple[Question, ...]
    guidelines: LocalizedText | None
    consent: LocalizedText | None
    reveal: CampaignReveal
    stop: StopRules
    time_limits: TimeLimits
    annotators: tuple[CampaignAnnotator, ...]
    crowd: Crowd | None
    overlap_on_disagreement: int | None = None

    @property
    def people(self) -> int:
        """How many annotators are expected; 0 where the file names none."""
        return self.crowd.people if self.crowd else len(self.annotators)
