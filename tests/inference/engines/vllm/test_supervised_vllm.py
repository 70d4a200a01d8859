"""vLLM is started, watched, restarted and ended like our own engine, and leaves nothing behind."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from arena.domain.backoff import Backoff
from arena.inference.backend import ModelState
from arena.inference.clock import SystemClock
from arena.inference.engines.backend import EngineBackend
from arena.inference.engines.supervisor import SupervisorTimings
from arena.inference.engines.vllm.command import VllmCommand
from arena.inference.errors import InferenceError
from tests.fakes.chat_requests import ask, reply_of, user
from tests.fakes.processes import alive, none_alive
from tests.fakes.vllm_environments import VllmEnvironment, vllm_environment, vllm_row
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio

QUICK = SupervisorTimings(
    listen_s=20,
    loading_poll_s=0.01,
    ready_poll_s=0.02,
    answer_s=5,
    missed_polls=2,
    backoff=Backoff(0.01, 0.02),
    stop_grace_s=5,
)


@asynccontextmanager
async def started(
    made: VllmEnvironment, timings: SupervisorTimings = QUICK, **fields: object
) -> AsyncGenerator[EngineBackend, None]:
    """A model in vLLM, from the start to the end of its supervision."""
    command = VllmCommand(vllm_row(made, **fields), dict(os.environ))
    backend = EngineBackend(command, clock=SystemClock(), timings=timings)
    await backend.start()
    try:
        yield backend
    finally:
        await backend.close()


async def ready(backend: EngineBackend) -> None:
    await until(lambda: backend.state is ModelState.READY)


def content_of(file: str | None) -> str | None:
    assert file is not None
    path = Path(file)
    return path.read_text(encoding="utf-8") if path.exists() else None


async def test_a_model_in_vllm_loads_answers_and_ends_with_its_children(tmp_path: Path) -> None:
    made = vllm_environment(tmp_path / "env")
    async with started(made, devices=[0, 1]) as backend:
        await ready(backend)
        assert backend.status.progress == "vLLM · cache of 109,376 tokens"
        reply = await reply_of(backend, ask("hi"))
        assert reply.text.startswith("你好")
        (run,) = made.runs()
        assert len(run.pids) == 3
        assert all(map(alive, run.pids))
        await until(lambda: (backend.status.memory.ram_bytes or 0) > 20 * 2**20)
    assert backend.state is ModelState.STOPPED
    await until(lambda: none_alive(run.pids))


async def test_the_admin_sees_how_far_the_start_is(tmp_path: Path) -> None:
    made = vllm_environment(tmp_path / "env")
    made.set("hold")
    async with started(made) as backend:
        await until(lambda: backend.status.progress == "loading weights (50 %)")
        assert backend.state is ModelState.LOADING
        with pytest.raises(InferenceError):
            await reply_of(backend, ask("hi"))
        made.unset("hold")
        await ready(backend)


async def test_its_log_is_the_arena_s_with_its_levels(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with started(vllm_environment(tmp_path / "env")) as backend:
            await ready(backend)
            await until(lambda: "Starting vLLM API server 0" in caplog.text)
    told = {record.getMessage(): record.levelname for record in caplog.records}
    assert told["engine big: this may lead to unexpected behavior"] == "WARNING"
    assert told["engine big: GPU KV cache size: 109,376 tokens"] == "INFO"


async def test_the_key_is_new_each_time_and_in_no_command_line(tmp_path: Path) -> None:
    made = vllm_environment(tmp_path / "env")
    for _ in range(2):
        async with started(made) as backend:
            await ready(backend)
    keys = [run.environment["VLLM_API_KEY"] for run in made.runs()]
    assert len(set(keys)) == 2
    assert not any(key in " ".join(run.arguments) for key in keys for run in made.runs())


async def test_tokens_are_counted_by_vllm_itself(tmp_path: Path) -> None:
    async with started(vllm_environment(tmp_path / "env"), system_prompt="x" * 900) as backend:
        await ready(backend)
        assert await backend.fits(user("short"))
        assert not await backend.fits(user("long " * 20))


async def test_a_row_s_system_prompt_is_sent_to_vllm(tmp_path: Path) -> None:
    made = vllm_environment(tmp_path / "env")
    async with started(made, system_prompt="x" * 2_000) as backend:
        await ready(backend)
        with pytest.raises(InferenceError, match="maximum context"):
            await reply_of(backend, ask("hi"))


async def test_a_template_arrives_as_it_was_read_whatever_its_file_says_by_now(
    tmp_path: Path,
) -> None:
    made = vllm_environment(tmp_path / "env")
    template = "{% for m in messages %}你好 \\n «{{ m.content }}»\n{% endfor %}"
    async with started(made, prompt_format="mine.jinja", prompt_template=template) as backend:
        await ready(backend)
        (run,) = made.runs()
        file = run.option("--chat-template")
        assert content_of(file) == template
    assert content_of(file) is None


async def test_a_crash_takes_the_children_along_and_vllm_comes_back(tmp_path: Path) -> None:
    made = vllm_environment(tmp_path / "env")
    patient = replace(QUICK, missed_polls=1_000)  # its exit tells more than its silence
    async with started(made, patient) as backend:
        await ready(backend)
        made.set("crash")
        await until(lambda: backend.supervisor.restarts == 1)
        await ready(backend)
        first, second = made.runs()
        await until(lambda: none_alive(first.pids))
        assert all(map(alive, second.pids))
        assert "ended with code 1" in (backend.status.last_error or "")
        assert first.option("--port") != second.option("--port")


async def test_a_killed_guard_takes_vllm_along(tmp_path: Path) -> None:
    made = vllm_environment(tmp_path / "env")
    async with started(made) as backend:
        await ready(backend)
        assert backend.supervisor.pid is not None
        os.kill(backend.supervisor.pid, signal.SIGKILL)
        await until(lambda: len(made.runs()) == 2)
        await ready(backend)
        await until(lambda: none_alive(made.runs()[0].pids))


async def test_vllm_whose_engine_has_died_inside_is_replaced(tmp_path: Path) -> None:
    made = vllm_environment(tmp_path / "env")
    async with started(made) as backend:
        await ready(backend)
        made.set("dead")
        await until(lambda: backend.supervisor.restarts >= 1)
        made.unset("dead")
        await ready(backend)
        assert "reports a failure: status 503" in (backend.status.last_error or "")


@pytest.mark.parametrize("scenario", ["stubborn", "leaving"])
async def test_what_does_not_end_by_itself_is_killed(tmp_path: Path, scenario: str) -> None:
    made = vllm_environment(tmp_path / "env", scenario)
    async with started(made, replace(QUICK, stop_grace_s=0.2), devices=[0, 1]) as backend:
        await ready(backend)
    (run,) = made.runs()
    await until(lambda: none_alive(run.pids))


async def test_the_error_of_the_engine_is_told_and_not_that_of_its_parent(tmp_path: Path) -> None:
    made = vllm_environment(tmp_path / "env", "out-of-memory")
    async with started(made) as backend:
        await until(lambda: backend.supervisor.starts >= 2)
        assert backend.status.last_error == (
            "ended with code 1. ValueError: Free memory on device (7.34/15.49 GiB) on startup is "
            "less than desired GPU memory utilization (0.8, 12.39 GiB)."
        )


async def test_an_absent_package_waits_for_the_operator(tmp_path: Path) -> None:
    made = vllm_environment(tmp_path / "env", "absent")
    async with started(made, replace(QUICK, operator_wait_s=600)) as backend:
        await until(lambda: backend.state is ModelState.FAILED)
        assert "No module named 'vllm'" in (backend.status.last_error or "")
        assert backend.status.progress == "retried every 600 s, and at the next start"
        assert (backend.supervisor.starts, backend.status.restarts) == (1, 0)


async def test_an_absent_python_waits_for_the_operator(tmp_path: Path) -> None:
    made = VllmEnvironment(tmp_path / "nowhere")
    async with started(made, replace(QUICK, operator_wait_s=600)) as backend:
        await until(lambda: backend.state is ModelState.FAILED)
        assert "bin/python cannot be started: No such file" in (backend.status.last_error or "")
        assert backend.supervisor.starts == 1


async def test_an_argument_that_vllm_does_not_know_is_tried_once(tmp_path: Path) -> None:
    made = vllm_environment(tmp_path / "env", "bad-argument")
    async with started(made, arguments=["--no-such-option"]) as backend:
        await until(lambda: backend.given_up)
        assert backend.status.last_error == (
            "ended with code 2. unrecognized arguments: --no-such-option"
        )


async def test_a_reply_that_vllm_dies_under_fails(tmp_path: Path) -> None:
    made = vllm_environment(tmp_path / "env")
    async with started(made) as backend:
        await ready(backend)
        (run,) = made.runs()
        os.kill(run.pids[0], signal.SIGSTOP)  # so that the reply cannot end before
        reply = asyncio.create_task(reply_of(backend, ask("hi")))
        await asyncio.sleep(0)
        os.kill(run.pids[0], signal.SIGKILL)
        with pytest.raises(InferenceError):
            await reply
        await until(lambda: backend.supervisor.starts == 2)
        await ready(backend)
        assert (await reply_of(backend, ask("hi"))).text
