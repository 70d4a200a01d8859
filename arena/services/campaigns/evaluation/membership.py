"""Who takes part in a campaign: joining, consent, and answers to the researcher's questions."""

import logging
import math
from collections.abc import Mapping

from arena.domain.accounts import Caller
from arena.domain.campaign import Campaign, Question, QuestionKind
from arena.domain.characters import to_well_formed
from arena.domain.clock import Clock
from arena.domain.errors import BadInput, NotAllowed, NotFound, Refusal
from arena.services.campaigns.finding import StoredCampaign, found_by_name
from arena.storage.campaigns.members import (
    CrowdIdentity,
    MemberRecord,
    answers_of,
    insert_member,
    is_at_work,
    is_from_crowd,
    mark_consented,
    member,
    open_campaigns_without,
    put_answers,
)
from arena.storage.database import Connection, Database, StorageError
from arena.storage.people import set_first_group

logger = logging.getLogger(__name__)

LONGEST_ANSWER = 1000


class Membership:
    """Members of campaigns. Blocking."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def join(self, caller: Caller, campaign: str, *, crowd: CrowdIdentity | None = None) -> None:
        """Make the caller a member; a member stays one.

        A campaign with a crowd is for those who come from it, and one that names annotators is for
        them; one with neither is for everybody who has an account. Who is in no group joins the
        one that the file names.

        Raises:
            NotFound: There is no such campaign.
            NotAllowed: The campaign is for others.
        """
        with self._database.writing() as connection:
            stored = found_by_name(connection, campaign)
            if member(connection, stored.id, caller.id) is not None:
                return
            if not _is_for(stored.terms, caller, crowd):
                raise NotAllowed(Refusal.NOT_ALLOWED)
            insert_member(connection, stored.id, caller.id, crowd=crowd, now=self._clock.now())
            named = {one.name: one.group for one in stored.terms.annotators}
            if crowd is None and (group := named.get(caller.name)):
                set_first_group(connection, caller.id, group)

    def join_open(self, caller: Caller) -> None:
        """Make the caller a member of every open campaign that is for the caller.

        People of a crowd came for one campaign and join no other.
        """
        with self._database.reading() as connection:
            if is_from_crowd(connection, caller.id):
                return
            names = open_campaigns_without(connection, caller.id)
            found = [found_by_name(connection, name) for name in names]
        for name in [one.name for one in found if _is_for(one.terms, caller, None)]:
            self.join(caller, name)

    def has_to_judge(self, caller: Caller | None) -> bool:
        """Return whether an open campaign is for the caller, who has not finished there.

        Pages that do without the database ask too: False while it fails.
        """
        if caller is None:
            return False
        try:
            with self._database.reading() as connection:
                return _has_to_judge(connection, caller)
        except StorageError:
            logger.exception("nobody can say whether %s has something to judge", caller.name)
            return False

    def begin(self, caller: Caller, campaign: str, answers: Mapping[str, str]) -> None:
        """Store the caller's consent and answers.

        Raises:
            NotFound: There is no such campaign, or the caller is no member.
            BadInput: A required answer is missing, or one is out of bounds.
        """
        now = self._clock.now()
        with self._database.writing() as connection:
            stored = found_by_name(connection, campaign)
            required_member(connection, stored, caller)
            kept = dict(_checked(stored.terms, answers))
            mark_consented(connection, stored.id, caller.id, now)
            put_answers(connection, stored.id, caller.id, kept, now)


def required_member(
    connection: Connection, campaign: StoredCampaign, caller: Caller
) -> MemberRecord:
    """Return the caller as a member; raises `NotFound`."""
    found = member(connection, campaign.id, caller.id)
    if found is None:
        raise NotFound(Refusal.CAMPAIGN_NOT_FOUND)
    return found


def has_begun(connection: Connection, campaign: StoredCampaign, who: MemberRecord) -> bool:
    """Return whether the guidelines were shown, and consent and all required answers are there."""
    terms = campaign.terms
    if terms.consent is None and terms.guidelines is None and not terms.questions:
        return True
    if who.consented_at is None:
        return False
    wanted = {question.name for question in terms.questions if question.required}
    return wanted <= answers_of(connection, campaign.id, who.annotator_id).keys()


def _has_to_judge(connection: Connection, caller: Caller) -> bool:
    if is_at_work(connection, caller.id):
        return True
    if is_from_crowd(connection, caller.id):
        return False
    names = open_campaigns_without(connection, caller.id)
    return any(_is_for(found_by_name(connection, name).terms, caller, None) for name in names)


def _is_for(terms: Campaign, caller: Caller, crowd: CrowdIdentity | None) -> bool:
    if terms.crowd is not None:
        return crowd is not None
    if terms.annotators:
        return caller.name in {annotator.name for annotator in terms.annotators}
    return True


def _checked(terms: Campaign, answers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the answers to the campaign's questions, in their order."""
    checked = []
    for question in terms.questions:
        answer = to_well_formed(answers.get(question.name, "")).strip()
        if not answer and question.required:
            raise BadInput(Refusal.BALLOT_INCOMPLETE)
        if answer and not _fits(question, answer):
            raise BadInput(Refusal.BALLOT_INCOMPLETE)
        if answer:
            checked.append((question.name, answer))
    return checked


def _fits(question: Question, answer: str) -> bool:
    if question.kind is QuestionKind.CHOICE:
        return answer in question.choices
    if question.kind is QuestionKind.TEXT:
        return len(answer) <= LONGEST_ANSWER
    try:
        number = float(answer)
    except ValueError:
        return False
    least = -math.inf if question.least is None else question.least
    most = math.inf if question.most is None else question.most
    return math.isfinite(number) and least <= number <= most
