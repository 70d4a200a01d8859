"""A leaderboard as HTML: stacked win | lose bars to 100 %, and the numbers beside them.

Every text that comes from outside passes through `escape`; numbers alone become widths.
"""

from collections.abc import Iterable, Mapping
from html import escape
from math import floor

from arena.domain.conversation import ModelKey
from arena.services.leaderboard import Board
from arena.statistics.intervals import Interval
from arena.statistics.win_rate import ModelResult, PairResult, Record, State
from arena.storage.boards import EXCLUDING

Texts = Mapping[str, str]
"""Sentences of one language by key."""

PANELS_AT_ONCE = 6
"""With more models than this, «All» shows the table of models and asks for a baseline."""

_NONE = "–"


def render_board(board: Board, baseline: ModelKey | None, texts: Texts) -> str:
    """The whole board, or the reason why there is nothing on it."""
    if not board.comparisons:
        return _page(_empty(board, texts))
    if baseline is not None:
        parts = [_panel(board, baseline, texts)]
    else:
        parts = [_overview(board, texts), *_panels(board, texts)]
    return _page(_summary(board, texts), *parts, _notes(board, texts))


def render_message(title: str, sentence: str) -> str:
    """A page that says why there is no board."""
    return _page(_message(title, sentence))


def _page(*parts: str) -> str:
    return f'<div class="lb">{"".join(parts)}</div>'


def _message(title: str, sentence: str, *more: str) -> str:
    lines = "".join(f"<p>{escape(line)}</p>" for line in (sentence, *more))
    return f'<section class="lb-empty" role="status"><h2>{escape(title)}</h2>{lines}</section>'


def _empty(board: Board, texts: Texts) -> str:
    if board.flagged.total:
        sentence = texts["leaderboard.all_flagged"].format(flagged=board.flagged.total)
        return _message(texts["leaderboard.none_counted"], sentence)
    if board.filter.category or board.filter.language:
        return _message(texts["leaderboard.none_counted"], texts["leaderboard.no_match"])
    return _message(texts["leaderboard.no_votes"], texts["leaderboard.no_votes_hint"])


def _summary(board: Board, texts: Texts) -> str:
    counts = texts["leaderboard.summary"].format(votes=f"{board.votes:,}", models=len(board.names))
    return f'<p class="lb-summary">{escape(counts)} {escape(_left_out(board, texts))}</p>'


def _left_out(board: Board, texts: Texts) -> str:
    if not board.flagged.total:
        return texts["leaderboard.none_flagged"]
    reasons = texts["leaderboard.list_separator"].join(
        f"{texts[f'leaderboard.reason.{kind.value}']} {number:,}"
        for kind in EXCLUDING
        if (number := board.flagged.by_reason[kind])
    )
    key = "flagged_included" if board.filter.include_flagged else "flagged_left_out"
    return texts[f"leaderboard.{key}"].format(flagged=f"{board.flagged.total:,}", reasons=reasons)


def _panels(board: Board, texts: Texts) -> Iterable[str]:
    if len(board.names) > PANELS_AT_ONCE:
        return [f'<p class="lb-note">{escape(texts["leaderboard.choose_baseline"])}</p>']
    ordered = sorted(board.models, key=_best_first)
    return [_panel(board, result.model, texts) for result in ordered if result.pooled.total]


def _best_first(result: ModelResult) -> tuple[float, ModelKey]:
    return -(result.pooled.rate if result.pooled.rate is not None else -1.0), result.model


def _panel(board: Board, baseline: ModelKey, texts: Texts) -> str:
    pairs = board.pairs_of(baseline)
    name = escape(board.names.get(baseline, baseline))
    heading = (
        f'<h2 class="lb-name">{name} <small>{escape(texts["leaderboard.against"])}</small></h2>'
    )
    if not pairs:
        nothing = escape(texts["leaderboard.no_match"])
        return f'<section class="lb-panel">{heading}<p>{nothing}</p></section>'
    bars = "".join(_bar(board.names[pair.opponent], pair.record, texts) for pair in pairs)
    return (
        f'<section class="lb-panel">{heading}<div class="lb-columns">'
        f'<div class="lb-figure">{_legend(texts)}<ul class="lb-bars">{bars}</ul></div>'
        f"{_pair_table(board, pairs, texts)}</div></section>"
    )


def _legend(texts: Texts) -> str:
    win, lose = escape(texts["leaderboard.win"]), escape(texts["leaderboard.lose"])
    return (
        f'<p class="lb-legend" aria-hidden="true"><i class="lb-win"></i>{win}'
        f'<i class="lb-lose"></i>{lose}</p>'
    )


