"""Downloads over HTTP."""

import socket
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from arena.domain.accounts import Caller
from arena.services.exports.exports import Exports
from arena.services.pseudonyms import Pseudonyms
from arena.storage.database import Database
from arena.web.admin.downloads import exports_router
from tests.builders import ADMIN, ANNOTATOR, seed_farm, seed_vote

CALLERS = {"admin": ADMIN, "annotator": ANNOTATOR}


class BreakingExports(Exports):
    """Breaks after the first chunk."""

    def file(self, *arguments: Any, **options: Any) -> Generator[bytes]:
        """One chunk and an error."""
        yield b"vote_id\r\n1\r\n"
        raise RuntimeError("disk gone")


def _caller_of(request: Request) -> Caller | None:
    return CALLERS.get(request.headers.get("x-caller", ""))


def _exports(kind: type[Exports], database: Database) -> Exports:
    return kind(database, pseudonyms=Pseudonyms(b"key"))


@contextmanager
def _serving(exports: Exports) -> Iterator[str]:
    app = FastAPI()
    app.include_router(exports_router(exports, _caller_of))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/admin/exports"
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield address
        finally:
            server.should_exit = True
            thread.join()


def _get(address: str, caller: str = "admin") -> httpx.Response:
    return httpx.get(address, headers={"x-caller": caller}, trust_env=False)


def test_an_admin_gets_a_csv_that_no_cache_keeps(database: Database) -> None:
    seed_vote(database, comment="好")

    with _serving(_exports(Exports, database)) as address:
        response = _get(f"{address}/votes.csv")

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="votes.csv"'
    assert response.headers["cache-control"] == "no-store"
    assert response.text.count("\r\n") == 2
    assert "好" in response.text
    assert "anon-" in response.text


@pytest.mark.parametrize(
    ("kind", "media_type", "beginning"),
    [
        ("jsonl", "application/x-ndjson", b'{"vote_id": 1, '),
        ("parquet", "application/vnd.apache.parquet", b"PAR1"),
    ],
)
def test_an_admin_gets_other_formats_under_their_names(
    database: Database, kind: str, media_type: str, beginning: bytes
) -> None:
    seed_vote(database)

    with _serving(_exports(Exports, database)) as address:
        response = _get(f"{address}/votes.{kind}")
        refused = _get(f"{address}/votes.{kind}", "annotator")

    assert response.headers["content-type"] == media_type
    assert response.headers["content-disposition"] == f'attachment; filename="votes.{kind}"'
    assert response.content.startswith(beginning)
    assert refused.status_code == 403


def test_names_and_a_byte_order_mark_can_be_asked_for(database: Database) -> None:
    seed_vote(database)

    with _serving(_exports(Exports, database)) as address:
        response = _get(f"{address}/votes.csv?names=true&bom=true")

    assert response.content.startswith(b"\xef\xbb\xbf")
    assert ",ada," in response.text


@pytest.mark.parametrize(
    ("caller", "table", "status", "error"),
    [
        ("", "votes", 401, "not_signed_in"),
        ("annotator", "votes", 403, "not_allowed"),
        ("annotator", "secrets", 403, "not_allowed"),
        ("admin", "secrets", 404, "unknown_table"),
    ],
)
def test_others_and_other_tables_get_json_and_no_data(
    database: Database, caller: str, table: str, status: int, error: str
) -> None:
    seed_vote(database)

    with _serving(_exports(Exports, database)) as address:
        response = _get(f"{address}/{table}.csv", caller)

    assert (response.status_code, response.json()["error"]) == (status, error)


def test_a_download_that_breaks_is_a_cut_transfer_without_error_text(database: Database) -> None:
    received: list[bytes] = []

    with (
        _serving(_exports(BreakingExports, database)) as address,
        httpx.stream(
            "GET", f"{address}/votes.csv", headers={"x-caller": "admin"}, trust_env=False
        ) as cut,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        received.extend(cut.iter_bytes())

    assert b"".join(received) == b"vote_id\r\n1\r\n"


def test_votes_from_one_address_can_be_left_out(database: Database) -> None:
    seed_vote(database)
    seed_farm(database)
    with _serving(_exports(Exports, database)) as address:
        answers = [
            httpx.get(f"{address}/votes.csv{query}", headers={"x-caller": "admin"}, trust_env=False)
            for query in ("", "?without=one_address", "?without=everybody")
        ]

    assert [answer.status_code for answer in answers] == [200, 200, 422]
    assert [answer.text.count("\n") for answer in answers[:2]] == [142, 2]
