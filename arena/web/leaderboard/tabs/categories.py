"""Pooled rates by category of the prompt: a row for each model, a column for each category."""

from markupsafe import Markup

from arena.domain.board import NO_CATEGORY
from arena.domain.conversation import ModelKey
from arena.services.board.leaderboard import Board
from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.win_rate import Record, State
from arena.web.leaderboard.parts.numbers import NONE, count, marked_bounds, whole_percents
from arena.web.leaderboard.parts.sections import ROOM, panel, paragraphs, stacked
from arena.web.leaderboard.parts.table import (
    Cell,
    Column,
    Row,
    figure_cell,
    table_of,
    text_cell,
)
from arena.web.leaderboard.view import BoardView, Texts


def categories_tab(view: BoardView) -> Markup:
    """Return the table, or a sentence where no vote has a category."""
    texts = view.texts
    heading = texts["leaderboard.categories"]
    if not view.category_boards.keys() - {NO_CATEGORY}:
        return panel(heading, Markup("<p>{}</p>").format(texts["leaderboard.categories_none"]))
    lines = [texts["leaderboard.categories_hint"], texts["leaderboard.categories_few"]]
    if view.pending:
        lines.append(texts["leaderboard.computing"])
    return panel(heading, paragraphs(lines), _table(view))


def _table(view: BoardView) -> Markup:
    texts = view.texts
    model = Column(texts["leaderboard.column.model"], texts["leaderboard.help.model"])
    columns = [model, *(Column(_title(name, texts)) for name in view.category_boards)]
    records = {name: _records(board) for name, board in view.category_boards.items()}
    order = [result.model for result in view.board.best_first]
    rows = [
        Row(
            [
                text_cell(view.name(key)),
                *(_cell(view, name, of.get(key), key) for name, of in records.items()),
            ]
        )
        for key in order
    ]
    return table_of("categories", columns, rows, texts)


def _title(category: str, texts: Texts) -> str:
    if category == NO_CATEGORY:
        return texts["leaderboard.no_category"]
    return texts.get(f"category.{category}", category)


def _records(board: Board) -> dict[ModelKey, Record]:
    return {result.model: result.pooled for result in board.models if result.pooled.total}


def _cell(view: BoardView, category: str, record: Record | None, model: ModelKey) -> Cell:
    if record is None or record.rate is None:
        return figure_cell(NONE)
    found = (view.category_rates or {}).get(category, {}).get(model)
    number = whole_percents(record)[0]
    if view.state(record, found) is State.TOO_FEW:
        few = Markup('<span class="lb-few">({})</span>').format(number)
        return Cell(stacked(few, *_below(record, None, view.texts)), record.rate)
    rate = Markup("<b>{}</b>").format(number)
    return Cell(stacked(rate, *_below(record, found, view.texts)), record.rate)


def _below(record: Record, found: ClusteredRate | None, texts: Texts) -> tuple[str, str]:
    """Return the interval, for which room is kept, and the number of votes."""
    interval = marked_bounds(found, texts) if found and found.interval else ROOM
    return interval, f"n {count(record.decisive)}"
