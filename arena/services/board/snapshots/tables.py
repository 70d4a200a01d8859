"""A frozen board as tables: the same on the page and on the terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from arena.services.board.snapshots.reading import BoardSnapshot
from arena.services.board.value_tables import Estimate, ValueKind, ValueTable, headings
from arena.statistics.intervals import Interval
from arena.statistics.ranking import RankRange

_COUNTED: Mapping[str, ValueKind] = {
    "rate": ValueKind.RATE,
    "wins": ValueKind.COUNT,
    "losses": ValueKind.COUNT,
    "ties": ValueKind.COUNT,
    "both_bad": ValueKind.COUNT,
    "annotators": ValueKind.COUNT,
    "prompts": ValueKind.COUNT,
    "state": ValueKind.STATE,
}
_MODELS = headings(model=ValueKind.MODEL, rank=ValueKind.RANK, **_COUNTED, rating=ValueKind.RATING)
_PAIRS = headings(model=ValueKind.MODEL, opponent=ValueKind.MODEL, **_COUNTED)


def snapshot_tables(snapshot: BoardSnapshot, *, top: int | None = None) -> Iterator[ValueTable]:
    """Yield the models, best first, and every two that met, the better one first.

    `top` keeps so many models in both tables.
    """
    ratings = ratings_of(snapshot)
    models = best_first(snapshot)[:top]
    rows = tuple(_model(row, ratings.get(row["model"], {})) for row in models)
    yield ValueTable("snapshot", _MODELS, rows)
    place = {row["model"]: number for number, row in enumerate(models, 1)}
    met = {
        (place.get(row["model"], 0), place.get(row["opponent"], 0)): row
        for row in snapshot.content["pairs"]
    }
    once = [met[places] for places in sorted(met) if 0 < places[0] < places[1]]
    yield ValueTable("snapshot_pairs", _PAIRS, tuple(map(_pair, once)))


def best_first(snapshot: BoardSnapshot) -> list[Mapping[str, Any]]:
    """Return what is known of each model, by its pooled rate; those without one last."""
    return sorted(
        snapshot.content["model_rates"],
        key=lambda row: (row["pooled_rate"] is None, -(row["pooled_rate"] or 0.0), row["model"]),
    )


def ratings_of(snapshot: BoardSnapshot) -> dict[str, Mapping[str, Any]]:
    """Return the rating of each model that has one, with its rank."""
    return {row["model"]: row for row in snapshot.content["ratings"]}


def rate_of(row: Mapping[str, Any], name: str, prefix: str = "") -> Estimate:
    """Return a rate with its interval as a document has them."""
    low, high = row[f"{prefix}low"], row[f"{prefix}high"]
    known = None if low is None else Interval(low, high, row["interval"])
    return Estimate(row[name], known)


def rank_of(rating: Mapping[str, Any]) -> RankRange | None:
    """Return the ranks that a model may have; None without a rating."""
    best = rating.get("rank")
    return None if best is None else RankRange(best, rating["rank_worst"])


def _model(row: Mapping[str, Any], rating: Mapping[str, Any]) -> tuple[Any, ...]:
    known = rating and not rating["from_prior"]
    elo = rating["elo"] if known else None
    return (
        row["model"],
        rank_of(rating),
        *_counted(row, rate_of(row, "pooled_rate", "pooled_")),
        elo,
    )


def _pair(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (row["model"], row["opponent"], *_counted(row, rate_of(row, "rate")))


def _counted(row: Mapping[str, Any], rate: Estimate) -> tuple[Any, ...]:
    return (
        rate,
        *(row[name] for name in ("wins", "losses", "ties", "both_bad", "annotators", "prompts")),
        row["state"],
    )
