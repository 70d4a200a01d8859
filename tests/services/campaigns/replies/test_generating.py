"""Replies are generated model by model; nothing that is there is asked for again."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from arena.catalog import ModelCatalog, ModelRow
from arena.domain.campaign_replies import ReplyStatus
from arena.domain.conversation import ModelKey, Role
from arena.inference.backend import ChatRequest
from arena.inference.errors import (
    ContextExceeded,
    EmptyReply,
    ModelOverloaded,
    ModelUnavailable,
    RequestRefused,
)
from arena.services.campaigns.refusals import CampaignRefused
from arena.services.campaigns.replies.generating import Generation, GenerationOptions
from arena.services.campaigns.replies.generation_progress import Progress
from arena.storage.campaigns import ensure_campaign
from arena.storage.campaigns.campaigns import campaign_named, events_of
from arena.storage.campaigns.generating_lock import generating_alone
from arena.storage.database import Database, UnusableLedger
from tests.fakes.campaign_models import CampaignModel, FakeServer, echo
from tests.fakes.clock import VirtualClock
from tests.fakes.loop import START
from tests.fakes.stored_campaigns import count, open_campaign, statuses, store_campaign, texts
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio

MISSING, FAILED, EMPTY, CUT, WHOLE = ReplyStatus
CUT_AT_FOUR = {"sampling": {"max_new_tokens": 4}}


def catalog(*keys: str, **values: object) -> ModelCatalog:
    script = {"replies": ["Hi"]}
    rows = [
        ModelRow.model_validate(
            {"key": key, "name": key, "backend": "scripted", "script": script} | values
        )
        for key in keys or ("one", "two")
    ]
    return ModelCatalog(Path("models.yaml"), tuple(rows))


def generation(
    database: Database, server: FakeServer, models: ModelCatalog | None = None
) -> Generation:
    clock = VirtualClock(automatic=True)
    return Generation(database, models or catalog(), server, clock)


def two_models() -> FakeServer:
    return FakeServer(one=CampaignModel(), two=CampaignModel())


def again(*kinds: ReplyStatus, budget: int | None = None) -> GenerationOptions:
    return GenerationOptions(again=frozenset(kinds), max_new_tokens=budget)


def failing_for(word: str, error: Exception) -> Callable[[ChatRequest], str | Exception]:
    return lambda request: error if word in request.messages[-1].content else echo(request)


def brief_at_last(request: ChatRequest) -> str:
    return "Fine" if request.messages[-1].content == "Go on" else echo(request)


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


async def test_a_failure_of_one_prompt_is_stored_with_its_reason(database: Database) -> None:
    store_campaign(database, ["Long", "And then?"], "Short")
    too_long = ContextExceeded("the prompt has 2000 tokens")
    server = FakeServer(one=CampaignModel(failing_for("Long", too_long)), two=CampaignModel())

    outcomes = await generation(database, server).run("pilot")

    found = statuses(database)
    assert [found["one", "p1", turn] for turn in (1, 2)] == [FAILED, MISSING]
    assert found["one", "p2", 1] is WHOLE
    assert outcomes[0].given_up is None
    resumed = two_models()
    await generation(database, resumed).run("pilot")
    assert resumed.requests == 0


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


async def test_a_failure_that_passes_is_no_failure(database: Database) -> None:
    store_campaign(database, "Why?")
    moods: list[str | Exception] = [ModelUnavailable("gone"), ModelUnavailable("gone"), "Here"]
    busy: list[str | Exception] = [ModelOverloaded("full")] * 6
    server = FakeServer(
        one=CampaignModel(lambda _: moods.pop(0)),
        two=CampaignModel(lambda _: busy.pop() if busy else "There"),
    )

    outcomes = await generation(database, server).run("pilot")

    assert set(statuses(database).values()) == {WHOLE}
    assert [one.requests for one in outcomes] == [3, 7]


async def test_a_model_that_fails_over_and_over_is_given_up_and_the_others_go_on(
    database: Database,
) -> None:
    store_campaign(database, *(f"Question {number}" for number in range(20)))
    refusing = CampaignModel(lambda _: RequestRefused("the key is wrong"), in_flight=1)
    server = FakeServer(one=refusing, two=CampaignModel())

    outcomes = await generation(database, server).run("pilot")

    assert len(refusing.requests) == 5
    assert outcomes[0].given_up == ("5 replies in a row failed, the last one: the key is wrong")
    found = list(statuses(database).values())
    assert (found.count(FAILED), found.count(MISSING), found.count(WHOLE)) == (5, 15, 20)


async def test_a_model_that_cannot_start_says_why_and_the_others_go_on(database: Database) -> None:
    store_campaign(database, "Why?")
    server = FakeServer(one=CampaignModel(cannot_start="no room: 140 GB"), two=CampaignModel())

    outcomes = await generation(database, server).run("pilot")

    assert [one.given_up for one in outcomes] == ["no room: 140 GB", None]
    assert statuses(database)["one", "p1", 1] is MISSING
    assert server.models[ModelKey("one")].stops == 1


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


@pytest.mark.parametrize(
    ("name", "options", "keys", "said"),
    [
        ("pilo", GenerationOptions(), ("one", "two"), "there is no campaign 'pilo'"),
        ("votes", GenerationOptions(), ("one", "two"), "'votes' has no campaign file"),
        ("opened", GenerationOptions(), ("one", "two"), "'opened' is open: its replies are final"),
        (
            "pilot",
            GenerationOptions(only=frozenset({ModelKey("three")})),
            ("one", "two"),
            "'pilot' generates no replies of three; it does of: one, two",
        ),
        (
            "pilot",
            GenerationOptions(),
            ("one",),
            "models.yaml has no model two, which 'pilot' asks",
        ),
    ],
)
async def test_what_cannot_be_done_is_refused_in_a_sentence(
    database: Database, name: str, options: GenerationOptions, keys: tuple[str, ...], said: str
) -> None:
    store_campaign(database, "Why?")
    with database.writing() as connection:
        ensure_campaign(connection, "votes", START)
    store_campaign(database, "Why?", name="opened")
    open_campaign(database, "opened")

    with pytest.raises(CampaignRefused) as refused:
        await generation(database, two_models(), catalog(*keys)).run(name, options)

    assert str(refused.value).startswith(said)


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


async def test_flags_and_provenance_are_stored_with_a_reply(database: Database) -> None:
    store_campaign(database, "Why is that so?", models=["one", "two"])
    models = catalog(identity_words=["Sphinx"], sampling={"max_new_tokens": 3})
    server = FakeServer(one=CampaignModel(lambda _: "The Sphinx says no"), two=CampaignModel())

    outcomes = await generation(database, server, models).run("pilot")

    assert count(database, "flags WHERE kind = 'truncated'") == 2
    assert count(database, "flags WHERE kind = 'identity_leak' AND detail = 'Sphinx'") == 1
    assert count(database, "replies WHERE reply_tokens = 3 AND prompt_tokens = 3") == 2
    assert sum(one.tokens for one in outcomes) == 6
