"""The quality of a campaign's ballots in a terminal and as JSON."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from arena.cli.shares import share_document
from arena.cli.tables import Column, plain, table_lines
from arena.cli.wording import pluralized
from arena.services.campaigns.quality.qualities import AnnotatorReport, CampaignQuality
from arena.services.campaigns.quality.shares import BallotShare
from arena.services.campaigns.quality.signs import Sign
from arena.statistics.agreement import Agreement

_NOTHING: Final = "-"
_SAID: Final[Mapping[Sign, str]] = {
    Sign.FAILS_CHECKS: "fewer check items right than others",
    Sign.CHANGES_MIND: "agrees with itself less than others do",
    Sign.DISAGREES: "agrees with others less than they do with each other",
    Sign.PREFERS_A_SIDE: "prefers one side",
    Sign.TOO_FAST: "many ballots faster than anybody can read",
}


def quality_lines(found: CampaignQuality) -> Iterator[str]:
    """Yield agreement, a row for each annotator, and who is worth a look."""
    yield f"{found.name}: {pluralized(found.ballots, 'ballot')}"
    yield _agreement_line(found.agreement)
    yield (
        f"repeats that agree: {_of(found.repeats)}; checks right: {_of(found.checks)}; "
        f"earlier side preferred: {_of(found.first_side)}"
    )
    yield ""
    yield from _table(found)
    noted = [one for one in found.annotators if one.signs or one.exclusion]
    if noted:
        yield ""
    for one in noted:
        yield from _noted(one)


def _table(found: CampaignQuality) -> Iterator[str]:
    rows = [(one, one.measures) for one in found.annotators]
    columns = [
        Column("annotator", [plain(one.name) for one, _ in rows], name=True),
        Column("ballots", [str(own.ballots) for _, own in rows]),
        Column("agrees with others", [_of(own.others) for _, own in rows]),
        Column("with itself", [_of(own.repeats) for _, own in rows]),
        Column("checks right", [_count(own.checks) for _, own in rows]),
        Column("earlier side", [_with_interval(own.first_side) for _, own in rows]),
        Column("seconds", [_seconds(own.seconds) for _, own in rows]),
        Column("too fast", [_of(own.fast) for _, own in rows]),
    ]
    yield from table_lines("Annotators", columns, width=None)


def _noted(one: AnnotatorReport) -> Iterator[str]:
    name = plain(one.name)
    if one.exclusion is not None:
        by = f" by {plain(one.exclusion.who)}" if one.exclusion.who else ""
        day = one.exclusion.at.date()
        yield f"{name}: excluded on {day}{by}: {plain(one.exclusion.reason)}"
    elif one.signs:
        yield f"look at {name}: {'; '.join(_SAID[sign] for sign in one.signs)}"


def _agreement_line(found: Agreement) -> str:
    if found.alpha is None:
        return f"agreement: not computable ({found.reason})"
    alpha = found.alpha
    return (
        f"agreement: Krippendorff's alpha {alpha.value:.2f} ({alpha.low:.2f} to {alpha.high:.2f}) "
        f"over {pluralized(found.shared_items, 'pair')} of replies that several annotators judged"
    )


def _of(share: BallotShare) -> str:
    if share.share is None:
        return _NOTHING
    return f"{share.share:.0%} of {share.ballots}"


def _count(share: BallotShare) -> str:
    return f"{share.hits:.0f} of {share.ballots}" if share.ballots else _NOTHING


def _with_interval(share: BallotShare) -> str:
    interval = share.interval
    if share.share is None or interval is None:
        return _NOTHING
    return f"{share.share:.0%} ({interval.low:.0%} to {interval.high:.0%})"


def _seconds(seconds: float | None) -> str:
    return _NOTHING if seconds is None else f"{seconds:.0f}"


def quality_document(found: CampaignQuality) -> dict[str, Any]:
    """Return the same as JSON-able values; shares are from 0 to 1, missing ones None."""
    alpha = found.agreement.alpha
    return {
        "ballots": found.ballots,
        "agreement": {
            "alpha": alpha.value if alpha else None,
            "low": alpha.low if alpha else None,
            "high": alpha.high if alpha else None,
            "reason": found.agreement.reason,
            "shared_items": found.agreement.shared_items,
        },
        "repeats": _share(found.repeats),
        "checks": _share(found.checks),
        "first_side": _share(found.first_side),
        "annotators": [_annotator(one) for one in found.annotators],
    }


def _annotator(one: AnnotatorReport) -> dict[str, Any]:
    own, exclusion = one.measures, one.exclusion
    return {
        "annotator": one.name,
        "group": one.group,
        "ballots": own.ballots,
        "others": _share(own.others),
        "repeats": _share(own.repeats),
        "checks": _share(own.checks),
        "first_side": _share(own.first_side),
        "too_fast": _share(own.fast),
        "median_seconds": own.seconds,
        "look_at": list(one.signs),
        "excluded": exclusion
        and {"reason": exclusion.reason, "who": exclusion.who, "at": exclusion.at.isoformat()},
    }


def _share(share: BallotShare) -> dict[str, Any]:
    return {**share_document(share.share, share.interval), "ballots": share.ballots}
