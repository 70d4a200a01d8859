"""What the list of campaigns shows, and what a check has found."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from arena.domain.campaign import CampaignPrompt
from arena.services.administration.campaign_checks import CheckedUpload, FaultyUpload
from arena.services.administration.campaign_summaries import CampaignSummary
from arena.web.admin.refusal_sentences import warning_sentence
from arena.web.common.markup import Words

_UNKNOWN = "–"


def list_rows(
    texts: Words, campaigns: Sequence[CampaignSummary], address_of: Callable[[str], str]
) -> list[dict[str, object]]:
    """Return a row for each campaign."""
    return [summary_part(texts, one) | {"address": address_of(one.name)} for one in campaigns]


def summary_part(texts: Words, one: CampaignSummary) -> dict[str, object]:
    """Return a campaign in a line."""
    share = share_of(one.ballots, one.ballots_wanted)
    return {
        "name": one.name,
        "state": one.state.value,
        "protocol": texts[f"campaigns.protocol.{one.protocol.value}"],
        "overlap": one.overlap,
        "version": one.version,
        "prompts": f"{one.prompts:,}",
        "models": one.models,
        "replies": done_of(texts, one.replies, one.replies_wanted),
        "ballots": done_of(texts, one.ballots, one.ballots_wanted),
        "share": share,
        "ends": ends_text(texts, one.ends_at, share),
    }


def done_of(texts: Words, done: int, wanted: int) -> str:
    """Return how many of how many there are."""
    return texts["campaigns.of"].format(done=f"{done:,}", wanted=f"{wanted:,}")


def share_of(done: int, wanted: int) -> int:
    """Return a share in whole percent, rounded down: 100 means all."""
    return min(100, 100 * done // wanted) if wanted else 0


def ends_text(texts: Words, ends_at: datetime | None, share: int) -> str:
    """Return the day on which the last ballot comes by the present rate."""
    if share == 100:
        return texts["campaigns.complete"]
    return f"{ends_at:%Y-%m-%d}" if ends_at else _UNKNOWN


def fault_rows(error: FaultyUpload) -> list[dict[str, object]]:
    """Return every fault with its place."""
    return [
        {
            "file": one.file,
            "line": one.fault.line or "",
            "key": one.fault.key,
            "message": one.fault.message,
        }
        for one in error.faults
    ]


def checked_part(texts: Words, checked: CheckedUpload) -> dict[str, object]:
    """Return the summary of a campaign file without faults."""
    campaign, work = checked.found.campaign, checked.found.workload
    each = work.per_annotator
    return {
        "protocol": texts[f"campaigns.protocol.{campaign.protocol.kind.value}"],
        "overlap": campaign.overlap,
        "reveal": texts[f"campaigns.reveal.{campaign.reveal.value}"],
        "models": [
            texts["campaigns.imported_model"].format(name=model.name)
            if model.imported
            else model.name
            for model in campaign.models
        ],
        "prompts": list(_prompt_rows(texts, campaign.prompts)),
        "number_of_prompts": f"{len(campaign.prompts):,}",
        "work": texts["campaigns.work"].format(
            items=f"{work.items:,}",
            ballots=f"{work.ballots:,}",
            comparisons=f"{work.comparisons:,}",
            repeats=f"{work.repeats:,}",
            checks=f"{work.checks:,}",
        ),
        "each": ""
        if each is None
        else texts["campaigns.each"].format(people=f"{campaign.people:,}", each=f"{each:,}"),
        "warnings": [warning_sentence(texts, one) for one in checked.warnings],
    }


def _prompt_rows(texts: Words, prompts: Sequence[CampaignPrompt]) -> Iterator[dict[str, object]]:
    groups: dict[str | None, list[CampaignPrompt]] = {}
    for prompt in prompts:
        groups.setdefault(prompt.category, []).append(prompt)
    for category, group in groups.items():
        languages = Counter(prompt.language for prompt in group)
        turns = Counter(len(prompt.turns) for prompt in group)
        yield {
            "category": category_name(texts, category),
            "prompts": f"{len(group):,}",
            "languages": ", ".join(f"{name}: {count}" for name, count in languages.most_common()),
            "turns": ", ".join(f"{name}: {count}" for name, count in sorted(turns.items())),
        }


def category_name(texts: Words, category: str | None) -> str:
    """Return what a category is called."""
    if category is None:
        return texts["campaigns.no_category"]
    return texts.get(f"category.{category}", category)
