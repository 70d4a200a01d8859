"""The tables of a report: counts, rates and ratings of a board, spelled for print."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from arena.services.board.details import DetailedBoard
from arena.services.report.prose import bounds
from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.intervals import Interval
from arena.statistics.ratings import Rating
from arena.statistics.win_rate import Pair, Record

MOST_PAIRS = 40
"""Pairs of a table: more do not fit on a page, and nobody reads them in print."""
ROWS_OF_A_PART = 45
NONE = "—"
INTERVAL = "95 % interval"
_WORDS = ("State", "Standing")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells as plain text. The first `words` columns are names, the others numbers."""

    name: str
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1

    def is_text(self, column: int) -> bool:
        """Return whether the cells of a column are words, which begin on the left."""
        return column < self.words or self.heads[column] in _WORDS

    @property
    def parts(self) -> Iterator[tuple[str, tuple[tuple[str, ...], ...]]]:
        """Yield name and rows of each part that fits on a page; one without rows as well."""
        for start in range(0, max(len(self.rows), 1), ROWS_OF_A_PART):
            number = start // ROWS_OF_A_PART + 1
            name = self.name if number == 1 else f"{self.name}-{number}"
            yield name, self.rows[start : start + ROWS_OF_A_PART]


def tables_of(board: DetailedBoard) -> tuple[Table, ...]:
    """Return the tables of models, pairs and ratings, best first."""
    return (_models(board), _pairs(board), _ratings(board))


_COUNTS = ("W", "L", "T", "N")
_COUNTED = "W wins, L losses, T ties, N both bad; rate = W / (W + L) with its 95 % interval"


def _models(board: DetailedBoard) -> Table:
    rows = tuple(
        (
            board.board.names[result.model],
            *_record(result.pooled),
            *_rate(found),
            str(found.annotators if found else 0),
            found.state.value if found else NONE,
        )
        for result in board.board.best_first
        for found in [board.rates.pooled.get(result.model)]
    )
    heads = ("Model", *_COUNTS, "Rate, %", INTERVAL, "Annot.", "State")
    return Table("models", f"Models against all of their opponents. {_COUNTED}.", heads, rows)


def _pairs(board: DetailedBoard) -> Table:
    leading = [(pair, found) for pair, found in board.rates.pairs.items() if _leads(pair, found)]
    most = sorted(leading, key=lambda one: (-one[1].decisive, one[0]))[:MOST_PAIRS]
    names = board.board.names
    rows = tuple(
        (
            names[pair.model],
            names[pair.opponent],
            *_record(found.record),
            *_rate(found),
            _p(found),
            found.state.value,
        )
        for pair, found in most
    )
    which = (
        "All pairs"
        if len(rows) == len(leading)
        else f"The {len(rows)} of {len(leading):,} pairs with most decisive comparisons"
    )
    caption = f"{which}, the winner first. {_COUNTED}; p is adjusted for all pairs (Holm)."
    heads = ("Model", "Opponent", *_COUNTS, "Rate, %", INTERVAL, "p", "State")
    return Table("pairs", caption, heads, rows, words=2)


def _ratings(board: DetailedBoard) -> Table:
    order = sorted(board.ratings.ratings, key=lambda one: (-one.elo, one.model))
    rows = tuple(
        (
            board.board.names[one.model],
            f"{one.elo:.0f}",
            f"{one.interval.low:.0f}–{one.interval.high:.0f}" if one.interval else NONE,
            _rank(one),
            f"{one.decisive:,}",
            one.standing.value,
        )
        for one in order
    )
    caption = (
        "Bradley-Terry ratings on the Elo scale, mean 1000, with 95 % intervals and the range of "
        "ranks that simultaneous intervals allow."
    )
    heads = ("Model", "Rating", INTERVAL, "Rank", "Decisive", "Standing")
    return Table("ratings", caption, heads, rows)


def _leads(pair: Pair, found: ClusteredRate) -> bool:
    """Return whether a pair is told from the side of its winner; by key where nobody won."""
    rate = found.rate
    if rate is None or rate == 0.5:
        return pair.model < pair.opponent
    return rate > 0.5


def _record(record: Record) -> Sequence[str]:
    numbers = (record.wins, record.losses, record.ties, record.both_bad)
    return [f"{number:,}" for number in numbers]


def _rate(found: ClusteredRate | None) -> tuple[str, str]:
    if found is None or found.rate is None:
        return NONE, NONE
    return f"{100 * found.rate:.1f}", _interval(found.interval)


def _interval(interval: Interval | None) -> str:
    return bounds(interval.low, interval.high).removesuffix(" %") if interval else NONE


def _p(found: ClusteredRate) -> str:
    if found.adjusted is None:
        return NONE
    return "< .001" if found.adjusted.p < 0.001 else f"{found.adjusted.p:.3f}".removeprefix("0")


def _rank(rating: Rating) -> str:
    if rating.rank is None:
        return NONE
    best, worst = rating.rank.best, rating.rank.worst
    return str(best) if best == worst else f"{best}–{worst}"
