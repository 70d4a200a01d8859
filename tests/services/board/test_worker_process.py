"""The worker process of statistics, for real: its answers, its death, and its end."""

import asyncio
import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from arena.domain.board import BoardFilter
from arena.services.board.details import DetailedBoard, RatedBoard, detailed_board
from arena.services.board.rows import board_document
from arena.services.board.worker import Answer, Question, Topic
from arena.services.board.worker_process import StatisticsFailed, StatisticsProcess
from arena.storage.database import Database
from tests.builders import seed_votes
from tests.fakes.waiting import until

DETAILS = Question(Topic.DETAILS, BoardFilter())


@pytest.fixture
def process(database: Database) -> Iterator[StatisticsProcess]:
    seed_votes(database, wins=3, losses=1)
    worker = StatisticsProcess(database.url)
    yield worker
    worker.close()


def running(process: StatisticsProcess) -> int:
    assert process.pid is not None
    return process.pid


def unread(process: StatisticsProcess) -> int:
    """Bytes of a question that the worker has not taken yet."""
    assert process._process is not None
    assert process._process.stdin is not None
    (number,) = struct.unpack("i", fcntl.ioctl(process._process.stdin, termios.FIONREAD, b"\0" * 4))
    return int(number)


@pytest.mark.parametrize("topic", Topic)
def test_every_topic_brings_the_counts_of_its_snapshot(
    process: StatisticsProcess, topic: Topic
) -> None:
    answer = process.ask(Question(topic, BoardFilter())).value
    counted = answer.document["votes"] if topic is Topic.SNAPSHOT else answer.board.votes
    assert counted == 4


def test_the_worker_holds_none_of_the_arena_s_secrets(
    process: StatisticsProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_ADMIN_PASSWORD", "secret-admin")
    monkeypatch.setenv("OPENAI_API_KEY", "secret-openai")
    process.ask(DETAILS)
    assert "secret" not in str(psutil.Process(running(process)).environ())


def test_nothing_runs_before_the_first_question(process: StatisticsProcess) -> None:
    assert process.pid is None


def test_answers_are_those_of_this_process_and_one_worker_gives_them_all(
    process: StatisticsProcess, database: Database
) -> None:
    here = detailed_board(database, BoardFilter())

    there = process.ask(DETAILS)
    first = running(process)
    others = [process.ask(Question(topic, BoardFilter())) for topic in Topic]

    assert board_document(there.value) == board_document(here)
    assert {answer.version for answer in others} == {there.version}
    assert running(process) == first


def test_intervals_are_heard_before_the_answer_is_complete(process: StatisticsProcess) -> None:
    heard: list[Answer] = []

    last = process.ask(DETAILS, heard.append)

    assert [type(answer.value) for answer in heard] == [RatedBoard, DetailedBoard]
    assert heard[-1] is last
    assert len({answer.version for answer in heard}) == 1


def test_a_worker_that_is_killed_over_a_question_fails_it_and_the_next_starts_anew(
    process: StatisticsProcess,
) -> None:
    process.ask(DETAILS)
    dead = running(process)
    os.kill(dead, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(process.ask, DETAILS)
        asyncio.run(until(lambda: unread(process) > 0))
        os.kill(dead, signal.SIGKILL)
        with pytest.raises(StatisticsFailed, match="the worker ended with code -9"):
            asked.result()

    assert process.ask(DETAILS).value.board.votes == 4
    assert running(process) != dead


def test_a_worker_that_died_in_between_is_not_noticed(process: StatisticsProcess) -> None:
    process.ask(DETAILS)
    dead = running(process)
    os.kill(dead, signal.SIGKILL)
    os.waitid(os.P_PID, dead, os.WEXITED | os.WNOWAIT)

    assert process.ask(DETAILS).value.board.votes == 4


def test_the_worker_makes_no_database(tmp_path: Path) -> None:
    process = StatisticsProcess(f"sqlite:///{tmp_path / 'gone.sqlite3'}")
    try:
        with pytest.raises(StatisticsFailed, match="unable to open"):
            process.ask(DETAILS)
    finally:
        process.close()
    assert list(tmp_path.iterdir()) == []


def test_a_question_that_cannot_be_answered_fails_and_the_worker_lives(tmp_path: Path) -> None:
    empty = tmp_path / "empty.sqlite3"
    empty.touch()
    process = StatisticsProcess(f"sqlite:///{empty}")
    try:
        with pytest.raises(StatisticsFailed, match="no such table"):
            process.ask(DETAILS)
        first = running(process)
        with pytest.raises(StatisticsFailed, match="no such table"):
            process.ask(DETAILS)
        assert running(process) == first
    finally:
        process.close()


def test_an_idle_worker_ends_and_gives_its_memory_back(database: Database) -> None:
    process = StatisticsProcess(database.url, idle_s=0.05)
    process.ask(DETAILS)

    asyncio.run(until(lambda: process.pid is None))

    assert process.ask(DETAILS).value.board.votes == 0
    process.close()


def test_closing_ends_a_question_in_the_middle_and_nothing_starts_afterwards(
    process: StatisticsProcess,
) -> None:
    process.ask(DETAILS)
    os.kill(running(process), signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(process.ask, DETAILS)
        process.close()
        with pytest.raises(StatisticsFailed):
            asked.result()

    assert process.pid is None
    with pytest.raises(StatisticsFailed, match="shutting down"):
        process.ask(DETAILS)


def test_a_worker_whose_server_is_gone_ends() -> None:
    command = [sys.executable, "-m", "arena.services.board.worker"]

    assert subprocess.run(command, input=b"", timeout=60, check=False).returncode == 0
