"""The figure as a file: for whoever may read the board, under its filters, in four formats."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from datetime import date
from threading import Event

import httpx
import pytest
from anyio import CapacityLimiter, create_task_group, fail_after, to_thread, wait_all_tasks_blocked
from fastapi import FastAPI, Request

from arena.domain.accounts import Caller
from arena.domain.conversation import ModelKey
from arena.domain.visibility import Visibility
from arena.services.board.leaderboard import Leaderboards
from arena.storage.database import Database
from arena.web.common.texts import load_texts
from arena.web.http.access import HasCookies
from arena.web.leaderboard.figure_style import FigureStyle
from arena.web.leaderboard.figures import drawing, fonts
from arena.web.leaderboard.figures.content import FigureContent, figure_content
from arena.web.leaderboard.figures.drawing import FigureFormat
from arena.web.leaderboard.figures.files import figure_router
from arena.web.leaderboard.query import BoardQuery, Tab
from arena.web.leaderboard.reader import BoardReader, Statistics
from tests.builders import ADMIN, ANNOTATOR, seed_votes
from tests.fakes.board_pages import OneSession
from tests.fakes.board_statistics import SlowStatistics, snapshots_of, statistics_of
from tests.web.leaderboard.boards import varied_votes

CALLERS = {"admin": ADMIN, "annotator": ANNOTATOR}
TODAY = date(2026, 4, 1)
TEXTS = load_texts()
MAGIC = {"svg": b"<?xml", "png": b"\x89PNG\r\n", "pdf": b"%PDF-", "csv": b"model,model_name,"}


class _Sessions(OneSession):
    """Who asks is said by a header."""

    def caller(self, request: HasCookies | None) -> Caller | None:
        assert isinstance(request, Request)
        return CALLERS.get(request.headers.get("x-caller", ""))


@pytest.fixture
async def files(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The routes of an arena whose board is for admins."""
    async with _client(database, statistics_of(database, Visibility.ADMINS)) as client:
        yield client


def _client(database: Database, statistics: Statistics) -> httpx.AsyncClient:
    boards = Leaderboards(database, visibility=Visibility.ADMINS)
    app = FastAPI()
    app.include_router(
        figure_router(
            BoardReader(
                leaderboards=boards, statistics=statistics, snapshots=snapshots_of(database)
            ),
            _Sessions(),
            TEXTS,
            today=lambda: TODAY,
        )
    )
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(
        transport=transport, base_url="http://arena/leaderboard", headers={"x-caller": "admin"}
    )


@pytest.mark.anyio
@pytest.mark.parametrize("kind", MAGIC)
async def test_every_format_is_a_file_to_keep(
    database: Database, files: httpx.AsyncClient, kind: str
) -> None:
    varied_votes(database, ("alpha", "beta"), 40)

    answer = await files.get(f"/figure.{kind}?model=alpha")

    assert answer.status_code == 200
    assert answer.content.startswith(MAGIC[kind])
    assert answer.headers["content-disposition"] == f'attachment; filename="win-loss-alpha.{kind}"'
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.anyio
@pytest.mark.parametrize("kind", MAGIC)
@pytest.mark.parametrize(("caller", "status"), [("", 401), ("annotator", 403)])
async def test_who_may_not_read_the_board_gets_no_file_and_no_name(
    database: Database, files: httpx.AsyncClient, kind: str, caller: str, status: int
) -> None:
    seed_votes(database, wins=2)

    for model in ("alpha", "unheard-of"):
        answer = await files.get(f"/figure.{kind}?model={model}", headers={"x-caller": caller})
        assert answer.status_code == status
        assert b"Name of" not in answer.content


@pytest.mark.anyio
async def test_the_data_follow_the_filters(database: Database, files: httpx.AsyncClient) -> None:
    seed_votes(database, wins=3, losses=1, category="math")
    seed_votes(database, wins=5, category="coding")

    text = (await files.get("/figure.csv?model=alpha&category=math")).text
    (row,) = csv.DictReader(io.StringIO(text))

    assert (row["wins"], row["losses"], row["rate"]) == ("3", "1", "0.75")
    assert (row["low"], row["state"]) == ("", "too few")
    assert "Category: Math" in row["note"]
    assert "2026-04-01" in row["note"]


@pytest.mark.anyio
@pytest.mark.parametrize("tab", Tab)
async def test_the_data_are_the_same_whatever_tab_the_address_names(
    database: Database, files: httpx.AsyncClient, tab: Tab
) -> None:
    varied_votes(database, ("alpha", "beta"), 40)

    asked = (await files.get(f"/figure.csv?model=alpha&tab={tab}")).text

    assert asked == (await files.get("/figure.csv?model=alpha")).text
    assert "No intervals" not in asked


