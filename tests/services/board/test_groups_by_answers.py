"""Answers to a researcher's questions with choices are groups that boards filter by."""

from collections.abc import Mapping
from random import Random

import pytest

from arena.domain.accounts import AccountRole, AnnotatorId, Caller
from arena.domain.board import BoardFilter
from arena.domain.campaign import Question, QuestionKind
from arena.domain.errors import NotAllowed, Refusal
from arena.domain.localized import LocalizedText
from arena.domain.visibility import Visibility
from arena.services.board.leaderboard import Leaderboards
from arena.storage.database import Database
from arena.storage.people import set_group
from tests.fakes.campaigns import NAME, CampaignDesk, planned, prefers
from tests.fakes.stored_campaigns import set_state

ASKED = LocalizedText({"en": "?"})
LANGUAGE = Question(
    name="first_language",
    text=ASKED,
    kind=QuestionKind.CHOICE,
    choices={"English": None, "中文": None},
    required=False,
)
FIELD = Question(name="field", text=ASKED, kind=QuestionKind.TEXT, required=False)
AGE = Question(name="age", text=ASKED, kind=QuestionKind.NUMBER, required=False)
ADMIN = Caller(AnnotatorId(0), "admin", AccountRole.ADMIN)


@pytest.fixture
def desk(database: Database) -> CampaignDesk:
    desk = CampaignDesk(database)
    desk.open(planned(judged=2, overlap=9, questions=(LANGUAGE, FIELD, AGE)))
    return desk


@pytest.fixture
def boards(database: Database) -> Leaderboards:
    return Leaderboards(database, visibility=Visibility.PUBLIC)


def voted(desk: CampaignDesk, name: str, answers: Mapping[str, str]) -> Caller:
    """An annotator who answered, and judged one item."""
    who = desk.person(name)
    desk.membership.begin(who, NAME, answers)
    assert desk.judge_next(who, prefers({}, Random(1)))
    return who


def close(desk: CampaignDesk) -> None:
    """Let the boards be seen: while a campaign is open they are for admins alone."""
    set_state(desk.database, "closed", NAME)


def of(group: str) -> BoardFilter:
    return BoardFilter(group=group)


def test_an_answer_of_three_people_is_a_group_and_that_of_two_is_not(
    desk: CampaignDesk, boards: Leaderboards
) -> None:
    for name in ("ada", "bob", "eve"):
        voted(desk, name, {"first_language": "中文"})
    for name in ("ian", "lea"):
        voted(desk, name, {"first_language": "English"})
    close(desk)

    assert boards.choices(None)["group"] == ("first_language=中文",)
    assert boards.board(None, of("first_language=中文")).votes == 3
    with pytest.raises(NotAllowed, match=Refusal.GROUP_TOO_SMALL.value):
        boards.board(None, of("first_language=English"))
    groups = ("first_language=English", "first_language=中文")
    assert boards.choices(ADMIN)["group"] == groups
    assert boards.board(ADMIN, of("first_language=English")).votes == 2


def test_texts_and_numbers_make_no_group(desk: CampaignDesk, boards: Leaderboards) -> None:
    for name in ("ada", "bob", "eve"):
        voted(desk, name, {"field": "law", "age": "40"})
    assert boards.choices(ADMIN)["group"] == ()
    assert boards.board(ADMIN, of("field=law")).votes == 0


def test_an_answer_stands_beside_the_group_of_the_account(
    desk: CampaignDesk, boards: Leaderboards
) -> None:
    for name in ("ada", "bob", "eve"):
        who = voted(desk, name, {"first_language": "English"})
        with desk.database.writing() as connection:
            set_group(connection, who.id, "linguists")
    close(desk)
    assert boards.choices(None)["group"] == ("first_language=English", "linguists")
    for group in boards.choices(None)["group"]:
        assert boards.board(None, of(group)).votes == 3


def test_whoever_answers_anew_changes_the_group(desk: CampaignDesk, boards: Leaderboards) -> None:
    people = [voted(desk, name, {"first_language": "English"}) for name in ("ada", "bob", "eve")]
    assert boards.board(ADMIN, of("first_language=English")).votes == 3

    desk.membership.begin(people[0], NAME, {"first_language": "中文"})
    close(desk)

    assert boards.board(ADMIN, of("first_language=English")).votes == 2
    assert boards.choices(None)["group"] == ()


def test_a_choice_that_the_newest_file_no_longer_offers_makes_no_group(
    desk: CampaignDesk, boards: Leaderboards
) -> None:
    for name in ("ada", "bob", "eve"):
        voted(desk, name, {"first_language": "English"})
    close(desk)
    assert boards.choices(None)["group"] == ("first_language=English",)

    set_state(desk.database, "open", NAME)
    as_text = Question(name="first_language", text=ASKED, kind=QuestionKind.TEXT, required=False)
    desk.campaigns.create(planned(judged=2, overlap=9, questions=(as_text,)))
    close(desk)

    assert boards.choices(None)["group"] == ()
