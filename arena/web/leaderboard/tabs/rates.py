"""The first tab: all models, and a model against each opponent."""

from collections.abc import Iterable
from html import escape

from arena.domain.conversation import ModelKey
from arena.services.board.leaderboard import Board
from arena.statistics.win_rate import ModelResult, Pair, PairResult, State
from arena.web.leaderboard.parts.bars import bars
from arena.web.leaderboard.parts.downloads import downloads
from arena.web.leaderboard.parts.numbers import A_SHARE, NONE, count, missing, percent
from arena.web.leaderboard.parts.plan import plan_cell, plan_sentences
from arena.web.leaderboard.parts.records import (
    CLUSTERS,
    COUNTED,
    clusters,
    counted,
    interval_cell,
    rate_cell,
)
from arena.web.leaderboard.parts.table import Cell, Row, legend, table, text_cell
from arena.web.leaderboard.query import BoardQuery, Tab
from arena.web.leaderboard.view import PANELS_AT_ONCE, BoardView

_MODELS = ("model", "pooled", "interval", "mean", "mean_interval", *COUNTED, *CLUSTERS)
_MODELS_MORE = ("left_out", "void")
_PAIRS = ("opponent", "rate", "interval", *COUNTED, *CLUSTERS, "agreement", "plan")


def shows_agreement(query: BoardQuery, board: Board) -> bool:
    """Whether agreement is in a table of this view: only tables of pairs have it."""
    few = len(board.names) <= PANELS_AT_ONCE
    return query.tab is Tab.RATES and (query.baseline is not None or few)


def rates_tab(view: BoardView) -> str:
    """One model if one was chosen, else all of them."""
    if view.query.baseline is not None:
        return _panel(view, view.query.baseline) + legend(_PAIRS, view.texts)
    columns = (*_MODELS, *_MODELS_MORE)
    return "".join(
        (_overview(view), *_panels(view), legend((*columns, "agreement", "plan"), view.texts))
    )


def _panels(view: BoardView) -> Iterable[str]:
    if not shows_agreement(view.query, view.board):
        return [f'<p class="lb-note">{escape(view.texts["leaderboard.choose_baseline"])}</p>']
    ordered = view.board.best_first
    return [_panel(view, result.model) for result in ordered if result.pooled.total]


def _panel(view: BoardView, baseline: ModelKey) -> str:
    pairs, texts = view.board.pairs_of(baseline), view.texts
    name, against = escape(view.name(baseline)), escape(texts["leaderboard.against"])
    heading = f'<h2 class="lb-name">{name} <small>{against}</small></h2>'
    if not pairs:
        nothing = escape(texts["leaderboard.no_match"])
        return f'<section class="lb-panel">{heading}<p>{nothing}</p></section>'
    return (
        f'<section class="lb-panel"><header>{heading}{downloads(view, baseline)}</header>'
        f"{bars(view, pairs)}{_pair_table(view, pairs)}{plan_sentences(view, pairs)}</section>"
    )


def _pair_table(view: BoardView, pairs: tuple[PairResult, ...]) -> str:
    rows = [_pair_row(view, pair) for pair in pairs]
    return table(f"pairs-{_number(view, pairs[0].model)}", _PAIRS, rows, view.texts)


def _number(view: BoardView, model: ModelKey) -> int:
    """Stands for the model in element ids, which cannot hold every key."""
    return list(view.board.names).index(model)


def _pair_row(view: BoardView, pair: PairResult) -> Row:
    record, found = pair.record, view.pair(Pair(pair.model, pair.opponent))
    cells = (
        text_cell(view.name(pair.opponent)),
        rate_cell(record.rate),
        interval_cell(found, view),
        *counted(record),
        *clusters(record, found, view),
        _agreement(view, pair),
        plan_cell(found, view),
    )
    return Row(cells, faint=view.state(record, found) is State.TOO_FEW)


def _agreement(view: BoardView, pair: PairResult) -> Cell:
    if view.detailed is None:
        return Cell(f"{missing(view, A_SHARE, comes=not view.complete)}<small>&nbsp;</small>")
    found = view.detailed.pair_agreement.get(Pair(pair.model, pair.opponent))
    if found is None or found.share is None:
        return Cell(NONE)
    return Cell(f"{percent(found.share)}<small>n {count(int(found.pairs))}</small>", found.share)


def _overview(view: BoardView) -> str:
    rows = [_model_row(view, result) for result in view.board.best_first]
    heading = escape(view.texts["leaderboard.overview"])
    shown = table("models", (*_MODELS, *_MODELS_MORE), rows, view.texts)
    return f'<section class="lb-panel"><h2>{heading}</h2>{shown}</section>'


def _model_row(view: BoardView, result: ModelResult) -> Row:
    record, found = result.pooled, view.pooled(result.model)
    board = view.board
    left_out = board.flagged.total_of_model.get(result.model, 0)
    left_out = 0 if board.filter.include_flagged else left_out
    met = board.battles.get(result.model)
    void = Cell(f"{count(met.void)} / {count(met.battles)}", met.void) if met else Cell(NONE)
    cells = (
        _link(view, result.model),
        rate_cell(record.rate),
        interval_cell(found, view),
        rate_cell(result.mean_over_opponents),
        interval_cell(view.mean(result.model), view),
        *counted(record),
        *clusters(record, found, view),
        Cell(count(left_out), left_out),
        void,
    )
    return Row(cells, faint=view.state(record, found) is State.TOO_FEW)


def _link(view: BoardView, model: ModelKey) -> Cell:
    address, name = escape(view.query.seen_from(model).address), view.name(model)
    return Cell(f'<a href="{address}" data-board>{escape(name)}</a>', name)
