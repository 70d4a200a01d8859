"""The admin's pages of campaigns over HTTP: the list, states, progress, the early look."""

from dataclasses import replace
from pathlib import Path

import pytest

from arena.domain.accounts import Caller
from arena.domain.assignment import CampaignState
from arena.domain.campaign import CampaignAnnotator, CampaignModel
from arena.domain.conversation import ModelKey
from arena.storage.campaigns.campaigns import campaign_named
from arena.storage.database import Database
from arena.web.admin.campaigns import address_of
from tests.builders import ANNOTATOR
from tests.fakes.campaigns import NAME, planned, put_replies
from tests.fakes.campaigns import prefers as preferring
from tests.web.admin.admin_pages import cells, hidden, said, sent
from tests.web.admin.campaign_office import PLACE, CampaignOffice

PAGE = f"{PLACE}/{NAME}"
BOARD = f'href="/leaderboard?campaign={NAME}"'
HOSTILE = "a/b?c=d#e&<b>100%..'\""


@pytest.fixture
def office(database: Database, tmp_path: Path) -> CampaignOffice:
    return CampaignOffice(database, tmp_path)


def state(office: CampaignOffice) -> CampaignState:
    with office.database.reading() as connection:
        stored = campaign_named(connection, NAME)
    assert stored is not None
    return stored.state


def judged(office: CampaignOffice, ballots: int) -> None:
    ada = office.desk.person("Ada")
    for _ in range(ballots):
        assert office.desk.judge_next(ada, preferring({}, office.desk.random))


def test_the_list_tells_state_replies_ballots_and_the_end(office: CampaignOffice) -> None:
    office.store(planned())
    assert list(cells(office.client.get(PLACE))[0].values()) == [
        *(NAME, "not opened yet", "pairs", "6", "2", "12 of 12", "0 of 12", "0 %", "–"),
    ]

    office.act("open")
    judged(office, 3)

    row = cells(office.client.get(PLACE))[0]
    assert (row["State"], row["Ballots"], row["Done"]) == ("open", "3 of 12", "25 %")
    assert row["Ends about"] == "2026-03-01"


def test_without_a_campaign_the_list_says_what_to_do(office: CampaignOffice) -> None:
    assert "There is no campaign yet." in said(office.client.get(PLACE))


def test_a_campaign_is_opened_paused_opened_and_closed(office: CampaignOffice) -> None:
    office.store(planned())
    for action, now in [
        *(("open", "open"), ("open", "open"), ("pause", "paused"), ("pause", "paused")),
        *(("open", "open"), ("close", "closed"), ("close", "closed")),
    ]:
        answer = office.act(action)
        assert answer.status_code == 303
        assert state(office) == now
        assert office.client.get(answer.headers["location"]).status_code == 200

    kinds = ["created", "opened", "paused", "opened", "closed"]
    assert office.history() == [(kinds[0], None), *((kind, "Grace") for kind in kinds[1:])]


def test_missing_replies_are_named_before_a_campaign_is_opened_without_them(
    office: CampaignOffice,
) -> None:
    office.store(planned(models=3), replies=False)
    with office.database.writing() as connection:
        put_replies(connection, without=[("p2", "m1")])

    question = office.act("open")

    assert question.status_code == 409
    assert "Open without these 1 replies?" in said(question)
    assert "m1, prompt p2" in said(question)
    assert state(office) == "created"
    assert office.act("open", accepted="something else").status_code == 409
    answer = office.act("open", accepted=hidden(question, "accepted"))
    assert answer.status_code == 303
    assert state(office) == "open"
    assert "Replies that were left out: 1" in said(office.client.get(PAGE))


def test_closing_asks_first(office: CampaignOffice) -> None:
    office.store(planned())
    office.act("open")

    page = office.client.get(PAGE)
    assert f'href="{PAGE}?ask=close"' in page.text
    assert f'action="{PLACE}/close"' not in page.text
    question = office.client.get(f"{PAGE}?ask=close")

    assert "Close this campaign for good?" in said(question)
    assert f'action="{PLACE}/close"' in question.text
    assert state(office) == "open"


def test_what_cannot_be_done_is_said_on_the_page(office: CampaignOffice) -> None:
    office.store(planned())

    answer = office.act("pause")

    assert answer.status_code == 409
    assert "'spring' is not opened yet: it cannot be paused." in said(answer)
    assert "There is no campaign 'winter'." in said(office.act("open", "winter"))
    assert office.client.get(f"{PLACE}/winter").status_code == 404


