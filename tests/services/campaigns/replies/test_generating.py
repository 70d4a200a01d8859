"""Replies are generated model by model; nothing that is there is asked for again."""

import asyncio
import json

import pytest

from arena.domain.conversation import ModelKey, Role
from arena.services.campaigns.replies.generating import GenerationOptions
from arena.services.campaigns.replies.generation_progress import Progress
from arena.storage.campaigns.campaigns import campaign_named, events_of
from arena.storage.campaigns.generating_lock import generating_alone
from arena.storage.database import Database, UnusableLedger
from tests.fakes.campaign_models import CampaignModel, FakeServer
from tests.fakes.stored_campaigns import count, statuses, store_campaign, texts
from tests.fakes.waiting import until
from tests.services.campaigns.replies.generations import (
    CUT,
    MISSING,
    WHOLE,
    again,
    catalog,
    generation,
    two_models,
)

pytestmark = pytest.mark.anyio


async def test_every_model_answers_every_prompt_once(database: Database) -> None:
    store_campaign(database, "Why?", "How?", "Who?")
    server = two_models()

    outcomes = await generation(database, server).run("pilot")

    assert set(statuses(database).values()) == {WHOLE}
    assert texts(database)["two", "p2", 1] == "Answer 1 to How?"
    assert [(one.key, one.requests, one.written, one.reused) for one in outcomes] == [
        ("one", 3, 3, 0),
        ("two", 3, 3, 0),
    ]
    assert [model.starts for model in server.models.values()] == [1, 1]


async def test_the_next_turn_follows_upon_the_reply_before(database: Database) -> None:
    store_campaign(database, ["Why?", "And then?"], models=["one", "two"], system_prompt="Be brief")
    server = two_models()

    await generation(database, server).run("pilot")

    first, second = server.models[ModelKey("one")].requests
    assert [message.role for message in first.messages] == [Role.SYSTEM, Role.USER]
    assert [message.content for message in second.messages] == [
        "Be brief",
        "Why?",
        "Answer 1 to Why?",
        "And then?",
    ]
    assert texts(database)["one", "p1", 2] == "Answer 2 to And then?"


async def test_as_many_conversations_are_in_flight_as_the_model_takes(database: Database) -> None:
    store_campaign(database, *(f"Question {number}" for number in range(20)))
    one = CampaignModel(in_flight=7, blocked=asyncio.Event())
    two = CampaignModel(in_flight=64, blocked=asyncio.Event())
    server = FakeServer(one=one, two=two)

    run = asyncio.ensure_future(generation(database, server).run("pilot"))
    await until(lambda: one.open == 7)
    one.blocked.set()
    await until(lambda: two.open == 20)
    two.blocked.set()
    await run

    assert [model.most_open for model in server.models.values()] == [7, 20]


async def test_a_second_run_sends_nothing_and_starts_nothing(database: Database) -> None:
    store_campaign(database, "Why?", ["How?", "And then?"])
    await generation(database, two_models()).run("pilot")
    server = two_models()

    outcomes = await generation(database, server).run("pilot")

    assert [model.starts for model in server.models.values()] == [0, 0]
    assert [(one.requests, one.written, one.reused) for one in outcomes] == [(0, 0, 0)] * 2


async def test_a_second_campaign_with_the_same_models_sends_nothing(database: Database) -> None:
    store_campaign(database, "Why?", ["How?", "And then?"])
    await generation(database, two_models()).run("pilot")
    store_campaign(database, ["How?", "And then?"], "Why?", name="main")
    server = two_models()

    outcomes = await generation(database, server).run("main")

    assert server.requests == 0
    assert [one.reused for one in outcomes] == [3, 3]
    assert set(statuses(database, "main").values()) == {WHOLE}
    assert (count(database, "replies"), count(database, "campaign_replies")) == (6, 12)


async def test_another_configuration_is_asked_itself(database: Database) -> None:
    store_campaign(database, "Why?")
    await generation(database, two_models()).run("pilot")
    store_campaign(database, "Why?", name="main")
    server = two_models()

    await generation(database, server, catalog(system_prompt="Be brief")).run("main")

    assert server.requests == 2


