"""Reports for tests: a board's facts, and figures that take no time to draw."""

from datetime import date

from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.services.board.details import DetailedBoard
from arena.services.board.leaderboard import EVERYTHING
from arena.services.report.contents import ReportContents, contents_of
from arena.services.report.facts import ReportFacts, facts_of
from arena.services.report.figures import ReportFigure
from arena.services.report.methods import methods
from arena.storage.database import Database
from tests.builders import NOON

SOFTWARE = {"arena": "0", "python": "3"}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


def plain_figure(
    board: DetailedBoard, model: ModelKey, opponents: frozenset[ModelKey], day: date
) -> ReportFigure | None:
    """Return a figure with nothing in it; None for a model without a vote."""
    return ReportFigure(lambda: SVG, lambda: b"%PDF-") if opponents else None


def facts(database: Database, board_filter: BoardFilter = EVERYTHING) -> ReportFacts:
    """Return the facts of a board of the database."""
    with database.reading() as connection:
        return facts_of(connection, board_filter, software=SOFTWARE, made_at=NOON)


def contents(database: Database, board_filter: BoardFilter = EVERYTHING) -> ReportContents:
    """Return the content of a report on it."""
    return contents_of(facts(database, board_filter), plain_figure)


def said(database: Database, board_filter: BoardFilter = EVERYTHING) -> dict[str, str]:
    """Return the sentences of the methods by section, one after the other."""
    return {
        one.title: " ".join(sentence.text for paragraph in one.paragraphs for sentence in paragraph)
        for one in methods(facts(database, board_filter))
    }
