"""Pooled rate, mean over opponents and rating side by side, and why their orders differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from arena.domain.conversation import ModelKey
from arena.statistics.clustered_rates import ClusteredRate, ClusteredRates
from arena.statistics.orders import places_of
from arena.statistics.ratings import Rating, Ratings
from arena.statistics.win_rate import State


class Places(NamedTuple):
    """Places from 1 by each measure; equal values share one, None where there is no value."""

    pooled: int | None
    mean: int | None
    rating: int | None


@dataclass(frozen=True, slots=True)
class MeasuredModel:
    """A model by all measures.

    `opponents_elo` is the mean rating of its opponents, weighted by decisive votes against them;
    None where one of them has no finite rating.
    """

    model: ModelKey
    pooled: ClusteredRate
    mean: ClusteredRate
    rating: Rating | None
    places: Places
    opponents_elo: float | None


class Reversal(NamedTuple):
    """Two models of which the pooled rate puts the first higher, and the rating the second."""

    first: MeasuredModel
    second: MeasuredModel


@dataclass(frozen=True, slots=True)
class Measures:
    """Models with enough votes to be read, by key, and those that measures order differently.

    `reversals` are between pooled rate and rating, those first that are far apart by both: by the
    product of the differences. `mean_reversals` counts pairs that the mean over opponents orders
    otherwise than the rating.
    """

    models: tuple[MeasuredModel, ...]
    reversals: tuple[Reversal, ...]
    mean_reversals: int


def measures_of(rates: ClusteredRates, ratings: Ratings) -> Measures:
    """Put the measures of every model side by side.

    A pooled rate or mean says how often a model won against those it met; a rating allows for how
    strong these were. Where all met each other equally often without ties, all three are in one
    order (Bühlmann & Huber (1963), Annals of Mathematical Statistics 34, 501-510).
    """
    finite = {one.model: one for one in ratings.ratings if not one.from_prior}
    chosen = sorted(key for key, rate in rates.pooled.items() if rate.state is not State.TOO_FEW)
    places = [
        places_of({key: rate for key in chosen if (rate := rates.pooled[key].rate) is not None}),
        places_of(
            {
                key: rate
                for key in chosen
                if (rate := rates.mean_over_opponents[key].rate) is not None
            }
        ),
        places_of({key: finite[key].elo for key in chosen if key in finite}),
    ]
    opponents = _opponents_elo(rates, finite)
    models = tuple(
        MeasuredModel(
            model=key,
            pooled=rates.pooled[key],
            mean=rates.mean_over_opponents[key],
            rating=finite.get(key),
            places=Places(*(place.get(key) for place in places)),
            opponents_elo=opponents.get(key),
        )
        for key in chosen
    )
    return Measures(models, _reversals(models), _mean_reversals(models))


def _opponents_elo(
    rates: ClusteredRates, finite: Mapping[ModelKey, Rating]
) -> dict[ModelKey, float]:
    met: dict[ModelKey, list[tuple[ModelKey, int]]] = {}
    for pair, rate in rates.pairs.items():
        if rate.decisive:
            met.setdefault(pair.model, []).append((pair.opponent, rate.decisive))
    return {
        key: sum(finite[opponent].elo * votes for opponent, votes in theirs)
        / sum(votes for _, votes in theirs)
        for key, theirs in met.items()
        if all(opponent in finite for opponent, _ in theirs)
    }


def _reversals(models: Sequence[MeasuredModel]) -> tuple[Reversal, ...]:
    found = [
        Reversal(*ordered)
        for pair in combinations(models, 2)
        for ordered in (pair, pair[::-1])
        if _above(ordered[0].places.pooled, ordered[1].places.pooled)
        and _above(ordered[1].places.rating, ordered[0].places.rating)
    ]
    return tuple(sorted(found, key=_size, reverse=True))


def _mean_reversals(models: Sequence[MeasuredModel]) -> int:
    return sum(
        _above(one.places.mean, other.places.mean)
        and _above(other.places.rating, one.places.rating)
        for pair in combinations(models, 2)
        for one, other in (pair, pair[::-1])
    )


def _above(place: int | None, other: int | None) -> bool:
    return place is not None and other is not None and place < other


def _size(found: Reversal) -> float:
    """Return how far apart the two are by both measures: a difference of either alone is none."""
    first, second = found
    rates = (first.pooled.rate or 0.0) - (second.pooled.rate or 0.0)
    elo = (second.rating.elo if second.rating else 0.0) - (
        first.rating.elo if first.rating else 0.0
    )
    return rates * elo
