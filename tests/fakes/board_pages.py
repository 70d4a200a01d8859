"""The leaderboard as its readers get it: frame by frame, over HTTP, and by who leaves too early."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI

from arena.domain.accounts import Caller
from arena.domain.visibility import Visibility
from arena.services.board.leaderboard import Leaderboards
from arena.storage.database import Database
from arena.web.common.texts import load_texts
from arena.web.http.access import HasCookies
from arena.web.leaderboard.frames import END_OF_FRAME, Asked, frames
from arena.web.leaderboard.query import read_query
from arena.web.leaderboard.reader import BoardReader, Statistics
from arena.web.leaderboard.routes import board_router
from arena.web.leaderboard.snapshots.routes import snapshot_router
from tests.fakes.board_statistics import snapshots_of, statistics_of

TEXTS = load_texts()


@dataclass(frozen=True)
class OneSession:
    """The sessions of an arena that has one visitor."""

    visitor: Caller | None = None

    def caller(self, request: HasCookies | None) -> Caller | None:
        return self.visitor

    def sign_out_token(self, request: HasCookies) -> str:
        return "t0ken"


@dataclass(frozen=True)
class BoardPages:
    """The page and the stream of one visitor, whose browser asks for one language."""

    reader: BoardReader
    caller: Caller | None
    language: str
    app: FastAPI

    async def frames(self, address: str = "") -> AsyncGenerator[str]:
        """What the stream says, as HTML; what takes longer than .2 s comes later."""
        asked = Asked(
            address=address,
            query=read_query(address),
            texts=TEXTS.by_language[self.language],
            caller=self.caller,
        )
        async with aclosing(frames(self.reader, asked, at_once_s=0.2)) as found:
            async for frame in found:
                yield frame.html + frame.head

    async def get(
        self, address: str = "", *, method: str = "GET", **headers: str
    ) -> httpx.Response:
        """The whole answer for an address below the site's."""
        async with self._client() as client:
            told = {"accept-language": self.language, **headers}
            return await client.request(method, address, headers=told)

    async def send(self, address: str, fields: Mapping[str, str]) -> httpx.Response:
        """The whole answer to a form."""
        async with self._client() as client:
            told = {"accept-language": self.language, "accept": "text/html"}
            return await client.post(address, headers=told, data=fields)

    def _client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url="http://arena.test")

    def page(self, address: str = "") -> str:
        """The page, without the frames that follow it."""
        return asyncio.run(self.get(f"/leaderboard{address}")).text

    def board(self, address: str = "") -> str:
        """The board as it is in the end."""
        return frames_in(asyncio.run(self.get(f"/leaderboard/board{address}")).text)[-1]


def frames_in(text: str) -> list[str]:
    """The frames of a whole stream."""
    *found, rest = text.split(END_OF_FRAME)
    assert rest == ""
    return found


def pages_of(
    database: Database,
    *,
    statistics: Statistics | None = None,
    leaderboards: Leaderboards | None = None,
    caller: Caller | None = None,
    visibility: Visibility = Visibility.PUBLIC,
    language: str = "en",
) -> BoardPages:
    """The leaderboard of a database, without a worker process."""
    snapshots = snapshots_of(database, visibility)
    reader = BoardReader(
        leaderboards=leaderboards or Leaderboards(database, visibility=visibility),
        statistics=statistics or statistics_of(database, visibility),
        snapshots=snapshots,
    )
    app, sessions = FastAPI(), OneSession(caller)
    app.include_router(board_router(reader, sessions, TEXTS))
    freezing = statistics_of(database, visibility)
    app.include_router(snapshot_router(reader, snapshots, freezing, sessions, TEXTS))
    return BoardPages(reader, caller, language, app)


@dataclass
class Visit:
    """One request of a browser that reads the answer as it comes, and may leave before its end."""

    app: FastAPI
    address: str
    headers: Mapping[str, str] = field(default_factory=dict)

    async def __aenter__(self) -> "Visit":
        self._said: asyncio.Queue[Any] = asyncio.Queue()
        self._gone = asyncio.Event()
        path, _, query = self.address.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), text.encode()) for name, text in self.headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("arena.test", 80),
        }
        self._answering = asyncio.ensure_future(self.app(scope, self._receive, self._said.put))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    async def status(self) -> int:
        """The status, which comes before everything else."""
        message = await asyncio.wait_for(self._said.get(), 30)
        return int(message["status"])

    async def frame(self) -> str:
        """The next piece of the body."""
        message = await asyncio.wait_for(self._said.get(), 30)
        return str(message["body"].decode())

    async def leave(self) -> None:
        """Close the connection and wait until the server has noticed."""
        self._gone.set()
        await asyncio.wait_for(self._answering, 30)

    def close(self) -> None:
        """Close the connection and wait for nothing."""
        self._gone.set()

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}
