"""The first tab: all models, and a model against each opponent."""

from collections.abc import Iterable

from markupsafe import Markup

from arena.domain.conversation import ModelKey
from arena.services.board.leaderboard import Board
from arena.statistics.win_rate import ModelResult, Pair, PairResult, State
from arena.web.common.markup import joined
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
from arena.web.leaderboard.parts.sections import ROOM, panel, paragraphs, stacked
from arena.web.leaderboard.parts.table import Cell, Row, figure_cell, legend, table, text_cell
from arena.web.leaderboard.query import BoardQuery, Tab
from arena.web.leaderboard.view import PANELS_AT_ONCE, BoardView

_MODELS = ("model", "pooled", "interval", "mean", "mean_interval", *COUNTED, *CLUSTERS)
_MODELS_MORE = ("left_out", "void")
_PAIRS = ("opponent", "rate", "interval", *COUNTED, *CLUSTERS, "agreement", "plan")


def shows_agreement(query: BoardQuery, board: Board) -> bool:
    """Return whether a table of this view shows agreement: only tables of pairs do."""
    few = len(board.names) <= PANELS_AT_ONCE
    return query.tab is Tab.RATES and (query.baseline is not None or few)


def rates_tab(view: BoardView) -> Markup:
    """Return one model if one was chosen, else all of them."""
    if view.query.baseline is not None:
        return _panel(view, view.query.baseline) + legend(_PAIRS, view.texts)
    columns = (*_MODELS, *_MODELS_MORE, "agreement", "plan")
    return joined((_overview(view), *_panels(view), legend(columns, view.texts)))


def _panels(view: BoardView) -> Iterable[Markup]:
    if not shows_agreement(view.query, view.board):
        return [paragraphs([view.texts["leaderboard.choose_baseline"]])]
    ordered = view.board.best_first
    return [_panel(view, result.model) for result in ordered if result.pooled.total]


def _panel(view: BoardView, baseline: ModelKey) -> Markup:
    pairs, texts = view.board.pairs_of(baseline), view.texts
    heading = Markup('<h2 class="lb-name">{} <small>{}</small></h2>').format(
        view.name(baseline), texts["leaderboard.against"]
    )
    if not pairs:
        nothing = texts["leaderboard.no_match"]
        return _section(heading, Markup("<p>{}</p>").format(nothing))
    top = Markup("<header>{}{}</header>").format(heading, downloads(view, baseline))
    return _section(top, bars(view, pairs), _pair_table(view, pairs), plan_sentences(view, pairs))


def _section(*inside: Markup) -> Markup:
    return Markup('<section class="lb-panel">{}</section>').format(joined(inside))


def _pair_table(view: BoardView, pairs: tuple[PairResult, ...]) -> Markup:
    rows = [_pair_row(view, pair) for pair in pairs]
    return table(f"pairs-{_number(view, pairs[0].model)}", _PAIRS, rows, view.texts)


def _number(view: BoardView, model: ModelKey) -> int:
    """Return a number for element ids, which cannot hold every key."""
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
        return Cell(stacked(missing(view, A_SHARE, comes=not view.complete), ROOM))
    found = view.detailed.pair_agreement.get(Pair(pair.model, pair.opponent))
    if found is None or found.share is None:
        return figure_cell(NONE)
    return Cell(stacked(percent(found.share), f"n {count(int(found.pairs))}"), found.share)


def _overview(view: BoardView) -> Markup:
    rows = [_model_row(view, result) for result in view.board.best_first]
    shown = table("models", (*_MODELS, *_MODELS_MORE), rows, view.texts)
    return panel(view.texts["leaderboard.overview"], shown)


def _model_row(view: BoardView, result: ModelResult) -> Row:
    record, found = result.pooled, view.pooled(result.model)
    board = view.board
    left_out = board.flagged.total_of_model.get(result.model, 0)
    left_out = 0 if board.filter.include_flagged else left_out
    met = board.battles.get(result.model)
    void = figure_cell(NONE)
    if met:
        void = figure_cell(f"{count(met.void)} / {count(met.battles)}", met.void)
    cells = (
        _link(view, result.model),
        rate_cell(record.rate),
        interval_cell(found, view),
        rate_cell(result.mean_over_opponents),
        interval_cell(view.mean(result.model), view),
        *counted(record),
        *clusters(record, found, view),
        figure_cell(count(left_out), left_out),
        void,
    )
    return Row(cells, faint=view.state(record, found) is State.TOO_FEW)


def _link(view: BoardView, model: ModelKey) -> Cell:
    address, name = view.query.seen_from(model).address, view.name(model)
    return Cell(Markup('<a href="{}" data-board>{}</a>').format(address, name), name)
