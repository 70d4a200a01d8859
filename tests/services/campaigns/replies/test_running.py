"""Replies are made by the models of a running arena, in the background."""

import asyncio
from pathlib import Path

import pytest

from arena.catalog import ModelCatalog, ModelRow
from arena.catalog.fields import Script
from arena.domain.campaign_replies import ReplyStatus
from arena.domain.conversation import ModelKey
from arena.inference.pool import ModelPool
from arena.inference.scripted_backend import ScriptedBackend
from arena.services.campaigns.refusals import CampaignRefused
from arena.services.campaigns.replies.generating import Generation
from arena.services.campaigns.replies.running import (
    BESIDE_ANNOTATORS,
    BackgroundGenerations,
    RunningModels,
)
from arena.services.campaigns.replies.serving import ModelLost
from arena.storage.campaigns.generating_lock import generating_alone
from arena.storage.database import Database
from tests.fakes.campaign_models import CampaignModel, FakeServer
from tests.fakes.clock import VirtualClock
from tests.fakes.stored_campaigns import open_campaign, statuses, store_campaign
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio


def catalog() -> ModelCatalog:
    script = {"replies": ["Hi"]}
    rows = [
        ModelRow.model_validate({"key": key, "name": key, "backend": "scripted", "script": script})
        for key in ("one", "two")
    ]
    return ModelCatalog(Path("models.yaml"), tuple(rows))


def in_background(database: Database, server: FakeServer) -> BackgroundGenerations:
    clock = VirtualClock(automatic=True)
    return BackgroundGenerations(Generation(database, catalog(), server, clock))


async def ended(runs: BackgroundGenerations, campaign: str = "pilot") -> None:
    await until(lambda: (run := runs.newest(campaign)) is not None and not run.is_running)


async def test_a_generation_is_started_and_followed_to_its_end(database: Database) -> None:
    store_campaign(database, "Hi?", "Ho?")
    runs = in_background(database, FakeServer(one=CampaignModel(), two=CampaignModel()))
    runs.start("pilot")
    await ended(runs)
    run = runs.newest("pilot")
    assert run is not None
    assert run.progress is not None
    assert (run.progress.all_done, run.progress.all_total) == (4, 4)
    assert [(one.key, one.written) for one in run.outcomes or ()] == [("one", 2), ("two", 2)]
    assert set(statuses(database).values()) == {ReplyStatus.WHOLE}
    assert runs.newest("another") is None


async def test_a_second_one_is_refused_while_one_runs(database: Database) -> None:
    store_campaign(database, "Hi?")
    blocked = CampaignModel(blocked=asyncio.Event())
    runs = in_background(database, FakeServer(one=blocked, two=CampaignModel()))
    runs.start("pilot")
    await until(lambda: blocked.open == 1)
    with pytest.raises(CampaignRefused, match="'pilot' are being generated: wait for the end"):
        runs.start("pilot")
    blocked.blocked.set()
    await ended(runs)


async def test_one_that_is_stopped_keeps_what_is_whole_and_goes_on(database: Database) -> None:
    store_campaign(database, "Hi?")
    blocked = CampaignModel(blocked=asyncio.Event())
    server = FakeServer(one=CampaignModel(), two=blocked)
    runs = in_background(database, server)
    runs.start("pilot")
    await until(lambda: blocked.open == 1)
    await runs.stop()
    run = runs.newest("pilot")
    assert run is not None
    assert run.stopped
    assert blocked.open == 0
    blocked.blocked.set()
    runs.start("pilot")
    await ended(runs)
    assert server.models[ModelKey("one")].asked() == ["Hi?"]
    assert set(statuses(database).values()) == {ReplyStatus.WHOLE}


async def test_what_is_refused_is_kept_as_a_sentence(database: Database) -> None:
    store_campaign(database, "Hi?")
    runs = in_background(database, FakeServer(one=CampaignModel(), two=CampaignModel()))
    with generating_alone(database.url):
        runs.start("pilot")
        await ended(runs)
    run = runs.newest("pilot")
    assert run is not None
    assert "replies are being generated already" in str(run.refused)
    open_campaign(database)
    runs.start("pilot")
    await ended(runs)
    run = runs.newest("pilot")
    assert run is not None
    assert "its replies are final" in str(run.refused)


async def test_models_that_run_are_asked_with_few_conversations_at_a_time() -> None:
    rows, clock = catalog(), VirtualClock(automatic=True)
    key = ModelKey("one")
    pool = ModelPool({key: ScriptedBackend(Script(replies=("Hi",)), clock=clock)})
    server = RunningModels(pool, rows, clock)
    async with server.serving(key) as model:
        assert model.in_flight == BESIDE_ANNOTATORS
    with pytest.raises(ModelLost, match="this arena does not serve it: enable it"):
        async with server.serving(ModelKey("two")):
            pytest.fail("a model that is not served was yielded")
