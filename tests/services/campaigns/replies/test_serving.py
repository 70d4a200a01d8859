"""A model is served alone; one that cannot be asked is told from one that only needs time."""

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from arena.catalog import ModelCatalog, ModelRow
from arena.domain.conversation import FinishReason, Message, ModelKey, Role, Sampling
from arena.inference.backend import (
    ChatRequest,
    Delta,
    Finished,
    ModelState,
    ModelStatus,
    StreamEvent,
)
from arena.inference.pool import ModelPool
from arena.services.campaigns.replies.serving import (
    ENGINE_ROWS,
    REMOTE_REQUESTS,
    ModelLost,
    OneModelAtATime,
    PooledModel,
    StartTimings,
)
from tests.fakes.clock import VirtualClock

pytestmark = pytest.mark.anyio

KEY = ModelKey("one")
LOADING = ModelStatus(ModelState.LOADING, "loading weights")
READY = ModelStatus(ModelState.READY)
TIMINGS = StartTimings(look_s=1.0, failed_s=5.0, restarts=2)


class Moody:
    """A backend that has one status after the other, and the last one for good."""

    def __init__(self, statuses: Sequence[ModelStatus]) -> None:
        self._statuses = list(statuses)
        self.requests: list[ChatRequest] = []

    @property
    def state(self) -> ModelState:
        return self.status.state

    @property
    def status(self) -> ModelStatus:
        return self._statuses[0]

    def pass_on(self) -> None:
        if len(self._statuses) > 1:
            self._statuses.pop(0)

    def follow(self, *statuses: ModelStatus) -> None:
        self._statuses = list(statuses)

    async def start(self) -> None:
        """Nothing to start."""

    async def close(self) -> None:
        """Nothing to free."""

    async def fits(self, messages: tuple[Message, ...]) -> bool:
        return True

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        self.requests.append(request)
        yield Delta("Hi")
        yield Finished(FinishReason.STOP)


def row(backend: str = "scripted", **values: object) -> ModelRow:
    given: dict[str, object] = {"key": KEY, "name": "One", "backend": backend}
    if backend == "scripted":
        given["script"] = {"replies": ["Hi there"]}
    return ModelRow.model_validate(given | values)


def remote_row(**values: object) -> ModelRow:
    return row("openai", base_url="https://example.org/v1", model="m", **values)


async def waited(*statuses: ModelStatus) -> list[str]:
    """Wait for a model; returns what was told meanwhile."""
    moody, told = Moody(statuses), list[str]()
    clock = VirtualClock(automatic=True)
    served = PooledModel(ModelPool({KEY: moody}), row(), clock, TIMINGS)

    def tell(note: str) -> None:
        told.append(note)
        moody.pass_on()

    await served.ready(tell)
    return told


async def test_a_model_that_loads_may_take_its_time() -> None:
    assert await waited(*[LOADING] * 50, READY) == ["loading weights"] * 50


async def test_an_engine_that_has_died_once_is_waited_for() -> None:
    died = ModelStatus(ModelState.FAILED, "restarting in 1 s", "engine died")

    assert len(await waited(died, died, LOADING, died, died, READY)) == 5


async def test_a_model_that_stays_failed_is_lost_with_its_last_error() -> None:
    died = ModelStatus(ModelState.FAILED, "retried every 300 s", "accept the licence first")

    with pytest.raises(ModelLost, match="accept the licence first"):
        await waited(died)


async def test_a_model_that_is_never_started_is_lost_with_the_reason_of_the_plan() -> None:
    refused = ModelStatus(ModelState.STOPPED, "needs 140 GB, and there are 24 GB")

    with pytest.raises(ModelLost, match="needs 140 GB"):
        await waited(refused)


async def test_an_engine_that_dies_at_every_start_is_lost() -> None:
    with pytest.raises(ModelLost, match="out of memory"):
        await waited(ModelStatus(ModelState.LOADING, "restarting", "out of memory", restarts=3))


async def test_an_engine_that_dies_now_and_then_is_not_lost() -> None:
    moody = Moody([ModelStatus(ModelState.READY, restarts=9)])
    served = PooledModel(ModelPool({KEY: moody}), row(), VirtualClock(automatic=True), TIMINGS)
    await served.ready(lambda _: None)
    moody.follow(ModelStatus(ModelState.LOADING, "restarting", restarts=10), READY)

    await served.ready(lambda _: moody.pass_on())


async def test_a_model_without_its_key_is_lost_at_once() -> None:
    remote = remote_row(api_key_env="NO_KEY")
    clock = VirtualClock()
    server = OneModelAtATime(ModelCatalog(Path("models.yaml"), (remote,)), clock, {})

    async with server.serving(KEY) as served:
        assert served.in_flight == REMOTE_REQUESTS
        with pytest.raises(ModelLost, match="NO_KEY"):
            await served.ready(lambda _: None)


async def test_a_model_is_started_asked_and_freed() -> None:
    disabled = row(enabled=False)
    server = OneModelAtATime(
        ModelCatalog(Path("models.yaml"), (disabled,)), VirtualClock(automatic=True), {}
    )
    request = ChatRequest((Message(Role.USER, "Hi"),), Sampling())

    async with server.serving(KEY) as served:
        await served.ready(lambda _: None)
        events = [event async for event in served.stream(request)]

    assert len(events) > 1


async def test_an_engine_of_ours_gets_as_many_conversations_as_its_batch_has_rows() -> None:
    local = row("local", source="./nowhere")
    served = PooledModel(ModelPool({}), local, VirtualClock(), TIMINGS)

    assert served.in_flight == ENGINE_ROWS


@pytest.mark.parametrize(
    ("model", "read"),
    [
        (remote_row(system_prompt="You are One."), ["You are One.\n\nBe brief.", "Hi"]),
        (remote_row(), ["Be brief.", "Hi"]),
        (row("local", source="./one", system_prompt="You are One."), ["Be brief.", "Hi"]),
    ],
)
async def test_a_system_prompt_of_the_campaign_follows_upon_that_of_the_model(
    model: ModelRow, read: list[str]
) -> None:
    moody = Moody([READY])
    served = PooledModel(ModelPool({KEY: moody}), model, VirtualClock(), TIMINGS)
    messages = (Message(Role.SYSTEM, "Be brief."), Message(Role.USER, "Hi"))

    async for _ in served.stream(ChatRequest(messages, Sampling())):
        pass

    assert [message.content for message in moody.requests[0].messages] == read