def _bar(opponent: str, record: Record, texts: Texts) -> str:
    rate = record.rate
    if rate is None:
        spoken = texts["leaderboard.bar_empty"].format(opponent=opponent)
        inside = f'<span class="lb-none">{escape(texts["leaderboard.no_decisive"])}</span>'
    else:
        win = floor(100 * rate + 0.5)
        spoken = texts["leaderboard.bar"].format(
            opponent=opponent, win=win, lose=100 - win, decisive=record.decisive
        )
        inside = _side("win", 100 * rate, win) + _side("lose", 100 - 100 * rate, 100 - win)
    faint = " lb-faint" if record.state is State.TOO_FEW else ""
    return (
        f'<li><span class="lb-opponent">{escape(opponent)}</span>'
        f'<span class="lb-bar{faint}" role="img" aria-label="{escape(spoken)}">{inside}</span></li>'
    )


def _side(kind: str, width: float, label: int) -> str:
    """One part of a bar, `width` in percent."""
    if not width:
        return ""
    return f'<span class="lb-{kind}" style="width:{width:.2f}%">{label}</span>'


_PAIR_COLUMNS = ("opponent", "rate", "interval", "wins", "losses", "ties", "both_bad", "tie_rate")
_MODEL_COLUMNS = ("model", "pooled", "interval", "mean", *_PAIR_COLUMNS[3:])
_BATTLE_COLUMNS = ("left_out", "void")


def _pair_table(board: Board, pairs: Iterable[PairResult], texts: Texts) -> str:
    columns = (*_PAIR_COLUMNS, "decisive", "state")
    rows = (
        (board.names[pair.opponent], _percent(pair.record.rate), *_counts(pair.record, texts))
        for pair in pairs
    )
    return _table(columns, rows, texts)


def _counts(record: Record, texts: Texts, *more: str) -> tuple[str, ...]:
    """Cells from the interval to the state; `more` goes after the interval."""
    return (
        _bounds(record.interval),
        *more,
        *(f"{count:,}" for count in (record.wins, record.losses, record.ties, record.both_bad)),
        _percent(record.tie_rate),
        f"{record.decisive:,}",
        texts[f"leaderboard.state.{record.state.name.lower()}"],
    )


def _overview(board: Board, texts: Texts) -> str:
    columns = (*_MODEL_COLUMNS, "decisive", "state", *_BATTLE_COLUMNS)
    rows = (_overview_row(board, result, texts) for result in sorted(board.models, key=_best_first))
    heading = escape(texts["leaderboard.overview"])
    return f'<section class="lb-panel"><h2>{heading}</h2>{_table(columns, rows, texts)}</section>'


def _overview_row(board: Board, result: ModelResult, texts: Texts) -> tuple[str, ...]:
    left_out = board.flagged.total_of_model.get(result.model, 0)
    met = board.battles.get(result.model)
    return (
        board.names[result.model],
        _percent(result.pooled.rate),
        *_counts(result.pooled, texts, _percent(result.mean_over_opponents)),
        f"{0 if board.filter.include_flagged else left_out:,}",
        f"{met.void:,} / {met.battles:,}" if met else _NONE,
    )


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]], texts: Texts) -> str:
    titles = [texts[f"leaderboard.column.{column}"] for column in columns]
    helps = [texts[f"leaderboard.help.{column}"] for column in columns]
    head = "".join(
        f'<th scope="col" title="{escape(explained)}">{escape(title)}</th>'
        for title, explained in zip(titles, helps, strict=True)
    )
    body = "".join(_row(titles, cells) for cells in rows)
    return f'<table class="lb-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _row(titles: list[str], cells: tuple[str, ...]) -> str:
    first, *others = cells
    values = "".join(
        f'<td data-label="{escape(title)}">{escape(cell)}</td>'
        for title, cell in zip(titles[1:], others, strict=True)
    )
    return f'<tr><th scope="row">{escape(first)}</th>{values}</tr>'


def _notes(board: Board, texts: Texts) -> str:
    notes = [
        texts["leaderboard.note.rate"],
        texts["leaderboard.note.naive"],
        *_side_note(board, texts),
    ]
    if board.mixed:
        models = texts["leaderboard.list_separator"].join(board.names[key] for key in board.mixed)
        notes.append(texts["leaderboard.note.mixed"].format(models=models))
    return "".join(f'<p class="lb-note">{escape(note)}</p>' for note in notes)


def _side_note(board: Board, texts: Texts) -> list[str]:
    side = board.side
    if side.interval is None:
        return []
    share, bounds = _percent(side.share), _bounds(side.interval)
    return [texts["leaderboard.note.side"].format(share=share, bounds=bounds)]


def _percent(share: float | None) -> str:
    return _NONE if share is None else f"{100 * share:.1f} %"


def _bounds(interval: Interval | None) -> str:
    return f"{100 * interval.low:.1f}–{100 * interval.high:.1f}" if interval else _NONE
