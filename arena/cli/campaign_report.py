"""What `arena campaign check` says of a campaign without faults."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from arena.cli.tables import Column, plain, table_lines
from arena.cli.wording import pluralized
from arena.domain.campaign import Campaign, CampaignPrompt
from arena.services.campaigns.examining import Examined

_NO_CATEGORY = "-"


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
        each = pluralized(work.per_annotator, "page")
        yield f"{people}, with at most {each} each, repeats and checks among them."


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
