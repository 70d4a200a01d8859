"""How many ballots a campaign asks for, and what they are worth."""

from dataclasses import dataclass
from math import ceil, comb, floor

from arena.domain.campaign import Campaign, ProtocolKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """The work in a campaign whose stop rules stop nothing.

    `items` are judged by `overlap` annotators each. `ballots` are those that count; `repeats` and
    `checks` come on top. `comparisons` is what the ballots give. `per_annotator` is the share of
    each annotator when all take part, None where nobody is expected; `repeats` is of such shares.
    """

    items: int
    ballots: int
    comparisons: int
    repeats: int
    checks: int
    per_annotator: int | None


def workload_of(campaign: Campaign) -> Workload:
    """Count the work in a campaign. Each annotator judges each check item once."""
    protocol = campaign.protocol
    pairs = comb(len(campaign.models), 2)
    all_at_once = protocol.kind is ProtocolKind.ALL_AT_ONCE
    each_prompt = items_of_a_prompt(protocol.kind, len(campaign.models), protocol.pairs_per_prompt)
    items = len(campaign.prompts) * each_prompt
    ballots = items * campaign.overlap
    people, checks = campaign.people, len(campaign.check_items)
    own = min(items, ceil(ballots / people)) if people else ballots
    repeats = repeats_of(own, campaign.repeats)
    return Workload(
        items=items,
        ballots=ballots,
        comparisons=ballots * (pairs if all_at_once else 1),
        repeats=repeats * (people or 1),
        checks=checks * people,
        per_annotator=own + repeats + checks if people else None,
    )


def repeats_of(judged: int, rate: float) -> int:
    """Return how many repeats come with so many ballots of one annotator: to the nearest."""
    return floor(judged * rate + 0.5)


def items_of_a_prompt(kind: ProtocolKind, models: int, pairs_per_prompt: int | None) -> int:
    """Return how often replies to a prompt are judged, apart from overlap and repeats."""
    pairs = comb(models, 2)
    return 1 if kind is ProtocolKind.ALL_AT_ONCE else min(pairs_per_prompt or pairs, pairs)
