"""What there is to say of a campaign file without faults: its work, repeated prompts, warnings."""

from collections.abc import Iterator
from dataclasses import dataclass

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


def warnings_of(found: Examined, catalog: ModelCatalog) -> Iterator[str]:
    """Yield what is no fault of the file but is missing, or makes results worth less."""
    campaign = found.campaign
    for repeated in found.duplicates:
        one, other = (campaign.prompts[at].id for at in (repeated.position, repeated.of))
        manner = "the same" if repeated.exact else "nearly the same"
        yield f"prompts: {one!r} says {manner} as {other!r}"
    enabled = {row.key for row in catalog.enabled()}
    for model in campaign.models:
        if not model.imported and model.key not in enabled:
            yield f"models: {model.key} is disabled in {catalog.path}"
    yield from _missing(campaign)


def _missing(campaign: Campaign) -> Iterator[str]:
    if not campaign.people:
        yield "annotators: nobody is named yet; add `annotators` or a `crowd`"
    elif campaign.people < _ENOUGH_PEOPLE:
        yield (
            f"annotators: with fewer than {_ENOUGH_PEOPLE}, intervals hold for these annotators "
            "only"
        )
    if not campaign.check_items:
        yield "check_items: none, so nothing tells who votes without reading"
    elif _are_checks_recognizable(campaign):
        yield (
            f"check_items: they show two replies where other pages show {len(campaign.models)}, so "
            "annotators may recognize them; with `kind: pairwise` they look like all others"
        )
    if not campaign.repeats:
        yield "repeats: none, so nothing tells how often annotators agree with themselves"
    if campaign.overlap == 1:
        yield "overlap: 1, so nothing tells how often annotators agree with each other"
    if campaign.guidelines is None:
        yield "guidelines: none, so each annotator decides alone what is better"


def _are_checks_recognizable(campaign: Campaign) -> bool:
    ranked = campaign.protocol.kind is ProtocolKind.ALL_AT_ONCE
    return ranked and len(campaign.models) > PAIR
