"""One reply while its tokens arrive: few events, whole characters, no piece of a stop string."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import Any

import anyio
import pytest

from arena.domain.conversation import FinishReason
from arena.engine.batching.coalescing_queue import Pause, no_pause
from arena.engine.batching.generator import BatchStatus, GenerationFailed, SamplingParams
from arena.engine.prompts import TokenPrompt
from arena.engine.replies import (
    EVENT_INTERVAL_S,
    ReplyEnd,
    ReplyPlan,
    ReplyText,
    event_interval,
    reply_events,
)
from tests.fakes.letters import LetterDecoder
from tests.fakes.loop import VIRTUAL_TIME

pytestmark = pytest.mark.anyio

END = 0


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Virtual time."""
    return VIRTUAL_TIME


class SteadyGenerator:
    """Has a token ready each `interval_s`; gives all that have come when the pause is over.

    With `lingers` it does not end after its last token, as one row of a longer batch.
    """

    name = "steady"
    failure = None
    status = BatchStatus(running=1, waiting=0)

    def __init__(self, tokens: Iterable[int], interval_s: float, *, lingers: bool = False) -> None:
        self._tokens = list(tokens)
        self._interval_s = interval_s
        self._lingers = lingers
        self.asked: tuple[Sequence[int], SamplingParams] | None = None
        self.closed = False

    async def generate(
        self, prompt: Sequence[int], sampling: SamplingParams, pause: Pause = no_pause
    ) -> AsyncGenerator[list[int], None]:
        self.asked = (prompt, sampling)
        began, given = anyio.current_time(), 0
        last, taken = began + len(self._tokens) * self._interval_s, float("-inf")
        try:
            while given < len(self._tokens):
                due = max(began + (given + 1) * self._interval_s, min(taken + pause(), last))
                await anyio.sleep(max(due - anyio.current_time(), 0))
                taken = anyio.current_time()
                ready = int((anyio.current_time() - began) / self._interval_s + 1e-6)
                yield self._tokens[given : max(ready, given + 1)]
                given = min(max(ready, given + 1), len(self._tokens))
            if self._lingers:
                await anyio.sleep_forever()
        finally:
            self.closed = True

    async def watch(self) -> None:
        """Nothing to look after."""

    def close(self) -> None:
        """Nothing to stop."""


def plan_of(generator: SteadyGenerator, *stops: str, budget: int) -> ReplyPlan:
    return ReplyPlan(
        prompt=TokenPrompt("hi", (104, 105), continues=False),
        sampling=SamplingParams(1.0, 1.0, 1, 1.0, budget),
        stops=stops,
        end=frozenset({END}),
        decoder=LetterDecoder(),
        generator=generator,
    )


async def reply_of(plan: ReplyPlan) -> tuple[list[str], ReplyEnd]:
    events = [event async for event in reply_events(plan)]
    texts = [event.text for event in events if isinstance(event, ReplyText)]
    end = events[-1]
    assert isinstance(end, ReplyEnd)
    assert len(events) == len(texts) + 1
    return texts, end


@pytest.mark.parametrize("tokens_per_second", [100, 500, 2000])
async def test_a_fast_reply_has_at_most_twenty_five_events_a_second(tokens_per_second: int) -> None:
    seconds = 4
    letters = [97] * tokens_per_second * seconds
    generator = SteadyGenerator(letters, 1 / tokens_per_second)
    began = anyio.current_time()
    texts, end = await reply_of(plan_of(generator, budget=len(letters)))
    took = anyio.current_time() - began
    assert "".join(texts) == "a" * len(letters)
    assert len(texts) <= took / EVENT_INTERVAL_S + 2
    assert len(texts) > 20 * seconds
    assert took == pytest.approx(seconds, abs=2 * EVENT_INTERVAL_S)
    assert end == ReplyEnd(FinishReason.LENGTH, len(letters))


