"""Consent and the researcher's questions come before the first item."""

from collections.abc import Mapping

import pytest

from arena.domain.campaign import Question, QuestionKind
from arena.domain.errors import BadInput, NotAllowed, NotFound, Refusal
from arena.domain.localized import LocalizedText
from arena.storage.database import Database
from tests.fakes.campaigns import NAME, CampaignDesk, planned
from tests.storage.old_ledgers import rows

ASKED = LocalizedText({"en": "?"})
QUESTIONS = (
    Question(name="native", text=ASKED, kind=QuestionKind.CHOICE, choices={"en": None, "zh": None}),
    Question(name="age", text=ASKED, kind=QuestionKind.NUMBER, least=18, most=99, required=False),
    Question(name="field", text=ASKED, kind=QuestionKind.TEXT),
)
GOOD = {"native": "zh", "field": " statistics "}


@pytest.fixture
def desk(database: Database) -> CampaignDesk:
    desk = CampaignDesk(database)
    desk.open(planned(questions=QUESTIONS, consent=LocalizedText({"en": "Agree?"})))
    return desk


def test_nothing_is_assigned_before_they_are_answered(desk: CampaignDesk) -> None:
    ada = desk.person("ada")
    with pytest.raises(NotAllowed, match=Refusal.CONSENT_NEEDED.value):
        desk.assigning.next(ada, NAME)
    desk.membership.begin(ada, NAME, GOOD)
    assert desk.next(ada) is not None
    stored = rows(desk.database)
    assert {row["question"]: row["answer"] for row in stored["campaign_answers"]} == {
        "native": "zh",
        "field": "statistics",
    }
    assert stored["campaign_members"][0]["consented_at"] is not None


def test_guidelines_are_shown_before_the_first_item_where_nothing_else_is_asked(
    database: Database,
) -> None:
    desk = CampaignDesk(database)
    desk.open(planned(guidelines=LocalizedText({"en": "Correct before pleasant."})))
    ada = desk.person("ada")
    with pytest.raises(NotAllowed, match=Refusal.CONSENT_NEEDED.value):
        desk.assigning.next(ada, NAME)
    desk.membership.begin(ada, NAME, {})
    assert desk.next(ada) is not None


def test_answers_may_be_given_anew(desk: CampaignDesk) -> None:
    ada = desk.person("ada")
    desk.membership.begin(ada, NAME, GOOD)
    desk.membership.begin(ada, NAME, GOOD | {"native": "en", "age": "40"})
    answers = {row["question"]: row["answer"] for row in rows(desk.database)["campaign_answers"]}
    assert answers == {"native": "en", "age": "40", "field": "statistics"}


@pytest.mark.parametrize(
    "change",
    [
        {"native": "fr"},
        {"native": ""},
        {"field": ""},
        {"field": "x" * 1001},
        {"age": "17"},
        {"age": "100"},
        {"age": "nan"},
        {"age": "old"},
    ],
)
def test_answers_out_of_bounds_are_refused(desk: CampaignDesk, change: Mapping[str, str]) -> None:
    ada = desk.person("ada")
    with pytest.raises(BadInput):
        desk.membership.begin(ada, NAME, {**GOOD, **change})
    assert rows(desk.database)["campaign_answers"] == []


def test_what_is_not_asked_is_not_stored(desk: CampaignDesk) -> None:
    desk.membership.begin(desk.person("ada"), NAME, GOOD | {"height": "2 m"})
    assert len(rows(desk.database)["campaign_answers"]) == 2


def test_only_members_answer(desk: CampaignDesk) -> None:
    ada = desk.person("ada")
    with pytest.raises(NotFound):
        desk.membership.begin(ada, "autumn", GOOD)
