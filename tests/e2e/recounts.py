"""What a campaign amounts to, counted without the arena's own statistics."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

Record = tuple[int, int, int]
"""Wins, losses and ties."""

_MARKED = ("recognised", "identity_leak", "truncated")
_SMALL = (
    (r'<(span|a) class="account who"[^>]*>[^<]*</\1>', "ACCOUNT"),
    (r'(?s)<article class="answer".*?</article>', "ANSWER"),
    (r'(?s)<div class="prompt-bar".*?</div>\s*</div>', "PROMPT"),
    (r'(?s)<details class="notes".*?</details>', ""),
    (r'<span class="category">[^<]*</span>', ""),
    (r'(?s)<span class="progress">.*?</span>\s*</span>', "PROGRESS"),
    (r'(name="(?:item|shown)" value=")[^"]*', r"\1"),
    (r"\s+", " "),
)


@dataclass(frozen=True, slots=True)
class Recount:
    """What unmarked comparisons say; pairs in both directions."""

    votes: int
    of_models: Mapping[str, Record]
    of_pairs: Mapping[tuple[str, str], Record]


def recounted(rows: Sequence[Mapping[str, str]]) -> Recount:
    """Count the rows of an exported CSV of comparisons; marked ones do not count."""
    counted = [row for row in rows if all(row[mark] == "false" for mark in _MARKED)]
    pairs: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in counted:
        one, other = row["model_a"], row["model_b"]
        for mine, yours in ((one, other), (other, one)):
            said = {mine: "win", yours: "loss", "": "tie"}[row["winner"]]
            pairs[mine, yours][said] += 1
    models: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (mine, _), counts in pairs.items():
        models[mine].update(counts)
    return Recount(
        len({row["vote_id"] for row in counted}),
        {model: _record(counts) for model, counts in models.items()},
        {pair: _record(counts) for pair, counts in pairs.items()},
    )


def _record(counts: Mapping[str, int]) -> Record:
    return counts.get("win", 0), counts.get("loss", 0), counts.get("tie", 0)


def fair_sides(orderings: Sequence[str], *, pairwise: bool) -> bool:
    """Return whether orders of each pair differ by 1 at most, or slots of each model are shared.

    Of all models at once, each stands in each slot within a third of its equal share, or by 3.
    """
    times = Counter(orderings)
    positions = sorted(set(" ".join(orderings).split()))
    if pairwise:
        return all(
            abs(times[f"{one} {other}"] - times[f"{other} {one}"]) <= 1
            for one, other in combinations(positions, 2)
        )
    places = Counter(place for order in orderings for place in enumerate(order.split()))
    share = len(orderings) / len(positions)
    return all(
        abs(places[slot, position] - share) <= max(3.0, share / 3)
        for slot in range(len(positions))
        for position in positions
    )


def skeleton(page: str) -> str:
    """Return a page without prompt, replies, notes, category, progress, own name and ids."""
    for pattern, instead in _SMALL:
        page = re.sub(pattern, instead, page)
    return page