async def test_a_slow_reply_is_shown_token_by_token_without_delay() -> None:
    generator = SteadyGenerator(map(ord, "slowly"), 0.5)
    began = anyio.current_time()
    texts, _ = await reply_of(plan_of(generator, budget=6))
    assert texts == list("slowly")
    assert anyio.current_time() - began == pytest.approx(3, abs=2 * EVENT_INTERVAL_S)


@pytest.mark.parametrize("interval_s", [0.001, 0.03, 0.1])
async def test_a_stop_string_over_several_events_is_never_shown(interval_s: float) -> None:
    generator = SteadyGenerator(map(ord, "The answer.\nUSER: and now"), interval_s)
    texts, end = await reply_of(plan_of(generator, "\nUSER:", budget=100))
    assert "".join(texts) == "The answer."
    assert end.reason is FinishReason.STOP
    assert generator.closed


async def test_the_beginning_of_a_stop_string_is_shown_when_the_budget_ends() -> None:
    generator = SteadyGenerator(map(ord, "so US"), 0.1)
    texts, end = await reply_of(plan_of(generator, "USER:", budget=5))
    assert "".join(texts) == "so US"
    assert end == ReplyEnd(FinishReason.LENGTH, 5)


async def test_a_reply_at_its_budget_does_not_wait_for_others_of_its_batch() -> None:
    generator = SteadyGenerator(map(ord, "enough"), 0.1, lingers=True)
    texts, end = await reply_of(plan_of(generator, budget=6))
    assert "".join(texts) == "enough"
    assert end == ReplyEnd(FinishReason.LENGTH, 6)
    assert generator.closed


async def test_the_first_and_the_last_text_do_not_wait() -> None:
    generator = SteadyGenerator([97] * 105, 0.01)
    seen = [
        (anyio.current_time(), event.text)
        async for event in reply_events(plan_of(generator, budget=105), lambda: 0.5)
        if isinstance(event, ReplyText)
    ]
    assert [at for at, _ in seen] == pytest.approx([0.01, 0.51, 1.01, 1.05])
    assert [len(text) for _, text in seen] == [1, 50, 50, 4]


async def test_the_first_text_waits_for_no_interval_when_tokens_before_it_had_none() -> None:
    generator = SteadyGenerator(map(ord, "USUAL" + "a" * 95), 0.01)
    seen = [
        anyio.current_time()
        async for event in reply_events(plan_of(generator, "USER:", budget=100), lambda: 0.5)
        if isinstance(event, ReplyText)
    ]
    assert seen == pytest.approx([0.03, 0.53, 1.0])


async def test_the_generator_is_asked_with_the_prompt_and_the_sampling_of_the_plan() -> None:
    generator = SteadyGenerator([97], 0.1)
    plan = plan_of(generator, budget=1)
    await reply_of(plan)
    assert generator.asked == (plan.prompt.ids, plan.sampling)


@pytest.mark.parametrize(
    ("open_replies", "seconds"), [(1, 0.04), (10, 0.04), (32, 0.128), (1000, 0.25)]
)
def test_many_open_replies_get_fewer_events_each(open_replies: int, seconds: float) -> None:
    assert event_interval(open_replies) == pytest.approx(seconds)


async def test_an_end_token_has_no_text_and_nothing_comes_after_it() -> None:
    generator = SteadyGenerator([97, END, 98, 99], 0.001)
    texts, end = await reply_of(plan_of(generator, budget=100))
    assert texts == ["a"]
    assert end == ReplyEnd(FinishReason.STOP, 2)


@pytest.mark.parametrize("tokens", [[], [97, 98]])
async def test_a_generator_that_ends_early_is_a_failure_and_no_short_answer(
    tokens: list[int],
) -> None:
    generator = SteadyGenerator(tokens, 0.1)
    with pytest.raises(GenerationFailed, match=r"^the generator ended early, without an end"):
        await reply_of(plan_of(generator, budget=100))
