"""What the ballots of a campaign tell of each annotator."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from arena.domain.accounts import AnnotatorId
from arena.domain.assignment import AssignmentId, BattlePurpose
from arena.services.campaigns.quality.opinions import (
    Opinions,
    agreement_of,
    is_right,
    opinions_of,
    sides_preferred,
)
from arena.services.campaigns.quality.shares import BallotShare
from arena.storage.campaigns.ballots import GivenBallot

FASTEST_READING = 100
"""Characters a second: four times as fast as people read English (Brysbaert 2019, J. Mem. Lang.
109, 104047: 238 words a minute). Who is faster has not looked at all of the replies."""

LEAST_SECONDS = 2.0
"""Nobody looks at two replies, decides and clicks within less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What one annotator's ballots tell, each share of ballots.

    `ballots` counts neither repeats nor check items, `seconds` is of all.
    `others` is how far ballots agree with those of others on the same item, `repeats` with the
    annotator's own first ballot, `checks` with what is known. `first_side` are preferences for the
    earlier side, `fast` ballots that were implausibly fast. `seconds` is the median in view.
    """

    ballots: int
    others: BallotShare
    repeats: BallotShare
    checks: BallotShare
    first_side: BallotShare
    fast: BallotShare
    seconds: float | None


def measures(ballots: Sequence[GivenBallot]) -> Mapping[AnnotatorId, Measures]:
    """Return what all ballots of a campaign tell, by annotator."""
    own = defaultdict[AnnotatorId, list[GivenBallot]](list)
    for ballot in ballots:
        own[ballot.annotator_id].append(ballot)
    said = {ballot.id: opinions_of(ballot) for ballot in ballots}
    on_item = defaultdict[int, list[GivenBallot]](list)
    for ballot in ballots:
        if ballot.purpose is BattlePurpose.JUDGED:
            on_item[ballot.item_id].append(ballot)
    return {
        who: Measures(
            ballots=sum(one.purpose is BattlePurpose.JUDGED for one in given),
            others=BallotShare.of(_with_others(given, on_item, said)),
            repeats=BallotShare.of(
                agreement_of(said[one.id], said[one.repeat_of])
                for one in given
                if one.repeat_of is not None
            ),
            checks=BallotShare.of(float(is_right(one)) for one in given if one.check),
            first_side=BallotShare.of(_first_sides(given)),
            fast=BallotShare.of(
                float(is_fast(one, one.seconds))
                for one in given
                if one.seconds is not None and one.repeat_of is None
            ),
            seconds=_median(given),
        )
        for who, given in own.items()
    }


def is_fast(ballot: GivenBallot, seconds: float) -> bool:
    """Return whether nobody can have read the replies in that time."""
    return seconds < max(LEAST_SECONDS, ballot.characters / FASTEST_READING)


def _with_others(
    given: Sequence[GivenBallot],
    on_item: Mapping[int, Sequence[GivenBallot]],
    said: Mapping[AssignmentId, Opinions],
) -> Iterator[float]:
    """Yield, for each ballot on what others judged too, how far it agrees with them on average."""
    for one in given:
        if one.purpose is not BattlePurpose.JUDGED:
            continue
        others = [each for each in on_item[one.item_id] if each.annotator_id != one.annotator_id]
        if others:
            same = (agreement_of(said[one.id], said[each.id]) for each in others)
            yield sum(same) / len(others)


def _first_sides(given: Sequence[GivenBallot]) -> Iterator[float]:
    for one in given:
        preferred = () if one.check else tuple(sides_preferred(one))
        if preferred:
            yield sum(preferred) / len(preferred)


def _median(given: Sequence[GivenBallot]) -> float | None:
    seconds = [one.seconds for one in given if one.seconds is not None]
    return median(seconds) if seconds else None
