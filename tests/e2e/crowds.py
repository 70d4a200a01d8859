"""An arena with votes of a crowd: 59 models, 8,931 comparisons."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from playwright.sync_api import Page, expect

from arena.inference.clock import SystemClock
from arena.services.importing.containers import vote_file
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.imports import Imports
from arena.services.importing.vote_formats import votes_of_file
from arena.storage.database import Database
from arena.storage.migrate import migrate
from tests.e2e.bestiary import bestiary
from tests.e2e.serving import ServedArena

VOTES = Path(__file__).parents[1] / "data" / "llmfao" / "crowd-comparisons.csv"


def crowd_in(folder: Path) -> Iterator[ServedArena]:
    """Serve an arena with the votes of LLMFAO from a folder."""
    arena = ServedArena(folder, bestiary())
    database = Database(f"sqlite:///{arena.database}")
    migrate(database)
    read = partial(votes_of_file, vote_file(VOTES), VoteFormat.LLMFAO, Reading())
    report = Imports(database, SystemClock()).votes(read, VoteFormat.LLMFAO)
    assert report.votes == 8931
    database.close()
    try:
        arena.start()
        yield arena
    finally:
        arena.stop()


def open_board(page: Page, crowd: ServedArena, address: str = "") -> None:
    """Go to a board and wait for all of its numbers."""
    page.goto(f"{crowd.address}/leaderboard{address}")
    expect(page.locator("#leaderboard-board .lb-tabs")).to_be_visible()
    expect(page.locator("#leaderboard-board .lb")).to_have_attribute("data-progress", "ready")
    expect(page.locator("#leaderboard-board")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator(".lb-wait")).to_have_count(0)
