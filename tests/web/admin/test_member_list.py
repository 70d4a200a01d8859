"""The list of a campaign's members as a file, on its page and for admins alone."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from arena.domain.accounts import Caller
from arena.storage.database import Database
from arena.web.admin.member_list import members_router
from tests.builders import ANNOTATOR
from tests.fakes.campaigns import NAME, planned
from tests.web.admin.admin_pages import visiting
from tests.web.admin.campaign_office import PLACE, CampaignOffice

ADDRESS = f"/admin/exports/members.csv?campaign={NAME}"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> CampaignOffice:
    found = CampaignOffice(database, tmp_path)
    found.store(planned())
    found.act("open")
    return found


@pytest.fixture
def browser_of(office: CampaignOffice) -> Callable[[Caller | None], TestClient]:
    def browser(caller: Caller | None) -> TestClient:
        return visiting(members_router(office.administration, lambda _: caller))

    return browser


def test_the_page_links_to_the_list_once_somebody_is_there(
    office: CampaignOffice, browser_of: Callable[[Caller | None], TestClient]
) -> None:
    assert ADDRESS not in office.client.get(f"{PLACE}/{NAME}").text
    office.desk.person("Ada")
    assert f'href="{ADDRESS}"' in office.client.get(f"{PLACE}/{NAME}").text

    answer = browser_of(office.admin).get(ADDRESS)

    (row,) = csv.DictReader(answer.text.splitlines())
    assert (answer.status_code, row["annotator"]) == (200, "Ada")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="members.csv"'
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("caller", "status"), [(None, 401), (ANNOTATOR, 403)])
def test_nobody_else_gets_the_list(
    office: CampaignOffice,
    browser_of: Callable[[Caller | None], TestClient],
    caller: Caller | None,
    status: int,
) -> None:
    office.desk.person("Ada")

    answer = browser_of(caller).get(ADDRESS)

    assert (answer.status_code, "Ada" in answer.text) == (status, False)


def test_an_unknown_campaign_is_not_found(
    office: CampaignOffice, browser_of: Callable[[Caller | None], TestClient]
) -> None:
    answer = browser_of(office.admin).get("/admin/exports/members.csv?campaign=winter")

    assert (answer.status_code, answer.json()) == (404, {"error": "unknown_campaign"})
