"""What fails is stored with its reason, and what cannot be done is refused."""

import pytest

from arena.domain.conversation import ModelKey
from arena.inference.errors import (
    ContextExceeded,
    ModelOverloaded,
    ModelUnavailable,
    RequestRefused,
)
from arena.services.campaigns.refusals import CampaignRefused
from arena.services.campaigns.replies.generating import GenerationOptions
from arena.storage.campaigns import ensure_campaign
from arena.storage.database import Database
from tests.fakes.campaign_models import CampaignModel, FakeServer
from tests.fakes.loop import START
from tests.fakes.stored_campaigns import open_campaign, statuses, store_campaign
from tests.services.campaigns.replies.generations import (
    FAILED,
    MISSING,
    WHOLE,
    catalog,
    failing_for,
    generation,
    two_models,
)

pytestmark = pytest.mark.anyio


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
