"""Bradley-Terry ratings: a dot and a whisker for each model, a range of ranks, or why neither."""

from dataclasses import replace
from html import escape

from arena.domain.conversation import ModelKey
from arena.services.board.details import RatedBoard
from arena.statistics.connectivity import Standing
from arena.statistics.ratings import Rating, few_annotators
from arena.statistics.thresholds import Scope
from arena.web.leaderboard.parts.differences import differences
from arena.web.leaderboard.parts.numbers import A_NUMBER, NONE, count, marks, order_words, waiting
from arena.web.leaderboard.parts.scale import Scale, scale_of
from arena.web.leaderboard.parts.table import Cell, Row, legend, named_columns, table_of, text_cell
from arena.web.leaderboard.view import BoardView

_NO_AXIS = '<span class="lb-axis"></span>'
"""Keeps the room of one."""
_COLUMNS = ("model", "rank", "elo", "elo_interval", "strip", "decisive", "annotators", "prompts")


def ratings_tab(view: BoardView) -> str:
    """The table, what it rests on, and which models have no rating at all."""
    texts = view.texts
    notes = [texts["leaderboard.ratings_note"], *_notes(view)]
    said = "".join(f'<p class="lb-note">{escape(note)}</p>' for note in notes)
    return (
        f'<section class="lb-panel"><h2>{escape(texts["leaderboard.ratings"])}</h2>{said}'
        f"{_table(view)}{legend(_COLUMNS, texts)}</section>{differences(view)}"
    )


def _table(view: BoardView) -> str:
    ends = _ends(view.rated) if view.rated else []
    scale = scale_of(ends)
    rows = _rated(view, view.rated, scale) if view.rated else _waiting_rows(view)
    axis = scale.axis if ends else _NO_AXIS
    columns = [
        replace(column, under=axis if name == "strip" else "")
        for name, column in zip(_COLUMNS, named_columns(_COLUMNS, view.texts), strict=True)
    ]
    return table_of("ratings", columns, rows, view.texts)


def _rated(view: BoardView, rated: RatedBoard, scale: Scale) -> list[Row]:
    shown = sorted(rated.ratings.ratings, key=_sure_first)
    return [_row(view, rating, scale) for rating in shown]


def _waiting_rows(view: BoardView) -> list[Row]:
    """As many rows as there will be, so that nothing moves."""
    ordered = [result.model for result in view.board.best_first]
    likes = ("10–20", "1,000", "1,000–1,100", "", "1,000", A_NUMBER, A_NUMBER)
    empty = [Cell(waiting(view, like)) for like in likes]
    empty[3] = Cell('<span class="lb-strip"></span>')
    return [Row([text_cell(view.name(model)), *empty]) for model in ordered]


def _notes(view: BoardView) -> list[str]:
    if view.rated is None:
        return [view.texts["leaderboard.computing"]] if view.pending else []
    ratings, texts = view.rated.ratings, view.texts
    notes = []
    if any(order_words(rating.sides, texts) for rating in ratings.ratings if rating.rank):
        notes.append(texts["leaderboard.ratings_sides"])
    if ratings.scope is Scope.NONE and ratings.ratings:
        notes.append(texts["leaderboard.ratings_naive"])
    if few_annotators(ratings) and _ends(view.rated):
        notes.append(texts["leaderboard.ratings_prompts"])
    if ratings.prior is not None:
        notes.append(texts["leaderboard.ratings_unrated"])
    return notes


def _ends(rated: RatedBoard) -> list[float]:
    return [
        end
        for rating in rated.ratings.ratings
        if rating.interval is not None
        for end in (rating.interval.low, rating.interval.high)
    ]


def _sure_first(rating: Rating) -> tuple[bool, float, ModelKey]:
    return rating.from_prior, -rating.elo, rating.model


def _row(view: BoardView, rating: Rating, scale: Scale) -> Row:
    votes = (
        Cell(count(rating.decisive), rating.decisive),
        *(
            Cell(NONE if number is None else count(number), number)
            for number in (rating.annotators, rating.prompts)
        ),
    )
    name = text_cell(view.name(rating.model))
    if rating.standing is not Standing.RATED:
        return Row([name, *_unsure(view, rating), *votes], faint=True)
    return Row([name, *_sure(view, rating, scale), *votes])


def _sure(view: BoardView, rating: Rating, scale: Scale) -> tuple[Cell, ...]:
    interval, rank, signs = rating.interval, rating.rank, _marks(view, rating)
    ranks = NONE
    if rank is not None:
        ranks = str(rank.best) if rank.best == rank.worst else f"{rank.best}–{rank.worst}"
    if interval is None:
        return (Cell(ranks), Cell(f"{rating.elo:,.0f}", rating.elo), Cell(NONE), Cell(""))
    ends = f"{interval.low:,.0f}–{interval.high:,.0f}"
    return (
        Cell(f"{ranks}{signs}", rank.best if rank else None),
        Cell(f"{rating.elo:,.0f}", rating.elo),
        Cell(f"{ends}{signs}", interval.high - interval.low),
        Cell(scale.strip(rating.elo, interval.low, interval.high), rating.elo),
    )


def _marks(view: BoardView, rating: Rating) -> str:
    """HTML: for whom rank and interval hold, and that the model stood on one side too often."""
    few = bool(view.rated and few_annotators(view.rated.ratings))
    scope = view.texts["leaderboard.scope_of.prompts"] if few else ""
    return marks(("†", scope), ("‡", order_words(rating.sides, view.texts)))


def _unsure(view: BoardView, rating: Rating) -> tuple[Cell, ...]:
    """A word where a number would look sure: what a prior alone gives is not shown."""
    name = rating.standing.name.lower()
    word = escape(view.texts[f"leaderboard.standing.{name}"])
    explained = escape(view.texts[f"leaderboard.standing_help.{name}"])
    told = Cell(f'<span class="lb-standing" title="{explained}">{word}</span>')
    rough = Cell(NONE)
    if rating.standing is Standing.TOO_FEW and rating.decisive:
        rough = Cell(f"({rating.elo:,.0f})", rating.elo)
    return (Cell(NONE), rough, Cell(NONE), told)
