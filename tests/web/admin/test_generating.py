"""An admin generates the replies of a campaign on its page, with the models of the arena."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from httpx import AsyncClient, Response

from arena.domain.campaign import CampaignModel
from arena.domain.conversation import ModelKey
from arena.storage.database import Database
from tests.builders import ANNOTATOR
from tests.fakes.campaigns import NAME, planned
from tests.fakes.waiting import until
from tests.web.admin.admin_pages import TOKEN
from tests.web.admin.campaign_office import PLACE, CampaignOffice

pytestmark = pytest.mark.anyio

ONE, TWO = ModelKey("one"), ModelKey("two")


@pytest.fixture
def office(database: Database, tmp_path: Path) -> CampaignOffice:
    found = CampaignOffice(database, tmp_path)
    models = (CampaignModel(ONE, "Model One"), CampaignModel(TWO, "Model Two"))
    found.store(replace(planned(judged=2), models=models), replies=False)
    return found


async def press(client: AsyncClient, action: str, token: str = TOKEN) -> Response:
    return await client.post(f"{PLACE}/{action}", data={"token": token, "name": NAME})


async def page_with(client: AsyncClient, words: str) -> str:
    """Look at the campaign's page until it says so."""
    while True:
        text = (await client.get(f"{PLACE}/{NAME}")).text
        if words in text:
            return text
        await asyncio.sleep(0)


async def test_replies_are_made_and_the_page_says_how_far_it_is(office: CampaignOffice) -> None:
    two = office.server.models[TWO]
    two.blocked.clear()
    async with office.page_of(office.admin) as client:
        page = await press(client, "generate")
        assert page.status_code == 200
        text = await page_with(client, "now Model Two")
        assert "Generating: 2 of 4 replies" in text
        assert "data-reload" in text
        assert "Stop generating" in text
        two.blocked.set()
        text = await page_with(client, "Generating has ended. Replies written: 4, reused: 0.")
        assert "data-reload" not in text
        assert "Model Two: " not in text
        assert "two: 2 written, 0 reused" in text
        assert "Generate replies" not in text
        assert text.partition('id="history"')[2].count("Grace") == 2
    generated = ("generated", "Grace")
    assert office.history() == [("created", None), generated, generated]


async def test_a_second_press_is_a_sentence_and_stop_keeps_what_is_whole(
    office: CampaignOffice,
) -> None:
    two = office.server.models[TWO]
    two.blocked.clear()
    async with office.page_of(office.admin) as client:
        await press(client, "generate")
        await until(lambda: two.open > 0)
        page = await press(client, "generate")
        assert page.status_code == 409
        assert "are being generated: wait for the end, or stop" in page.text
        page = await press(client, "stop")
        assert "Generating was stopped. Every whole reply is kept." in page.text
        assert "Generate replies" in page.text
        assert (two.open, len(office.server.models[ONE].requests)) == (0, 2)
        two.blocked.set()
        await press(client, "generate")
        await page_with(client, "Replies written: 2, reused: 0.")


async def test_a_model_that_cannot_start_is_named_with_its_reason(office: CampaignOffice) -> None:
    office.server.models[TWO].cannot_start = "out of memory <b>"
    async with office.page_of(office.admin) as client:
        await press(client, "generate")
        text = await page_with(client, "Replies written: 2, reused: 0.")
    assert "Model Two: out of memory &lt;b&gt;" in text


async def test_nobody_but_an_admin_generates_or_stops(office: CampaignOffice) -> None:
    for caller, status in ((None, 401), (ANNOTATOR, 403)):
        async with office.page_of(caller) as client:
            for action in ("generate", "stop"):
                assert (await press(client, action)).status_code == status
    async with office.page_of(office.admin) as client:
        assert (await press(client, "generate", token="another")).status_code == 409
    assert office.server.requests == 0
