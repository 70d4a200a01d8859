"""The checked keys of a campaign file as the domain's campaign."""

from collections.abc import Mapping

from arena.campaign_files.fields import CampaignFields, CrowdFields, ProtocolFields, QuestionFields
from arena.domain.campaign import (
    Campaign,
    CampaignAnnotator,
    CampaignModel,
    CampaignPrompt,
    CampaignReveal,
    CheckItem,
    Crowd,
    Protocol,
    ProtocolKind,
    Question,
    QuestionKind,
    StopRules,
    TimeLimits,
)
from arena.domain.conversation import ModelKey
from arena.domain.localized import LocalizedText


def campaign_of(
    fields: CampaignFields,
    names: Mapping[str, str],
    prompts: tuple[CampaignPrompt, ...],
    check_items: tuple[CheckItem, ...],
) -> Campaign:
    """Return the campaign of a file whose other faults are known; `names` are those of models."""
    return Campaign(
        name=fields.name,
        prompts=prompts,
        categories=_labels(fields.categories),
        models=_models(fields, names),
        protocol=_protocol(fields.protocol),
        overlap=fields.overlap,
        repeats=fields.repeats,
        check_items=check_items,
        questions=tuple(_question(name, asked) for name, asked in fields.questions.items()),
        guidelines=_text(fields.guidelines),
        consent=_text(fields.consent),
        reveal=CampaignReveal(fields.reveal),
        stop=StopRules(**fields.stop.model_dump()),
        time_limits=TimeLimits(**fields.time_limits.model_dump()),
        annotators=tuple(CampaignAnnotator(one.name, one.group) for one in fields.annotators),
        crowd=_crowd(fields.crowd),
        overlap_on_disagreement=fields.overlap_on_disagreement,
    )


def _models(fields: CampaignFields, names: Mapping[str, str]) -> tuple[CampaignModel, ...]:
    ours = [CampaignModel(ModelKey(key), names.get(key, key)) for key in fields.models]
    imported = fields.imported_models.items()
    return (*ours, *(CampaignModel(ModelKey(key), name, imported=True) for key, name in imported))


def _protocol(fields: ProtocolFields) -> Protocol:
    return Protocol(
        kind=ProtocolKind(fields.kind),
        pairs_per_prompt=fields.pairs_per_prompt,
        strength=fields.strength,
        criteria=_labels(fields.criteria),
        reasons=fields.reasons,
        comment=fields.comment,
    )


def _question(name: str, fields: QuestionFields) -> Question:
    return Question(
        name=name,
        text=LocalizedText(fields.text),
        kind=QuestionKind(fields.kind),
        choices=_labels(fields.choices),
        least=fields.least,
        most=fields.most,
        required=fields.required,
    )


def _crowd(fields: CrowdFields | None) -> Crowd | None:
    if fields is None:
        return None
    return Crowd(
        people=fields.people,
        parameters=fields.parameters.given(),
        completion_code=fields.completion_code,
        return_address=fields.return_address,
    )


def _labels(
    labels: Mapping[str, Mapping[str, str] | None] | None,
) -> dict[str, LocalizedText | None]:
    return {name: _text(label) for name, label in (labels or {}).items()}


def _text(texts: Mapping[str, str] | None) -> LocalizedText | None:
    return LocalizedText(texts) if texts else None
