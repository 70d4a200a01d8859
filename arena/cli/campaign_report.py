"""What `arena campaign check` says of a campaign without faults."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from arena.campaign_files import texts_of
from arena.catalog import ModelCatalog
from arena.cli.tables import Column, plain, table_lines
from arena.cli.wording import pluralized
from arena.domain.campaign import Campaign, CampaignPrompt, ProtocolKind
from arena.domain.mode import PAIR
from arena.domain.near_duplicates import Duplicate, duplicates
from arena.domain.workload import Workload, workload_of

_NO_CATEGORY = "-"
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


def lines_of(found: Examined) -> Iterator[str]:
    """Yield the summary as lines."""
    campaign, work = found.campaign, found.workload
    protocol = campaign.protocol
    yield f"{campaign.name}: {protocol.kind}, overlap {campaign.overlap}, reveal {campaign.reveal}"
    yield f"{pluralized(len(campaign.models), 'model')}: {', '.join(_model_names(campaign))}"
    yield ""
    yield from _prompt_table(campaign.prompts)
    yield ""
    yield (
        f"{pluralized(work.items, 'item')}, {pluralized(work.ballots, 'ballot')}, "
        f"{pluralized(work.comparisons, 'comparison')}; besides, "
        f"{pluralized(work.repeats, 'repeat')} and {pluralized(work.checks, 'check')}."
    )
    if campaign.overlap_on_disagreement is not None:
        more = work.items * (campaign.overlap_on_disagreement - campaign.overlap)
        yield f"Where annotators disagree, at most {pluralized(more, 'ballot')} more."
    if work.per_annotator is not None:
        people = pluralized(campaign.people, "annotator")
        yield f"{people}, with at most {pluralized(work.per_annotator, 'ballot')} each."


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


def document_of(found: Examined) -> dict[str, Any]:
    """Return the campaign and its summary as JSON-able values."""
    campaign = found.campaign
    ids = [prompt.id for prompt in campaign.prompts]
    return {
        "campaign": json.loads(json.dumps(asdict(campaign), default=str)),
        "summary": {
            "prompts": len(campaign.prompts),
            "categories": _counts(prompt.category for prompt in campaign.prompts),
            "languages": _counts(prompt.language for prompt in campaign.prompts),
            "turns": _counts(str(len(prompt.turns)) for prompt in campaign.prompts),
            **asdict(found.workload),
        },
        "duplicates": [
            {"id": ids[one.position], "of": ids[one.of], "exact": one.exact}
            for one in found.duplicates
        ],
    }


def _prompt_table(prompts: Sequence[CampaignPrompt]) -> Iterator[str]:
    by_category: dict[str, list[CampaignPrompt]] = {}
    for prompt in prompts:
        by_category.setdefault(prompt.category or _NO_CATEGORY, []).append(prompt)
    rows = {**by_category, "all": list(prompts)}
    columns = [
        Column("category", list(map(plain, rows)), name=True),
        Column("prompts", [str(len(group)) for group in rows.values()]),
        Column("languages", [_listed(_languages(group)) for group in rows.values()], name=True),
        Column("turns", [_listed(_turns(group)) for group in rows.values()], name=True),
    ]
    yield from table_lines("Prompts", columns, width=None)


def _languages(prompts: Sequence[CampaignPrompt]) -> Mapping[str, int]:
    return _counts(prompt.language for prompt in prompts)


def _turns(prompts: Sequence[CampaignPrompt]) -> Mapping[str, int]:
    return _counts(str(len(prompt.turns)) for prompt in prompts)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {number}" for name, number in counts.items())


def _counts(names: Iterator[str | None]) -> dict[str, int]:
    return dict(Counter(name or _NO_CATEGORY for name in names).most_common())


def _model_names(campaign: Campaign) -> Iterator[str]:
    for model in campaign.models:
        yield plain(f"{model.name} (imported)" if model.imported else model.name)