def test_the_board_of_an_open_campaign_is_hidden_until_a_recorded_look(
    office: CampaignOffice,
) -> None:
    office.store(planned())
    assert BOARD not in office.client.get(PAGE).text
    office.act("open")
    assert BOARD not in office.client.get(PAGE).text

    answers = [office.act("look"), office.act("look")]

    assert BOARD in office.client.get(answers[0].headers["location"]).text
    assert office.history()[2:] == [("looked_early", "Grace")]
    office.desk.clock.pass_by(minutes=11)
    assert BOARD not in office.client.get(PAGE).text
    office.act("pause")
    assert BOARD not in office.client.get(PAGE).text
    office.act("close")
    assert BOARD in office.client.get(PAGE).text
    assert "looked at the board early Grace" in said(office.client.get(PAGE))


def test_another_admin_looks_in_their_own_name(office: CampaignOffice) -> None:
    office.store(planned())
    office.act("open")
    office.act("look")

    other = office.as_(replace(office.admin, id=office.desk.person("Barbara").id))

    assert BOARD not in other.get(PAGE).text


def test_progress_is_told_by_annotator_models_and_category(office: CampaignOffice) -> None:
    office.store(planned(annotators=(CampaignAnnotator("Ada"), CampaignAnnotator("Bob")), models=3))
    office.act("open")
    judged(office, 2)

    page = said(office.client.get(PAGE))

    assert "Ada – 2 0 0 0 0 2026-03-01 09:00" in page
    assert "Named in the file, and not here yet: Bob." in page
    assert "Model 0 – Model 1" in page
    assert "2 of 36" in page
    assert "Writing" in page


def test_replies_are_told_by_model_with_reasons(office: CampaignOffice) -> None:
    office.store(planned(judged=2), replies=False)
    with office.database.writing() as connection:
        put_replies(connection, without=[("p1", "m1")])

    page = office.client.get(PAGE)

    assert [list(row.values()) for row in cells(page)] == [
        ["Model 0 m0", "2", "0", "0", "0", "0"],
        ["Model 1 m1", "1", "0", "0", "0", "1"],
    ]
    assert "missing m1 p1 1" in said(page)
    assert f"arena campaign generate {NAME}" in said(page)


@pytest.mark.parametrize("name", [HOSTILE, "..", ".", " spaced  out ", "名称", "$(rm -rf /)"])
def test_a_name_may_be_anything(office: CampaignOffice, name: str) -> None:
    office.store(replace(planned(), name=name), replies=False)

    listed = office.client.get(PLACE)
    page = office.client.get(address_of(name))

    assert page.status_code == 200
    assert hidden(page, "name") == name
    assert "<b>" not in listed.text + page.text
    assert "generate $(" not in said(page)
    assert office.client.get(f"{PLACE}/").headers["location"] == PLACE


def test_names_of_models_and_annotators_are_text(office: CampaignOffice) -> None:
    models = tuple(CampaignModel(ModelKey(key), f"<img {key}>") for key in ("m0", "m1"))
    office.store(replace(planned(annotators=(CampaignAnnotator("<img>"),)), models=models))
    office.act("open")

    page = office.client.get(PAGE)

    assert "<img" not in page.text
    assert "&lt;img m0&gt;" in page.text


@pytest.mark.parametrize("action", ["open", "pause", "close", "look"])
def test_a_form_of_another_session_changes_nothing(office: CampaignOffice, action: str) -> None:
    office.store(planned())
    before = office.history()

    answer = office.client.post(f"{PLACE}/{action}", data={"name": NAME, "token": "another"})

    assert answer.status_code == 409
    assert "belongs to an earlier sign-in" in said(answer)
    assert office.history() == before


@pytest.mark.parametrize(("caller", "status"), [(None, 401), (ANNOTATOR, 403)])
def test_nobody_else_gets_in(office: CampaignOffice, caller: Caller | None, status: int) -> None:
    office.store(planned())
    client = office.as_(caller)

    for address in (PLACE, PAGE, f"{PAGE}?ask=close"):
        assert client.get(address).headers["location"] == "/login"
        assert client.get(address, headers={"accept": "*/*"}).status_code == status
    for action in ("check", "create", "open", "pause", "close", "look"):
        answer = sent(client, f"{PLACE}/{action}", name=NAME)
        assert answer.status_code == status
        assert NAME not in answer.text
    assert office.history() == [("created", None)]


def test_the_pages_speak_chinese(database: Database, tmp_path: Path) -> None:
    office = CampaignOffice(database, tmp_path, "zh")
    office.store(planned())

    assert "尚未开放" in said(office.client.get(PLACE))
    assert "回答" in said(office.client.get(PAGE))
