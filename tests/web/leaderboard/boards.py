"""Boards as an admin reads them, and votes for them."""

import asyncio
import re
from dataclasses import replace

from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.domain.visibility import Visibility
from arena.services.board.leaderboard import Leaderboards
from arena.storage.database import Database
from arena.web.common.texts import load_texts
from arena.web.leaderboard.query import BoardQuery, Tab
from arena.web.leaderboard.reader import BoardReader
from arena.web.leaderboard.view import BoardView
from tests.builders import ADMIN, seed_vote
from tests.fakes.board_statistics import snapshots_of, statistics_of

TEXTS = load_texts().by_language


def view_of(
    database: Database,
    tab: Tab = Tab.RATES,
    baseline: str | None = None,
    *,
    language: str = "en",
    waiting: bool = False,
    **chosen: object,
) -> BoardView:
    """The board as an admin sees it, with its statistics unless it is `waiting` for them."""
    reader = BoardReader(
        leaderboards=Leaderboards(database, visibility=Visibility.ADMINS),
        statistics=statistics_of(database, Visibility.ADMINS),
        snapshots=snapshots_of(database, Visibility.ADMINS),
    )
    query = BoardQuery(
        tab=tab,
        baseline=ModelKey(baseline) if baseline else None,
        filter=replace(BoardFilter(), **chosen),  # type: ignore[arg-type]
    )
    counted = reader.counted(ADMIN, query, TEXTS[language])
    return counted if waiting else asyncio.run(reader.whole(ADMIN, counted))


def text_of(html: str) -> str:
    """What a person reads."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def row_of(html: str, name: str, table: str) -> str:
    """The row of a table that begins with a name, as text."""
    (inside,) = re.findall(rf'<table class="lb-table[^"]*" id="{table}">(.*?)</table>', html)
    rows = [text_of(row) for row in re.findall(r"<tr[ >].*?</tr>", inside.split("<tbody>")[1])]
    (row,) = [row for row in rows if row.startswith(name)]
    return row.removeprefix(name).strip()


def varied_votes(
    database: Database, pair: tuple[str, str], votes: int, *, won: int = 2, annotators: int = 10
) -> None:
    """`won` of 3 votes for the first model, each on another prompt, sides exchanged."""
    with database.writing() as connection:
        for number in range(votes):
            first_wins = number % 3 < won
            exchanged = number % 2 == 1
            seed_vote(
                connection,
                Verdict.A_BETTER if first_wins != exchanged else Verdict.B_BETTER,
                models=pair[::-1] if exchanged else pair,
                annotator=f"annotator-{number % annotators}",
                prompts=(f"prompt {number // 2}",),
            )


def in_one_order(database: Database) -> None:
    for number in range(200):
        seed_vote(
            database,
            Verdict.A_BETTER if number % 5 < 4 else Verdict.B_BETTER,
            annotator=f"annotator-{number % 10}",
            prompts=(f"prompt {number // 10}",),
        )
