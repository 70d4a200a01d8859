"""The supervisor keeps an engine alive, says what happens, and leaves no process behind."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from arena.domain.backoff import Backoff
from arena.inference.backend import ModelState
from arena.inference.clock import SystemClock
from arena.inference.engines.backend import EngineBackend
from arena.inference.engines.command import EngineCommand
from arena.inference.engines.supervisor import EngineSupervisor, SupervisorTimings
from arena.inference.errors import ModelUnavailable
from tests.fakes.catalogs import hub_row
from tests.fakes.chat_requests import ask, reply_of
from tests.fakes.processes import alive
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio

PROGRAM = Path(__file__).parents[2] / "fakes" / "engine_program.py"
QUICK = SupervisorTimings(
    listen_s=20,
    loading_poll_s=0.01,
    ready_poll_s=0.01,
    answer_s=5,
    missed_polls=2,
    backoff=Backoff(0.01, 0.02),
    stop_grace_s=5,
)


def command(scenario: str) -> EngineCommand:
    return EngineCommand((sys.executable, str(PROGRAM), scenario), dict(os.environ), "secret-model")


@asynccontextmanager
async def supervised(
    scenario: str, timings: SupervisorTimings = QUICK
) -> AsyncGenerator[EngineSupervisor, None]:
    supervisor = EngineSupervisor(command(scenario), clock=SystemClock(), timings=timings)
    await supervisor.start()
    try:
        yield supervisor
    finally:
        await supervisor.stop()


async def test_an_engine_is_started_and_becomes_ready() -> None:
    async with supervised("healthy") as supervisor:
        assert (supervisor.state, supervisor.address) == (ModelState.LOADING, None)
        await until(lambda: supervisor.state is ModelState.READY)
        assert supervisor.address is not None
        assert supervisor.progress == "ready now"


async def test_the_memory_of_an_engine_is_known_while_it_runs() -> None:
    async with supervised("healthy") as supervisor:
        await until(lambda: supervisor.memory.ram_bytes is not None)
        assert (supervisor.memory.ram_bytes or 0) > 2**20
        assert supervisor.memory.gpu_bytes is None
    assert supervisor.memory.ram_bytes is None
    assert supervisor.restarts == 0


async def test_a_stopped_engine_starts_again_by_the_command_it_has_then() -> None:
    async with supervised("mute") as supervisor:
        await supervisor.stop()
        supervisor.command = command("healthy")
        await supervisor.start()
        await until(lambda: supervisor.state is ModelState.READY)


async def test_stopping_ends_the_process() -> None:
    async with supervised("healthy") as supervisor:
        await until(lambda: supervisor.state is ModelState.READY)
        pid = supervisor.pid
    assert pid is not None
    assert not alive(pid)
    assert supervisor.state is ModelState.STOPPED
    assert supervisor.address is None


async def test_stopping_twice_and_before_the_engine_listens_is_harmless() -> None:
    async with supervised("mute") as supervisor:
        await until(lambda: supervisor.pid is not None)
        await supervisor.stop()
        await supervisor.stop()
    assert supervisor.pid is not None
    assert not alive(supervisor.pid)


async def test_a_killed_engine_comes_back_with_a_new_address() -> None:
    async with supervised("healthy") as supervisor:
        await until(lambda: supervisor.state is ModelState.READY)
        pid, address = supervisor.pid, supervisor.address
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(lambda: supervisor.address not in {None, address})
        assert supervisor.pid != pid
        assert supervisor.last_error is not None
        assert "signal 9" in supervisor.last_error
        assert supervisor.restarts == 1


async def test_a_restarted_engine_gets_the_commit_that_the_first_one_took() -> None:
    """A branch of the hub may have moved meanwhile."""
    row = hub_row("org/model").model_copy(update={"revision": "main"})
    supervisor = EngineSupervisor(
        replace(command("row"), row=row), clock=SystemClock(), timings=QUICK
    )
    await supervisor.start()
    try:
        await until(lambda: supervisor.state is ModelState.READY)
        first, commit = supervisor.pid, supervisor.commit
        assert commit == f"commit of {first}"
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: supervisor.pid != first and supervisor.state is ModelState.READY)
        assert supervisor.commit == commit
    finally:
        await supervisor.stop()


async def test_an_engine_that_cannot_start_is_tried_again_and_its_words_are_kept(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        async with supervised("broken-start") as supervisor:
            await until(lambda: supervisor.starts >= 3)
            assert supervisor.last_error is not None
            assert "no such GPU" in supervisor.last_error
    assert "restarting in" in caplog.text


@pytest.mark.parametrize(
    ("scenario", "reason"), [("failed", "reports a failure: failed now"), ("hangs", "not answer")]
)
async def test_an_engine_that_is_of_no_use_is_replaced(scenario: str, reason: str) -> None:
    async with supervised(scenario) as supervisor:
        await until(lambda: supervisor.starts >= 2)
        assert supervisor.last_error is not None
        assert reason in supervisor.last_error


async def test_a_fault_that_somebody_has_to_mend_is_no_crash() -> None:
    async with supervised("refused", replace(QUICK, operator_wait_s=600)) as supervisor:
        await until(lambda: supervisor.state is ModelState.FAILED)
        assert supervisor.last_error == "failed now"
        assert supervisor.progress == "retried every 600 s, and at the next start"
        assert (supervisor.starts, supervisor.restarts) == (1, 0)


async def test_a_model_that_can_never_be_loaded_is_loaded_once() -> None:
    """All waits of this supervisor are hundredths of a second: a second try would come at once."""
    async with supervised("given-up", replace(QUICK, operator_wait_s=0.01)) as supervisor:
        await until(lambda: supervisor.given_up)
        assert (supervisor.state, supervisor.last_error) == (ModelState.FAILED, "failed now")
        assert supervisor.progress == "not retried: fix the cause and restart the arena"
        assert supervisor._task is not None
        await supervisor._task  # it waits for nothing any more
        assert (supervisor.starts, supervisor.restarts) == (1, 0)
        assert supervisor.pid is not None
        assert not alive(supervisor.pid)


async def test_a_fault_that_was_mended_is_forgotten(tmp_path: Path) -> None:
    mended = tmp_path / "mended"
    async with supervised(f"mended:{mended}", replace(QUICK, operator_wait_s=0.05)) as supervisor:
        await until(lambda: supervisor.starts >= 2)
        mended.touch()
        await until(lambda: supervisor.state is ModelState.READY)
        assert (supervisor.last_error, supervisor.restarts) == (None, 0)


async def test_what_an_engine_logs_keeps_its_level(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with supervised("healthy") as supervisor:
            await until(lambda: supervisor.state is ModelState.READY)
            await until(lambda: "downloading 1.0 of 2.0 GiB" in caplog.text)
    told = {record.getMessage(): record.levelname for record in caplog.records}
    assert told["engine secret-model: downloading 1.0 of 2.0 GiB"] == "WARNING"
    assert told["engine secret-model: hello from the engine"] == "INFO"


async def test_an_engine_that_never_listens_is_given_up() -> None:
    timings = SupervisorTimings(listen_s=0.1, backoff=Backoff(0.01))
    async with supervised("mute", timings) as supervisor:
        await until(lambda: supervisor.state is ModelState.FAILED)
        assert supervisor.last_error == "did not listen within 0 s"


async def test_a_program_that_does_not_exist_is_a_failure_like_others() -> None:
    missing = EngineCommand(("/no/such/program",), {}, "secret-model")
    supervisor = EngineSupervisor(missing, clock=SystemClock(), timings=QUICK)
    await supervisor.start()
    await until(lambda: supervisor.state is ModelState.FAILED)
    await supervisor.stop()


async def test_the_output_of_an_engine_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        async with supervised("healthy") as supervisor:
            await until(lambda: supervisor.state is ModelState.READY)
            await until(lambda: "hello from the engine" in caplog.text)


async def test_each_start_has_a_new_token_that_is_never_printed() -> None:
    tokens = []
    for _ in range(2):
        async with supervised("healthy") as supervisor:
            await until(lambda: supervisor.address is not None)
            assert supervisor.address is not None
            tokens.append(supervisor.address.token)
            assert tokens[-1] not in repr(supervisor.address)
    assert len(set(tokens)) == 2


def test_the_wait_after_failures_doubles_up_to_its_limit() -> None:
    timings = SupervisorTimings(backoff=Backoff(1, 60))
    assert [timings.backoff.delay_s(n) for n in (1, 2, 3, 7, 1000)] == [1, 2, 4, 60, 60]


async def test_a_model_whose_engine_is_not_ready_is_unavailable() -> None:
    backend = EngineBackend(command("mute"), clock=SystemClock(), timings=QUICK)
    await backend.start()
    with pytest.raises(ModelUnavailable):
        await reply_of(backend, ask("hi"))
    await backend.close()
    await backend.close()
    assert backend.state is ModelState.STOPPED


async def test_many_starts_leave_no_task_behind() -> None:
    before = len(asyncio.all_tasks())
    async with supervised("failed") as supervisor:
        await until(lambda: supervisor.starts >= 4)
    assert len(asyncio.all_tasks()) == before
