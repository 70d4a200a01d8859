"""A model against each opponent: the figure of WizardLM-2, its numbers, and what is missing."""

from collections.abc import Iterable

from markupsafe import Markup

from arena.domain.conversation import ModelKey
from arena.statistics.win_rate import Pair, PairResult, State
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
from arena.web.leaderboard.parts.sections import ROOM, paragraphs, stacked
from arena.web.leaderboard.parts.table import Cell, Row, figure_cell, legend, table, text_cell
from arena.web.leaderboard.view import PANELS_AT_ONCE, BoardView

_PAIRS = ("opponent", "rate", "interval", *COUNTED, *CLUSTERS, "agreement", "plan")


_BEST = 2
"""Models in place of every one where these would be a wall."""


def head_to_head_tab(view: BoardView) -> Markup:
    """Return the chosen model; without one every model where they are few, else the best two."""
    if view.query.baseline is not None:
        return _panel(view, view.query.baseline) + legend(_PAIRS, view.texts)
    return joined((*_panels(view), legend(_PAIRS, view.texts)))


def _panels(view: BoardView) -> Iterable[Markup]:
    ordered = [result.model for result in view.board.best_first if result.pooled.total]
    if len(view.board.names) <= PANELS_AT_ONCE:
        return [_panel(view, model) for model in ordered]
    hint = paragraphs([view.texts["leaderboard.choose_baseline"]])
    return [hint, *(_panel(view, model) for model in ordered[:_BEST])]


def _panel(view: BoardView, baseline: ModelKey) -> Markup:
    pairs, texts = _readable_first(view.board.pairs_of(baseline)), view.texts
    heading = Markup('<h2 class="lb-name">{} <small>{}</small></h2>').format(
        view.name(baseline), texts["leaderboard.against"]
    )
    if not pairs:
        nothing = texts["leaderboard.no_match"]
        return _section(heading, Markup("<p>{}</p>").format(nothing))
    top = Markup("<header>{}{}</header>").format(heading, downloads(view, baseline))
    return _section(top, bars(view, pairs), _pair_table(view, pairs), plan_sentences(view, pairs))


def _readable_first(pairs: tuple[PairResult, ...]) -> tuple[PairResult, ...]:
    return tuple(sorted(pairs, key=lambda pair: pair.record.state is State.TOO_FEW))


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
