"""The keys of a campaign file and what each may hold. docs/campaigns.md explains every one."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from arena.catalog.arena_config import (
    Categories,
    Line,
    LocalizedBody,
    LocalizedLine,
    labels_by_category,
)
from arena.catalog.fields import STRICT, Text, WebAddress
from arena.catalog.rules import KEY_PATTERN

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_PARAMETER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


def variable(value: str) -> str:
    """Return a name that can be a column unchanged; raise ValueError for anything else."""
    if not _NAME.fullmatch(value):
        raise ValueError(f"name it with small letters, digits and _, a letter first ({value!r})")
    return value


def parameter(value: str) -> str:
    """Return the name of a parameter of an address unchanged; raise ValueError otherwise."""
    if not _PARAMETER.fullmatch(value):
        raise ValueError(f"write the parameter's name alone, such as PROLIFIC_PID ({value!r})")
    return value


def model_key(value: str) -> str:
    """Return the key of a model unchanged; raise ValueError for anything else."""
    if not KEY_PATTERN.fullmatch(value):
        allowed = "small letters, digits, dots, dashes and underscores"
        raise ValueError(f"a key has {allowed}, and starts with a letter or digit")
    return value


def file_names(value: object) -> object:
    """Return the name of one file as a list of one; leave the rest as it is."""
    return [value] if isinstance(value, str) else value


def named(value: object) -> object:
    """Return a plain name as a block; leave the rest as it is."""
    return {"name": value} if isinstance(value, str) else value


def day(value: object) -> object:
    """Return a day unchanged; raise ValueError for anything else."""
    if not isinstance(value, date) or type(value) is not date:
        raise ValueError(f"write a day as YYYY-MM-DD, without quotes (it is {value!r})")
    return value


_Variable = Annotated[str, AfterValidator(variable)]
_Parameter = Annotated[str, AfterValidator(parameter)]
_Labels = Annotated[
    dict[Line, LocalizedLine | None], BeforeValidator(labels_by_category), Field(min_length=1)
]
_Number = Annotated[float, Field(allow_inf_nan=False)]


class ProtocolFields(BaseModel):
    """The keys of `protocol:`."""

    model_config = STRICT

    kind: Literal["pairwise", "all_at_once"]
    pairs_per_prompt: Annotated[int, Field(ge=1)] | None = None
    strength: bool = False
    criteria: _Labels | None = None
    reasons: bool = True
    comment: bool = True


class QuestionFields(BaseModel):
    """The keys of a question."""

    model_config = STRICT

    text: LocalizedBody
    kind: Literal["choice", "text", "number"]
    choices: _Labels | None = None
    least: _Number | None = None
    most: _Number | None = None
    required: bool = True


class StopFields(BaseModel):
    """The keys of `stop:`."""

    model_config = STRICT

    votes_per_pair: Annotated[int, Field(ge=1)] | None = None
    half_width: Annotated[float, Field(gt=0, lt=50)] | None = None
    anytime_verdict: bool = False


class TimeLimitFields(BaseModel):
    """The keys of `time_limits:`."""

    model_config = STRICT

    minutes_per_item: Annotated[int, Field(ge=1, le=7 * 24 * 60)] = 60
    last_day: Annotated[date, BeforeValidator(day)] | None = None


class AnnotatorFields(BaseModel):
    """The keys of an annotator."""

    model_config = STRICT

    name: Line
    group: Line | None = None


class ParameterFields(BaseModel):
    """The keys of `crowd.parameters:`, the platform's names."""

    model_config = STRICT

    annotator: _Parameter
    study: _Parameter | None = None
    session: _Parameter | None = None

    def given(self) -> Mapping[str, str]:
        """Return the parameters that the file names, by our names."""
        return {ours: str(theirs) for ours, theirs in self if theirs is not None}


class CrowdFields(BaseModel):
    """The keys of `crowd:`."""

    model_config = STRICT

    people: Annotated[int, Field(ge=1)]
    parameters: ParameterFields
    completion_code: Line | None = None
    return_address: WebAddress | None = None


class CampaignFields(BaseModel):
    """The content of a campaign file."""

    model_config = STRICT

    name: Line
    prompts: Annotated[
        tuple[Text, ...], BeforeValidator(file_names), Field(strict=False, min_length=1)
    ]
    categories: Categories | None = None
    models: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    imported_models: dict[Annotated[str, AfterValidator(model_key)], Line] = Field(
        default_factory=dict
    )
    protocol: ProtocolFields
    overlap: Annotated[int, Field(ge=1)] = 1
    overlap_on_disagreement: Annotated[int, Field(ge=3)] | None = None
    repeats: Annotated[float, Field(ge=0, le=0.5)] = 0.05
    check_items: Text | None = None
    questions: dict[_Variable, QuestionFields] = Field(default_factory=dict)
    guidelines: LocalizedBody | None = None
    consent: LocalizedBody | None = None
    reveal: Literal["never", "at_end", "after_vote"] = "never"
    stop: StopFields = StopFields()
    time_limits: TimeLimitFields = TimeLimitFields()
    annotators: Annotated[
        tuple[Annotated[AnnotatorFields, BeforeValidator(named)], ...], Field(strict=False)
    ] = ()
    crowd: CrowdFields | None = None


BLOCKS: Final[Mapping[str, tuple[str, ...]]] = {
    "protocol": tuple(ProtocolFields.model_fields),
    "questions": tuple(QuestionFields.model_fields),
    "stop": tuple(StopFields.model_fields),
    "time_limits": tuple(TimeLimitFields.model_fields),
    "annotators": tuple(AnnotatorFields.model_fields),
    "crowd": tuple(CrowdFields.model_fields),
    "crowd.parameters": tuple(ParameterFields.model_fields),
}
"""The keys of each block; those of a list or map of blocks are those of its entries."""
