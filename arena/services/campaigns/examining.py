"""What there is to say of a campaign file without faults: its work, repeated prompts, warnings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from arena.campaign_files import texts_of
from arena.catalog import ModelCatalog
from arena.domain.campaign import Campaign, ProtocolKind
from arena.domain.mode import PAIR
from arena.domain.near_duplicates import Duplicate, duplicates
from arena.domain.workload import Workload, workload_of

_ENOUGH_PEOPLE = 8
"""With fewer, boards speak of these annotators alone: docs/statistics.md."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A campaign, the work that it asks for, and the prompts that repeat others."""

    campaign: Campaign
    workload: Workload
    duplicates: tuple[Duplicate, ...]


def examined(campaign: Campaign) -> Examined:
    """Count the work in a campaign and look for prompts that repeat others."""
    repeated = tuple(duplicates(texts_of(campaign.prompts)))
    return Examined(campaign, workload_of(campaign), repeated)


class WarningKind(StrEnum):
    """What may be wrong with a campaign. Each has a sentence in every locale."""

    SAME_PROMPT = "same_prompt"
    NEARLY_SAME_PROMPT = "nearly_same_prompt"
    MODEL_DISABLED = "model_disabled"
    NO_ANNOTATORS = "no_annotators"
    FEW_ANNOTATORS = "few_annotators"
    NO_CHECKS = "no_checks"
    CHECKS_RECOGNIZABLE = "checks_recognizable"
    NO_REPEATS = "no_repeats"
    NO_OVERLAP = "no_overlap"
    NO_GUIDELINES = "no_guidelines"


@dataclass(frozen=True, slots=True)
class CampaignWarning:
    """A warning: `text` is what commands say. Pages say the sentence of `kind` with `figures`."""

    kind: WarningKind
    text: str
    figures: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text


def warnings_of(found: Examined, catalog: ModelCatalog) -> Iterator[CampaignWarning]:
    """Yield what is no fault of the file but is missing, or makes results worth less."""
    campaign = found.campaign
    for repeated in found.duplicates:
        one, other = (campaign.prompts[at].id for at in (repeated.position, repeated.of))
        manner = "the same" if repeated.exact else "nearly the same"
        kind = WarningKind.SAME_PROMPT if repeated.exact else WarningKind.NEARLY_SAME_PROMPT
        text = f"prompts: {one!r} says {manner} as {other!r}"
        yield CampaignWarning(kind, text, {"one": one, "other": other})
    enabled = {row.key for row in catalog.enabled()}
    for model in campaign.models:
        if not model.imported and model.key not in enabled:
            text = f"models: {model.key} is disabled in {catalog.path}"
            figures = {"model": model.key, "file": str(catalog.path)}
            yield CampaignWarning(WarningKind.MODEL_DISABLED, text, figures)
    yield from _missing(campaign)


def _missing(campaign: Campaign) -> Iterator[CampaignWarning]:
    yield from _people(campaign)
    yield from _checks(campaign)
    if not campaign.repeats:
        text = "repeats: none, so nothing tells how often annotators agree with themselves"
        yield CampaignWarning(WarningKind.NO_REPEATS, text)
    if campaign.overlap == 1:
        text = "overlap: 1, so nothing tells how often annotators agree with each other"
        yield CampaignWarning(WarningKind.NO_OVERLAP, text)
    if campaign.guidelines is None:
        text = "guidelines: none, so each annotator decides alone what is better"
        yield CampaignWarning(WarningKind.NO_GUIDELINES, text)


def _people(campaign: Campaign) -> Iterator[CampaignWarning]:
    if not campaign.people:
        text = "annotators: nobody is named yet; add `annotators` or a `crowd`"
        yield CampaignWarning(WarningKind.NO_ANNOTATORS, text)
    elif campaign.people < _ENOUGH_PEOPLE:
        text = (
            f"annotators: with fewer than {_ENOUGH_PEOPLE}, intervals hold for these annotators "
            "only"
        )
        yield CampaignWarning(WarningKind.FEW_ANNOTATORS, text, {"enough": str(_ENOUGH_PEOPLE)})


def _checks(campaign: Campaign) -> Iterator[CampaignWarning]:
    if not campaign.check_items:
        text = "check_items: none, so nothing tells who votes without reading"
        yield CampaignWarning(WarningKind.NO_CHECKS, text)
    elif _are_checks_recognizable(campaign):
        text = (
            f"check_items: they show two replies where other pages show {len(campaign.models)}, so "
            "annotators may recognize them; with `kind: pairwise` they look like all others"
        )
        figures = {"replies": str(len(campaign.models))}
        yield CampaignWarning(WarningKind.CHECKS_RECOGNIZABLE, text, figures)


def _are_checks_recognizable(campaign: Campaign) -> bool:
    ranked = campaign.protocol.kind is ProtocolKind.ALL_AT_ONCE
    return ranked and len(campaign.models) > PAIR