async def test_two_prompts_that_say_the_same_share_a_reply(database: Database) -> None:
    store_campaign(database, "Why?", "Why?", "Why?")
    server = two_models()

    outcomes = await generation(database, server).run("pilot")

    assert server.requests == 2
    assert [(one.written, one.reused) for one in outcomes] == [(1, 2), (1, 2)]


async def test_a_stop_keeps_what_is_whole_and_the_next_run_asks_the_rest(
    database: Database,
) -> None:
    store_campaign(database, *(f"Question {number}" for number in range(6)))
    model = CampaignModel(in_flight=2)

    def stop_at_four(progress: Progress) -> None:
        if progress.all_done == 4:
            run.cancel()

    server = FakeServer(one=model, two=CampaignModel())
    work = generation(database, server).run("pilot", report=stop_at_four)
    run = asyncio.ensure_future(work)
    with pytest.raises(asyncio.CancelledError):
        await run

    kept = [status for status in statuses(database).values() if status is WHOLE]
    assert 4 <= len(kept) < 12
    assert (model.open, model.stops) == (0, 1)
    resumed = two_models()
    await generation(database, resumed).run("pilot")
    assert resumed.requests == 12 - len(kept)
    assert count(database, "replies") == count(database, "campaign_replies") == 12


async def test_replies_of_imported_models_are_not_generated(database: Database) -> None:
    store_campaign(database, "Why?", models=["one"], imported=["gpt-4"])
    server = FakeServer(one=CampaignModel())

    await generation(database, server, catalog("one")).run("pilot")

    assert statuses(database) == {("one", "p1", 1): WHOLE, ("gpt-4", "p1", 1): MISSING}


async def test_only_the_models_that_are_named_are_asked(database: Database) -> None:
    store_campaign(database, "Why?")
    server = two_models()

    await generation(database, server).run(
        "pilot", GenerationOptions(only=frozenset({ModelKey("two")}))
    )

    assert [len(model.requests) for model in server.models.values()] == [0, 1]


async def test_two_generations_in_one_database_are_refused(database: Database) -> None:
    store_campaign(database, "Why?")

    with generating_alone(database.url), pytest.raises(UnusableLedger, match="already"):
        await generation(database, two_models()).run("pilot")


async def test_the_progress_counts_places_of_one_model_and_of_all(database: Database) -> None:
    store_campaign(database, "Why?", ["How?", "And then?"])
    told: list[Progress] = []

    await generation(database, two_models()).run("pilot", report=told.append)

    assert [(one.model, one.number) for one in told if one.done == one.total] == [
        ("one", 1),
        ("two", 2),
    ]
    last = told[-1]
    assert (last.done, last.total, last.all_done, last.all_total) == (3, 3, 6, 6)
    assert (last.models, last.left_s) == (2, 0.0)
    assert "loading" in {one.note for one in told}


async def test_what_was_done_stands_in_the_events_of_the_campaign(database: Database) -> None:
    store_campaign(database, "Why?")
    await generation(database, two_models()).run("pilot", again(CUT, budget=50))
    await generation(database, two_models()).run("pilot")

    with database.reading() as connection:
        head = campaign_named(connection, "pilot")
        assert head is not None
        events = [one for one in events_of(connection, head.id) if one.kind == "generated"]
    assert [json.loads(event.detail) for event in events] == [
        {
            "model": key,
            "written": 1,
            "reused": 0,
            "max_new_tokens": 50,
            "again": ["cut"],
            "given_up": None,
        }
        for key in ("one", "two")
    ]
    assert {event.who for event in events} == {None}


async def test_flags_and_provenance_are_stored_with_a_reply(database: Database) -> None:
    store_campaign(database, "Why is that so?", models=["one", "two"])
    models = catalog(identity_words=["Sphinx"], sampling={"max_new_tokens": 3})
    server = FakeServer(one=CampaignModel(lambda _: "The Sphinx says no"), two=CampaignModel())

    outcomes = await generation(database, server, models).run("pilot")

    assert count(database, "flags WHERE kind = 'truncated'") == 2
    assert count(database, "flags WHERE kind = 'identity_leak' AND detail = 'Sphinx'") == 1
    assert count(database, "replies WHERE reply_tokens = 3 AND prompt_tokens = 3") == 2
    assert sum(one.tokens for one in outcomes) == 6
