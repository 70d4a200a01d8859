"""The board in events of a Gradio page, for comparison: python -m ... PORT DATABASE"""

import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI

from arena.domain.visibility import Visibility
from arena.inference.clock import SystemClock
from arena.services.board.leaderboard import Leaderboards
from arena.services.board.on_request import BoardStatistics
from arena.services.board.snapshots.keeping import BoardSnapshots
from arena.services.board.worker_process import StatisticsProcess
from arena.storage.database import Database
from arena.web.common.texts import load_texts
from arena.web.leaderboard.frames import Asked, frames
from arena.web.leaderboard.query import BoardQuery
from arena.web.leaderboard.reader import BoardReader

SESSION = "benchmark"
_AT_ONCE_S = 0.2


def build(reader: BoardReader) -> gr.Blocks:
    """A page that shows the board when it is opened."""
    texts = load_texts().by_language["en"]
    asked = Asked(address="", query=BoardQuery(), texts=texts, caller=None)

    async def opened() -> AsyncGenerator[str]:
        async with aclosing(frames(reader, asked, at_once_s=_AT_ONCE_S)) as found:
            async for frame in found:
                yield frame.html

    page: Any
    with gr.Blocks(analytics_enabled=False) as page:
        page.load(opened, None, gr.HTML())
    page.queue(default_concurrency_limit=None)
    blocks: gr.Blocks = page
    return blocks


def main(port: int, source: str) -> None:
    """Serve it."""
    url = f"sqlite:///{source}"
    database, process = Database(url), StatisticsProcess(url)
    statistics = BoardStatistics(database, visibility=Visibility.PUBLIC, ask=process.ask)
    boards = Leaderboards(database, visibility=Visibility.PUBLIC)
    snapshots = BoardSnapshots(database, SystemClock(), visibility=Visibility.PUBLIC)
    page = build(BoardReader(leaderboards=boards, statistics=statistics, snapshots=snapshots))
    app = gr.mount_gradio_app(FastAPI(), page, "/", ssr_mode=False)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")
    statistics.close()
    process.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
