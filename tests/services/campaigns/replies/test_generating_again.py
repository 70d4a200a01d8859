"""Replies that failed or were cut are written anew when told to, and what follows upon them too."""

import pytest

from arena.domain.conversation import ModelKey
from arena.inference.backend import ChatRequest
from arena.inference.errors import ContextExceeded, EmptyReply, RequestRefused
from arena.storage.database import Database
from tests.fakes.campaign_models import CampaignModel, FakeServer, echo
from tests.fakes.stored_campaigns import count, statuses, store_campaign, texts
from tests.services.campaigns.replies.generations import (
    CUT,
    EMPTY,
    FAILED,
    WHOLE,
    again,
    catalog,
    failing_for,
    generation,
    two_models,
)

pytestmark = pytest.mark.anyio

CUT_AT_FOUR = {"sampling": {"max_new_tokens": 4}}


def brief_at_last(request: ChatRequest) -> str:
    return "Fine" if request.messages[-1].content == "Go on" else echo(request)


async def test_failed_replies_are_asked_for_again_when_told_to(database: Database) -> None:
    store_campaign(database, ["Long", "And then?"], "Short")
    server = FakeServer(
        one=CampaignModel(failing_for("Long", ContextExceeded("too long"))), two=CampaignModel()
    )
    await generation(database, server).run("pilot")
    healed = two_models()

    await generation(database, healed).run("pilot", again(FAILED))

    assert healed.models[ModelKey("one")].asked() == ["Long", "And then?"]
    assert set(statuses(database).values()) == {WHOLE}


async def test_cut_replies_are_written_anew_with_a_larger_budget_and_later_turns_follow(
    database: Database,
) -> None:
    store_campaign(database, ["Why is the sky blue?", "Go on"], "Hi")
    models = catalog(**CUT_AT_FOUR)
    await generation(database, two_models(), models).run("pilot")
    assert statuses(database)["one", "p1", 1] is CUT
    assert texts(database)["one", "p1", 1] == "Answer 1 to Why"
    server = two_models()

    await generation(database, server, models).run("pilot", again(CUT, budget=50))

    assert set(statuses(database).values()) == {WHOLE}
    assert server.models[ModelKey("one")].asked() == ["Why is the sky blue?", "Go on"]
    assert {
        request.sampling.max_new_tokens for request in server.models[ModelKey("one")].requests
    } == {50}
    assert texts(database)["one", "p1", 1] == "Answer 1 to Why is the sky blue?"


async def test_a_later_turn_is_lost_with_the_reply_that_it_follows_upon(
    database: Database,
) -> None:
    models = catalog(**CUT_AT_FOUR)
    store_campaign(database, ["Why is the sky blue?", "Go on"])
    await generation(database, two_models(), models).run("pilot")
    refusing = CampaignModel(failing_for("Go on", RequestRefused("no")))

    await generation(database, FakeServer(one=refusing, two=CampaignModel()), models).run(
        "pilot", again(CUT, budget=50)
    )

    assert (statuses(database)["one", "p1", 1], statuses(database)["one", "p1", 2]) == (
        WHOLE,
        FAILED,
    )
    assert count(database, "campaign_replies") == 4


async def test_a_later_turn_stays_when_the_text_before_it_does(database: Database) -> None:
    models = catalog(**CUT_AT_FOUR)
    store_campaign(database, ["Why is the sky blue?", "Go on"])
    server = FakeServer(one=CampaignModel(brief_at_last), two=CampaignModel())
    await generation(database, server, models).run("pilot")
    server.models[ModelKey("one")].requests.clear()

    await generation(database, server, models).run("pilot", again(CUT))

    assert server.models[ModelKey("one")].asked() == ["Why is the sky blue?"]
    assert statuses(database)["one", "p1", 2] is WHOLE
    assert count(database, "campaign_replies") == 4


async def test_a_later_campaign_takes_the_whole_reply_of_the_larger_budget(
    database: Database,
) -> None:
    models = catalog(**CUT_AT_FOUR)
    store_campaign(database, "Why is the sky blue?")
    await generation(database, two_models(), models).run("pilot")
    await generation(database, two_models(), models).run("pilot", again(CUT, budget=50))
    store_campaign(database, "Why is the sky blue?", name="main")
    server = two_models()

    await generation(database, server, models).run("main")
    assert set(statuses(database, "main").values()) == {CUT}
    await generation(database, server, models).run("main", again(CUT, budget=50))

    assert set(statuses(database, "main").values()) == {WHOLE}
    assert server.requests == 0


async def test_a_cut_reply_is_not_given_up_for_a_failure(database: Database) -> None:
    models = catalog(**CUT_AT_FOUR)
    store_campaign(database, "Why is the sky blue?")
    await generation(database, two_models(), models).run("pilot")
    refusing = CampaignModel(lambda _: RequestRefused("no"))

    await generation(database, FakeServer(one=refusing, two=CampaignModel()), models).run(
        "pilot", again(CUT, budget=50)
    )

    assert (statuses(database)["one", "p1", 1], statuses(database)["two", "p1", 1]) == (CUT, WHOLE)


async def test_empty_replies_are_told_from_failures(database: Database) -> None:
    store_campaign(database, "Why?", "How?")
    empty = EmptyReply("one: the reply is empty")
    server = FakeServer(one=CampaignModel(failing_for("Why", empty)), two=CampaignModel())

    await generation(database, server).run("pilot")

    assert statuses(database)["one", "p1", 1] is EMPTY
    healed = two_models()
    await generation(database, healed).run("pilot", again(EMPTY))
    assert healed.models[ModelKey("one")].asked() == ["Why?"]
