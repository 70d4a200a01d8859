"""How many ballots a campaign asks for, and what they are worth."""

from dataclasses import dataclass
from math import ceil, comb

from arena.domain.campaign import Campaign, ProtocolKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """The work in a campaign whose stop rules stop nothing.

    `items` are judged by `overlap` annotators each. `ballots` are those that count; `repeats` and
    `checks` come on top. `comparisons` is what the ballots give. `per_annotator` is the share of
    the busiest annotator when all take part, None where nobody is expected.
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
    repeats, each = round(ballots * campaign.repeats), len(campaign.check_items)
    people = campaign.people
    return Workload(
        items=items,
        ballots=ballots,
        comparisons=ballots * (pairs if all_at_once else 1),
        repeats=repeats,
        checks=each * people,
        per_annotator=ceil((ballots + repeats) / people) + each if people else None,
    )


def items_of_a_prompt(kind: ProtocolKind, models: int, pairs_per_prompt: int | None) -> int:
    """Return how often replies to a prompt are judged, apart from overlap and repeats."""
    pairs = comb(models, 2)
    return 1 if kind is ProtocolKind.ALL_AT_ONCE else min(pairs_per_prompt or pairs, pairs)