@pytest.mark.anyio
@pytest.mark.parametrize("kind", MAGIC)
@pytest.mark.parametrize("subject", ["rates", "matrix", "ratings"])
async def test_all_models_are_drawn_whatever_model_the_address_names(
    database: Database, files: httpx.AsyncClient, subject: str, kind: str
) -> None:
    varied_votes(database, ("alpha", "beta"), 40)

    answer = await files.get(f"/figure.{kind}?of={subject}&model=alpha")

    assert answer.status_code == 200
    assert answer.content.startswith(MAGIC[kind])
    named = f'attachment; filename="win-loss-{subject}.{kind}"'
    assert answer.headers["content-disposition"] == named


@pytest.mark.anyio
async def test_a_matrix_that_does_not_fit_is_refused_with_what_does(
    database: Database, files: httpx.AsyncClient
) -> None:
    for number in range(30):
        seed_votes(database, models=(f"m{number}", f"m{number + 1}"), wins=1)

    narrow = await files.get("/figure.svg?of=matrix&width=one")
    wide = await files.get("/figure.svg?of=matrix")

    assert (narrow.status_code, narrow.json()["error"]) == (400, "too_many_models")
    assert 10 < narrow.json()["most"] < 31
    assert wide.status_code == 200


@pytest.mark.anyio
async def test_a_figure_does_not_wait_for_agreement(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 40)
    slow = SlowStatistics(statistics_of(database, Visibility.ADMINS), in_turn=True)
    slow.ready.set()

    async with _client(database, slow) as files:
        answer = await asyncio.wait_for(files.get("/figure.csv?model=alpha"), 10)

    assert answer.status_code == 200
    assert "No intervals" not in answer.text


def test_counts_of_the_data_are_of_the_votes_that_its_intervals_are_of(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 40)
    reader = BoardReader(
        leaderboards=Leaderboards(database, visibility=Visibility.PUBLIC),
        statistics=statistics_of(database),
        snapshots=snapshots_of(database),
    )
    query = BoardQuery(baseline=ModelKey("alpha"))
    counted = reader.counted(None, query, TEXTS.by_language["en"])
    varied_votes(database, ("alpha", "beta"), 60)

    content = figure_content(asyncio.run(reader.rated(None, counted)), TODAY)

    assert content is not None
    (bar,) = content.panels[0].bars
    assert bar.found is not None
    assert bar.record == bar.found.record
    assert bar.record.decisive == 100
    assert "100 decisive comparisons" in content.caption[2]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("query", "status"),
    [("?model=unheard-of", 404), ("", 404), ("?model=alpha&since=soon", 400)],
)
async def test_what_cannot_be_drawn_is_refused_in_words(
    database: Database, files: httpx.AsyncClient, query: str, status: int
) -> None:
    seed_votes(database, wins=1)

    assert (await files.get(f"/figure.pdf{query}")).status_code == status


@pytest.mark.anyio
async def test_figures_are_drawn_one_at_a_time_and_hold_no_thread_of_other_requests(
    database: Database, files: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed_votes(database, wins=3)
    easel = _Easel()
    monkeypatch.setattr(drawing, "draw", easel.draw)
    others = to_thread.current_default_thread_limiter()
    monkeypatch.setattr(others, "total_tokens", 2)

    async with create_task_group() as requests:
        for _ in range(3):
            requests.start_soon(files.get, "/figure.svg?model=alpha")
        try:
            with fail_after(5):
                await to_thread.run_sync(easel.begun.wait, limiter=CapacityLimiter(1))
                await wait_all_tasks_blocked()
                for _ in range(9):
                    await to_thread.run_sync(int)
        finally:
            easel.ready.set()

    assert easel.most == 1


class _Easel:
    """Draws nothing before it is `ready`; `most` were being drawn at once."""

    def __init__(self) -> None:
        self.begun, self.ready = Event(), Event()
        self._now = self.most = 0

    def draw(self, _content: FigureContent, _kind: FigureFormat, _style: FigureStyle) -> bytes:
        self._now += 1
        self.most = max(self.most, self._now)
        self.begun.set()
        assert self.ready.wait(30)
        self._now -= 1
        return b""


@pytest.mark.anyio
async def test_a_figure_speaks_the_language_of_the_page_or_one_that_can_be_drawn(
    database: Database, files: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    varied_votes(database, ("alpha", "beta"), 40)
    chinese = {"accept-language": "zh-CN"}

    drawn = (await files.get("/figure.svg?model=alpha", headers=chinese)).text
    assert ("胜率的 95 % 区间" in drawn) is fonts.can_draw("胜率的区间")
    monkeypatch.setattr(fonts, "covered", lambda: frozenset(range(0x2FFF)))
    plain = (await files.get("/figure.svg?model=alpha", headers=chinese)).text

    assert "95 % interval of the win rate" in plain
