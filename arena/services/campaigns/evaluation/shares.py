"""How much each person judges: an equal share, beyond which nobody of a crowd is given more."""

from collections.abc import Sequence
from math import ceil

from arena.domain.assignment import AssignmentState, BattlePurpose
from arena.domain.workload import repeats_of
from arena.services.campaigns.finding import StoredCampaign
from arena.storage.campaigns.assignments import AssignmentRecord
from arena.storage.campaigns.items import count_checks, count_places
from arena.storage.database import Connection


def left_of_share(
    connection: Connection, campaign: StoredCampaign, given: Sequence[AssignmentRecord]
) -> int | None:
    """Return how many items are still for an annotator who was given these; None for no limit.

    Everybody of a crowd judges the same part of all places, rounded up; repeats and check items
    come on top. Who is known by name goes on as long as there is something left.
    """
    crowd = campaign.terms.crowd
    if crowd is None:
        return None
    record = campaign.record
    places = count_places(connection, campaign.id, overlap=record.overlap, most=record.most)
    return max(0, ceil(places / crowd.people) - len(_judged(given)))


def whole_share(connection: Connection, campaign: StoredCampaign) -> int | None:
    """Return how many ballots an annotator is asked for, repeats and check items among them.

    It follows from the campaign file alone, and so stays what it is whatever others do: a number
    that grew when others leave, or when a repeat comes, would move the goal or tell the repeat.
    Nobody's share where the file expects nobody in particular.
    """
    terms = campaign.terms
    if not terms.people:
        return None
    items = count_places(connection, campaign.id, overlap=1, most=1)
    own = min(items, ceil(items * terms.overlap / terms.people))
    return own + repeats_of(own, terms.repeats) + count_checks(connection, campaign.id)


def has_judged(given: Sequence[AssignmentRecord]) -> bool:
    """Return whether an annotator who was given these has judged any."""
    return bool(_judged(given))


def _judged(given: Sequence[AssignmentRecord]) -> list[AssignmentRecord]:
    return [
        one
        for one in given
        if one.state is AssignmentState.JUDGED and one.purpose is BattlePurpose.JUDGED
    ]
