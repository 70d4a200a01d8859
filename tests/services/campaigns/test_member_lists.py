"""The list of a campaign's members: who they are to a crowd platform, and what they did."""

import re
from pathlib import Path
from random import Random
from zipfile import ZipFile

import pytest

from arena.domain.accounts import Caller
from arena.domain.campaign import Crowd
from arena.domain.verdict import Verdict
from arena.services.campaigns.evaluation.crowds import Crowds
from arena.services.campaigns.member_lists import COLUMNS, MemberLists, document_of, member_file
from arena.services.campaigns.refusals import CampaignRefused
from arena.storage.database import Database
from tests.fakes.archived_campaigns import archive_of
from tests.fakes.campaigns import NAME, CampaignDesk, planned, prefers
from tests.fakes.stored_campaigns import count

PARAMETERS = {"annotator": "PROLIFIC_PID", "study": "STUDY_ID", "session": "SESSION_ID"}
WHO = ("5f3cA7external", "studyB8", "sessionC9")
DOCS = Path(__file__).parents[3] / "docs" / "campaigns.md"


@pytest.fixture
def desk(database: Database) -> CampaignDesk:
    desk = CampaignDesk(database)
    crowd = Crowd(people=2, parameters=PARAMETERS, completion_code="C1A2B3C4")
    desk.open(planned(judged=4, overlap=1, crowd=crowd, check_items=2, repeats=0.5))
    return desk


def arrive(desk: CampaignDesk, *who: str) -> Caller:
    """Come from the crowd platform with an id, and perhaps a study and a session."""
    crowds = Crowds(desk.database, desk.clock)
    sent = zip(PARAMETERS.values(), who, strict=False)
    arrival = crowds.arrival({name: [value] for name, value in sent})
    assert arrival is not None
    person = crowds.admit(arrival)
    assert isinstance(person, Caller)
    return person


def judge_all(desk: CampaignDesk, person: Caller, *, right: bool) -> None:
    """Judge everything, check items right or wrong."""
    checks = {"right": 1e9, "wrong": 1e-9} if right else {"right": 1e-9, "wrong": 1e9}
    while desk.judge_next(person, prefers(checks, Random(1))):
        pass


def test_a_person_of_a_crowd_is_listed_with_all_ids_and_what_was_done(desk: CampaignDesk) -> None:
    person = arrive(desk, *WHO)
    judge_all(desk, person, right=True)

    (member,) = MemberLists(desk.database).members(NAME)

    told = document_of(member)
    assert (told["external_id"], told["study"], told["session"]) == WHO
    assert told["annotator"] == person.name
    assert told["joined_at"] == "2026-03-01T09:00:00.000000Z"
    given = (member.judged, member.repeats, member.checks)
    assert sum(given) == count(desk.database, "votes")
    assert min(given) > 0
    assert member.checks_passed == member.checks == 2


def test_check_items_judged_wrong_do_not_pass(desk: CampaignDesk) -> None:
    judge_all(desk, arrive(desk, "careless"), right=False)
    judge_all(desk, arrive(desk, "careful"), right=True)

    members = MemberLists(desk.database).members(NAME)

    assert [(one.checks_passed, one.checks) for one in members] == [(0, 2), (2, 2)]


def test_whoever_came_by_a_personal_link_has_no_ids(database: Database) -> None:
    desk = CampaignDesk(database)
    desk.open(planned())
    desk.person("Ada")

    (member,) = MemberLists(database).members(NAME)

    assert (member.annotator, member.crowd, member.judged) == ("Ada", None, 0)


def test_the_file_has_a_row_for_each_member_in_the_order_of_joining(desk: CampaignDesk) -> None:
    names = [arrive(desk, *WHO).name]
    desk.clock.pass_by(minutes=1)
    names.append(arrive(desk, "=b").name)

    lines = b"".join(member_file(MemberLists(desk.database).members(NAME))).decode().split("\r\n")

    assert lines[0] == ",".join(column.name for column in COLUMNS)
    assert lines[1].startswith(f"{names[0]},{','.join(WHO)},,2026-03-01T09:00:00.000000Z,,,0,0,0,0")
    assert lines[2].startswith(f"{names[1]},'=b,,,,2026-03-01T09:01:00.000000Z,")
    assert lines[3:] == [""]


def test_without_a_member_the_file_has_its_header_alone(desk: CampaignDesk) -> None:
    content = b"".join(member_file(MemberLists(desk.database).members(NAME)))

    assert content.count(b"\r\n") == 1


def test_an_unknown_campaign_is_refused(database: Database) -> None:
    with pytest.raises(CampaignRefused, match="there is no campaign 'spring'"):
        MemberLists(database).members(NAME)


def test_an_archive_holds_no_id_of_a_crowd_platform(desk: CampaignDesk, tmp_path: Path) -> None:
    person = arrive(desk, *WHO)
    judge_all(desk, person, right=True)

    with ZipFile(archive_of(desk, tmp_path / "spring.zip")) as file:
        content = {name: file.read(name).decode() for name in file.namelist()}

    everything = "".join([*content, *content.values()])
    for secret in (*WHO, person.name, "C1A2B3C4"):
        assert secret not in everything
    assert "anon-" in content["annotators.jsonl"]
    assert content["ballots.jsonl"].count(Verdict.A_BETTER) > 0


def test_every_column_is_documented() -> None:
    section = DOCS.read_text(encoding="utf-8").partition("## People from a crowd platform\n")[2]
    table = section.partition("\n## ")[0]

    documented = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)))
    assert documented == [column.name for column in COLUMNS]
