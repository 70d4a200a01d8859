"""How far a campaign is, in a terminal and as JSON."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from arena.cli.tables import Column, plain, table_lines
from arena.cli.wording import pluralized
from arena.services.campaigns.progress import CampaignProgress, PartProgress
from arena.storage.campaigns.progress import MemberCount

_NOTHING: Final = "-"


def progress_lines(found: CampaignProgress) -> Iterator[str]:
    """Yield how many ballots there are, when the last one comes, and who gave how many."""
    yield f"Ballots: {_counted(found.total)}{_comparisons(found)}{_end(found)}"
    yield ""
    if found.members:
        yield from _annotators(found.members)
    if found.absent:
        yield f"Named in the file, and not here yet: {', '.join(map(plain, found.absent))}"
    parts = {
        "Judged together": {" - ".join(keys): part for keys, part in found.by_models.items()},
        "Categories": {name or _NOTHING: part for name, part in found.by_category.items()},
    }
    for title, rows in parts.items():
        yield ""
        yield from _parts(title, rows)


def progress_document(found: CampaignProgress) -> dict[str, Any]:
    """Return the same as JSON-able values; times are in UTC."""
    return {
        **_values(found.total),
        "comparisons": found.comparisons,
        "ends_at": found.ends_at.isoformat() if found.ends_at else None,
        "annotators": [
            {
                "annotator": one.name,
                "group": one.group,
                "ballots": one.judged,
                "repeats": one.repeats,
                "checks": one.checks,
                "skipped": one.skipped,
                "expired": one.expired,
                "last_at": one.last_at.isoformat() if one.last_at else None,
            }
            for one in found.members
        ],
        "absent": list(found.absent),
        "by_models": [
            {"models": list(keys), **_values(part)} for keys, part in found.by_models.items()
        ],
        "by_category": [
            {"category": name, **_values(part)} for name, part in found.by_category.items()
        ],
    }


def _comparisons(found: CampaignProgress) -> str:
    """Return how many there are, where a ballot gives several."""
    if found.comparisons == found.total.judged:
        return ""
    return f" ({pluralized(found.comparisons, 'comparison')})"


def _end(found: CampaignProgress) -> str:
    if found.total.judged >= found.total.wanted:
        return ", complete"
    if found.ends_at is None:
        return ""
    return f", the last one about {found.ends_at.date()} by the rate of the last seven days"


def _annotators(members: tuple[MemberCount, ...]) -> Iterator[str]:
    columns = [
        Column("annotator", [plain(one.name) for one in members], name=True),
        Column("group", [plain(one.group or _NOTHING) for one in members], name=True),
        Column("ballots", [str(one.judged) for one in members]),
        Column("repeats", [str(one.repeats) for one in members]),
        Column("checks", [str(one.checks) for one in members]),
        Column("skipped", [str(one.skipped) for one in members]),
        Column(
            "last ballot (UTC)",
            [f"{one.last_at:%Y-%m-%d %H:%M}" if one.last_at else _NOTHING for one in members],
        ),
    ]
    yield from table_lines("Annotators", columns, width=None)


def _parts(title: str, parts: Mapping[str, PartProgress]) -> Iterator[str]:
    columns = [
        Column(title.lower(), list(map(plain, parts)), name=True),
        Column("ballots", [_counted(one) for one in parts.values()]),
        Column("reserved now", [str(one.reserved) for one in parts.values()]),
    ]
    yield from table_lines(title, columns, width=None)


def _counted(part: PartProgress) -> str:
    return f"{part.judged} of {part.wanted}"


def _values(part: PartProgress) -> dict[str, int]:
    return {"ballots": part.judged, "wanted": part.wanted, "reserved": part.reserved}
