"""People whom a crowd platform sends, identified by parameters of the address."""

import logging
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from arena.domain.accounts import CROWD, AccountRole, Caller
from arena.domain.assignment import AssignmentState, CampaignState
from arena.domain.campaign import Crowd
from arena.domain.clock import Clock
from arena.domain.errors import BadInput, NotAllowed, Refusal
from arena.domain.evaluation import NothingToJudge
from arena.services.campaigns.evaluation.assigning import nothing_because
from arena.services.campaigns.finding import StoredCampaign, found_by_name, found_by_number
from arena.storage.accounts import enabled_caller, insert_annotator
from arena.storage.campaigns.assignments import give_back, overdue
from arena.storage.campaigns.campaigns import running_campaigns
from arena.storage.campaigns.items import open_items
from arena.storage.campaigns.members import (
    CrowdIdentity,
    count_members_at_work,
    insert_member,
    member_from_crowd,
)
from arena.storage.database import Connection, Database

logger = logging.getLogger(__name__)

LONGEST_ID = 100
_ID = re.compile(rf"[A-Za-z0-9._:@=-]{{1,{LONGEST_ID}}}")

Parameters = Mapping[str, Sequence[str]]
"""The parameters of an address, each with all of its values."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody whom a crowd platform has sent to a campaign."""

    campaign_id: int
    campaign: str
    identity: CrowdIdentity


class Crowds:
    """Lets people of crowds in. Blocking.

    Nothing but the address tells who somebody is: whoever knows a person's id is that person, and
    an id that was made up is one more person.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def arrival(self, parameters: Parameters, campaign: str = "") -> Arrival | None:
        """Return who comes to which campaign; None where no campaign has such a crowd.

        Without a name it is the only open campaign whose crowd has these parameters.

        Raises:
            BadInput: A parameter has no proper value, or several campaigns are meant.
        """
        with self._database.reading() as connection:
            meant = self._meant(connection, parameters, campaign)
        if meant is None:
            return None
        stored, crowd = meant
        return Arrival(stored.id, stored.name, _identity(crowd, parameters))

    def known(self, arrival: Arrival) -> Caller | None:
        """Return the account of somebody who has been here before.

        Raises `NotAllowed` where it is closed.
        """
        with self._database.reading() as connection:
            return _known(connection, arrival)

    def admit(self, arrival: Arrival) -> Caller | NothingToJudge:
        """Return the person's account, a new one for a new person; or why there is no place.

        Raises `NotAllowed` where the account is closed.
        """
        now = self._clock.now()
        with self._database.writing() as connection:
            if (known := _known(connection, arrival)) is not None:
                return known
            stored = found_by_number(connection, arrival.campaign_id)
            if (reason := nothing_because(stored, now)) is not None:
                return reason
            crowd = stored.terms.crowd
            if crowd is None or _is_full(connection, stored, crowd, now):
                return NothingToJudge.FULL
            name = f"{CROWD}{secrets.token_hex(6)}"
            number = insert_annotator(
                connection, name=name, role=AccountRole.ANNOTATOR, created_at=now
            )
            insert_member(connection, stored.id, number, crowd=arrival.identity, now=now)
            return Caller(number, name, AccountRole.ANNOTATOR)

    def _meant(
        self, connection: Connection, parameters: Parameters, campaign: str
    ) -> tuple[StoredCampaign, Crowd] | None:
        found: list[tuple[StoredCampaign, Crowd]] = []
        for name in running_campaigns(connection):
            stored = found_by_name(connection, name)
            crowd = stored.terms.crowd
            if crowd is not None and crowd.parameters["annotator"] in parameters:
                found.append((stored, crowd))
        if campaign:
            return next((one for one in found if one[0].name == campaign), None)
        open_ones = [one for one in found if one[0].state is CampaignState.OPEN]
        if len(open_ones) > 1:
            names = ", ".join(repr(stored.name) for stored, _ in open_ones)
            logger.warning("a crowd came to %s at once: add campaign=NAME to the address", names)
            raise BadInput(Refusal.CROWD_ADDRESS)
        return next(iter(open_ones or found), None)


def _identity(crowd: Crowd, parameters: Parameters) -> CrowdIdentity:
    values = {ours: parameters.get(theirs, ()) for ours, theirs in crowd.parameters.items()}
    for ours, given in values.items():
        if len(given) > 1 or not all(_ID.fullmatch(value) for value in given):
            raise BadInput(Refusal.CROWD_ADDRESS)
        if ours == "annotator" and not given:
            raise BadInput(Refusal.CROWD_ADDRESS)
    return CrowdIdentity(
        values["annotator"][0],
        study=next(iter(values.get("study", ())), None),
        session=next(iter(values.get("session", ())), None),
    )


def _known(connection: Connection, arrival: Arrival) -> Caller | None:
    number = member_from_crowd(connection, arrival.campaign_id, arrival.identity.external_id)
    if number is None:
        return None
    caller = enabled_caller(connection, number)
    if caller is None:
        raise NotAllowed(Refusal.NOT_ALLOWED)
    return caller


def _is_full(connection: Connection, stored: StoredCampaign, crowd: Crowd, now: datetime) -> bool:
    """Return whether nobody else is needed: there are enough people, or nothing is left.

    Who left without finishing makes room once the time for an item is over.
    """
    for one in overdue(connection, now):
        give_back(connection, one, AssignmentState.EXPIRED)
    since = now - timedelta(minutes=stored.terms.time_limits.minutes_per_item)
    if count_members_at_work(connection, stored.id, since=since) >= crowd.people:
        return True
    record = stored.record
    return not open_items(connection, stored.id, overlap=record.overlap, most=record.most)
