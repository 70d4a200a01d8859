"""Pooled rates by category of the prompt: a row for each model, a column for each category."""

from html import escape

from arena.domain.board import NO_CATEGORY
from arena.domain.conversation import ModelKey
from arena.services.board.leaderboard import Board
from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.win_rate import Record, State
from arena.web.leaderboard.parts.numbers import count, marked_bounds, whole_percents
from arena.web.leaderboard.parts.table import Cell, Column, Row, table_of, text_cell
from arena.web.leaderboard.view import BoardView, Texts


def categories_tab(view: BoardView) -> str:
    """The table, or a sentence where no vote has a category."""
    texts = view.texts
    heading = f"<h2>{escape(texts['leaderboard.categories'])}</h2>"
    if not view.category_boards.keys() - {NO_CATEGORY}:
        none = escape(texts["leaderboard.categories_none"])
        return f'<section class="lb-panel">{heading}<p>{none}</p></section>'
    lines = [texts["leaderboard.categories_hint"], texts["leaderboard.categories_few"]]
    if view.pending:
        lines.append(texts["leaderboard.computing"])
    notes = "".join(f'<p class="lb-note">{escape(line)}</p>' for line in lines)
    return f'<section class="lb-panel">{heading}{notes}{_table(view)}</section>'


def _table(view: BoardView) -> str:
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
        return Cell("–")
    found = (view.category_rates or {}).get(category, {}).get(model)
    number = str(whole_percents(record)[0])
    if view.state(record, found) is State.TOO_FEW:
        return Cell(
            f'<span class="lb-few">({number})</span>{_below(record, None, view.texts)}', record.rate
        )
    return Cell(f"<b>{number}</b>{_below(record, found, view.texts)}", record.rate)


def _below(record: Record, found: ClusteredRate | None, texts: Texts) -> str:
    """The interval, for which room is kept, and the number of votes."""
    interval = marked_bounds(found, texts) if found and found.interval else "&nbsp;"
    return f"<small>{interval}</small><small>n {count(record.decisive)}</small>"
