"""The leaderboard over HTTP: until its first byte, its counts, and all of its statistics."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.benchmarks.gradio_board import SESSION
from tests.benchmarks.served import Served, arena_serving, module_serving

_REPEATS = 5
_PAGE = {"accept": "text/html"}
_MODELS = """
models:
  a: {name: A, backend: scripted, script: {replies: ["word"]}}
  b: {name: B, backend: scripted, script: {replies: ["word"]}}
"""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds from the request for the page on."""

    first_byte_s: float
    counts_s: float
    whole_s: float


def pages_lines(source: Path) -> list[str]:
    """The first page after the start and the fastest of five more, ours and as a Gradio event."""
    rows = []
    with _arena(source) as served:
        rows += _rows("this page", lambda: _ours(served.address))
    with tempfile.TemporaryDirectory() as name:
        module = "tests.benchmarks.gradio_board"
        with module_serving(module, Path(name), str(source)) as served:
            served.until("/config")
            rows += _rows("the same board in Gradio events", lambda: _gradio(served.address))
    return [
        "| page | visit | first byte | counts | all statistics |",
        "|---|---|---|---|---|",
        *rows,
    ]


@contextmanager
def _arena(source: Path) -> Iterator[Served]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(source, folder / "arena.sqlite3")
        with arena_serving(folder, _MODELS) as served:
            served.until("/readyz")
            yield served


def _rows(page: str, visit: Callable[[], Times]) -> list[str]:
    first, later = visit(), [visit() for _ in range(_REPEATS)]
    fastest = Times(
        min(one.first_byte_s for one in later),
        min(one.counts_s for one in later),
        min(one.whole_s for one in later),
    )
    return [_row(page, "first", first), _row(page, "fastest of 5 more", fastest)]


def _row(page: str, visit: str, found: Times) -> str:
    times = (found.first_byte_s, found.counts_s, found.whole_s)
    return f"| {page} | {visit} | {' | '.join(f'{seconds * 1e3:,.0f} ms' for seconds in times)} |"


def _ours(address: str) -> Times:
    with _visitor(address) as visitor:
        visitor.get("/", headers=_PAGE)  # for a session
        began = time.perf_counter()
        with visitor.stream("GET", "/leaderboard", headers=_PAGE) as answer:
            pieces = [(piece, time.perf_counter()) for piece in answer.iter_raw()]
        page = b"".join(piece for piece, _ in pieces)
        counted = time.perf_counter()
        if b'data-progress="ready"' not in page:
            page = visitor.get("/leaderboard/board").content
        whole = time.perf_counter()
        if b'data-progress="ready"' not in page:
            raise RuntimeError("the board has not come to its end")
    return Times(pieces[0][1] - began, counted - began, whole - began)


def _gradio(address: str) -> Times:
    """As Gradio's own script does, but for its own files."""
    with _visitor(address) as visitor:
        began = time.perf_counter()
        with visitor.stream("GET", "/", headers=_PAGE) as answer:
            next(answer.iter_raw())
            first_byte = time.perf_counter()
        event = {"data": [], "fn_index": 0, "session_hash": SESSION, "trigger_id": None}
        visitor.get("/config").raise_for_status()
        visitor.post("/gradio_api/queue/join", json=event).raise_for_status()
        counted = whole = 0.0
        where = {"session_hash": SESSION}
        with visitor.stream("GET", "/gradio_api/queue/data", params=where) as messages:
            for line in messages.iter_lines():
                if '"process_generating"' in line:
                    counted = counted or time.perf_counter()
                elif '"process_completed"' in line:
                    whole = time.perf_counter()
                    break
    return Times(first_byte - began, counted - began, whole - began)


@contextmanager
def _visitor(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, trust_env=False, timeout=300) as client:
        yield client
