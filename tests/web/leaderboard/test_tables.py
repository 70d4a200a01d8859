"""The table of models as a file: for whoever may read the board, under its filters."""

import csv
import io
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from arena.domain.accounts import Caller
from arena.domain.visibility import Visibility
from arena.services.board.leaderboard import Leaderboards
from arena.services.exports.columns import COLUMNS, ExportTable
from arena.storage.database import Database
from arena.web.leaderboard.reader import BoardReader, Statistics
from arena.web.leaderboard.tables.files import table_router
from arena.web.leaderboard.tables.writing import WRITERS
from tests.builders import ADMIN, ANNOTATOR, seed_vote, seed_votes
from tests.fakes.board_pages import TEXTS, OneSession
from tests.fakes.board_statistics import SlowStatistics, snapshots_of, statistics_of
from tests.web.leaderboard.boards import varied_votes

NASTY = "=1+1 & 50 %_{x} | <b>\\"


def client(
    database: Database, caller: Caller | None = ADMIN, *, statistics: Statistics | None = None
) -> httpx.AsyncClient:
    reader = BoardReader(
        leaderboards=Leaderboards(database, visibility=Visibility.ADMINS),
        statistics=statistics or statistics_of(database, Visibility.ADMINS),
        snapshots=snapshots_of(database, Visibility.ADMINS),
    )
    app = FastAPI()
    app.include_router(table_router(reader, OneSession(caller), TEXTS))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://arena.test/leaderboard"
    )


@pytest.fixture
async def files(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The routes as an admin asks them."""
    async with client(database) as asking:
        yield asking


@pytest.mark.anyio
async def test_the_csv_has_every_number_of_the_board(
    database: Database, files: httpx.AsyncClient
) -> None:
    varied_votes(database, ("alpha", "beta"), 120)
    seed_votes(database, ties=3, both_bad=1)

    answer = await files.get("/table.csv?tab=quality")
    alpha, beta = csv.DictReader(io.StringIO(answer.text))

    assert answer.headers["content-disposition"] == 'attachment; filename="win-loss.csv"'
    assert answer.headers["cache-control"] == "no-store"
    names = ("model", "name", "rank", "rank_worst", "wins", "losses", "ties", "both_bad")
    assert [alpha[name] for name in names] == [
        "alpha",
        "Name of alpha",
        "1",
        "1",
        "80",
        "40",
        "3",
        "1",
    ]
    assert float(alpha["pooled_rate"]) == pytest.approx(2 / 3)
    assert float(alpha["pooled_low"]) < 2 / 3 < float(alpha["pooled_high"])
    assert float(beta["pooled_low"]) == pytest.approx(1 - float(alpha["pooled_high"]))
    assert (alpha["state"], alpha["annotators"]) == ("preliminary", "10")
    assert list(alpha) == [column.name for column in COLUMNS[ExportTable.LEADERBOARD]]


@pytest.mark.anyio
async def test_latex_and_markdown_print_rate_interval_counts_and_state(
    database: Database, files: httpx.AsyncClient
) -> None:
    varied_votes(database, ("alpha", "beta"), 120)

    latex = (await files.get("/table.tex")).text
    markdown = (await files.get("/table.md")).text

    assert latex.startswith("% Win:loss rate without ties · All votes · votes until")
    assert r"\begin{tabular}{rlrrrrrrrl}" in latex
    assert r"1 & Name of alpha & 66.7 \% & " in latex
    assert r" & 80 & 40 & 0 & 0 & 10 & preliminary \\" in latex
    assert latex.count(r"\\") == 3
    head, dashes, first, *_ = markdown.splitlines()
    assert head.count("|") == dashes.count("|") == first.count("|") == 11
    assert first.startswith("| 1 | Name of alpha | 66.7 % | ")


@pytest.mark.anyio
async def test_names_are_text_in_every_format(database: Database, files: httpx.AsyncClient) -> None:
    seed_vote(database, models=(NASTY, "beta"))

    found = {kind: (await files.get(f"/table.{kind}")).text for kind in WRITERS}

    (row, _) = sorted(csv.DictReader(io.StringIO(found["csv"])), key=lambda one: one["model"])
    assert row["model"] == f"'{NASTY}"
    spelled = r"=1+1 \& 50 \%\_\{x\} \textbar{} \textless{}b\textgreater{}\textbackslash{}"
    assert spelled in found["tex"]
    assert r"=1+1 & 50 %\_{x} \| \<b\>\\" in found["md"]


@pytest.mark.anyio
@pytest.mark.parametrize("kind", WRITERS)
async def test_the_table_follows_the_filters(
    database: Database, files: httpx.AsyncClient, kind: str
) -> None:
    seed_votes(database, wins=3, category="math")
    seed_votes(database, models=("gamma", "delta"), wins=2)

    text = (await files.get(f"/table.{kind}?category=math")).text

    assert kind == "csv" or "Category: Math" in text
    assert "Name of alpha" in text
    assert "gamma" not in text


@pytest.mark.anyio
@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize(("caller", "status"), [(None, 401), (ANNOTATOR, 403)])
async def test_who_may_not_read_the_board_gets_no_table_and_no_name(
    database: Database, kind: str, caller: Caller | None, status: int
) -> None:
    seed_votes(database, wins=2)

    async with client(database, caller) as asking:
        answer = await asking.get(f"/table.{kind}")

    assert answer.status_code == status
    assert b"alpha" not in answer.content


@pytest.mark.anyio
async def test_no_table_is_without_intervals(database: Database) -> None:
    seed_votes(database, wins=2)
    broken = SlowStatistics(statistics_of(database, Visibility.ADMINS), broken=True)
    broken.ready.set()

    async with client(database, statistics=broken) as asking:
        answer = await asking.get("/table.md")

    assert (answer.status_code, answer.json()) == (503, {"error": "statistics_failed"})


@pytest.mark.anyio
async def test_an_address_that_makes_no_sense_and_an_empty_board_have_no_table(
    files: httpx.AsyncClient,
) -> None:
    faulty, empty = await files.get("/table.csv?since=soon"), await files.get("/table.csv")

    assert (faulty.status_code, faulty.json()["fields"]) == (400, ["since"])
    assert (empty.status_code, empty.json()) == (404, {"error": "no_votes"})
