"""The numbers of a board as rows and as one document: the same in files and on the terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from arena.domain.conversation import ModelKey
from arena.services.board_details import DetailedBoard
from arena.services.leaderboard import BattleCount
from arena.statistics.agreement import Agreement, PairwiseAgreement
from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.pair_plans import PairPlan, pair_plan
from arena.statistics.ratings import Rating
from arena.statistics.win_rate import Pair, Record, State
from arena.storage.boards import EXCLUDING


def pair_row(pair: Pair, detailed: DetailedBoard) -> dict[str, Any]:
    """One ordered pair that met; shares from 0 to 1."""
    found = detailed.rates.pairs[pair]
    shared = detailed.pair_agreement.get(pair, PairwiseAgreement(0, 0))
    return {
        "model": pair.model,
        "opponent": pair.opponent,
        **_counts(found.record),
        "rate": found.rate,
        **_certainty(found),
        "agreement": shared.share,
        "agreement_pairs": shared.pairs,
        **_plan(pair_plan(found)),
    }


def _plan(plan: PairPlan) -> dict[str, Any]:
    """Who would have to vote how often; empty where no number is known or none is missing."""
    others = plan.others
    return {
        "plan": plan.outlook.value,
        "more_decisive": plan.decisive,
        "more_annotators": others.people if others else None,
        "more_annotators_low": others.low if others else None,
        "more_annotators_high": others.high if others else None,
        "votes_each": others.each if others else None,
        "more_prompts": others.prompts if others else None,
        "same_annotators": plan.same.value if plan.same else None,
        "same_votes_each": plan.same_each,
    }


def pair_rows(detailed: DetailedBoard) -> Iterator[dict[str, Any]]:
    """Both orders of every pair that met, by model and then opponent."""
    return (pair_row(pair, detailed) for pair in sorted(detailed.rates.pairs))


def model_rows(detailed: DetailedBoard) -> Iterator[dict[str, Any]]:
    """Every model that was voted on, by key, also where all of it was left out."""
    board = detailed.board
    ratings = {rating.model: rating for rating in detailed.ratings.ratings}
    for result in board.models:
        key = result.model
        yield {
            "model": key,
            "name": board.names[key],
            **_pooled(detailed.rates.pooled.get(key)),
            **_mean(detailed.rates.mean_over_opponents.get(key)),
            "opponents": result.opponents,
            **_rating_columns(ratings.get(key)),
            **{kind.value: board.flagged.by_model.get(key, {}).get(kind, 0) for kind in EXCLUDING},
            **_battles(board.battles.get(key, BattleCount())),
            "mixed_configurations": key in board.mixed,
        }


def board_document(detailed: DetailedBoard, *, baseline: ModelKey | None = None) -> dict[str, Any]:
    """The board under the names of `arena leaderboard --json`, shares from 0 to 1.

    With a baseline `pairs` holds its pairs alone; all else speaks of the whole board.
    """
    board = detailed.board
    pairs = board.pairs if baseline is None else board.pairs_of(baseline)
    side = board.side.interval
    return {
        "votes": board.votes,
        "models": list(board.names),
        "pairs": [pair_row(Pair(one.model, one.opponent), detailed) for one in pairs],
        "ratings": [_rating(rating) for rating in detailed.ratings.ratings],
        "agreement": _agreement(detailed.agreement),
        "side_bias": {
            "share": board.side.share,
            "low": side.low if side else None,
            "high": side.high if side else None,
            "decisive": board.side.decisive,
            "adjusted_share": detailed.adjusted_side.share,
        },
        "excluded": {kind.value: number for kind, number in board.excluded.items()},
    }


def _counts(record: Record) -> dict[str, Any]:
    return {
        "wins": record.wins,
        "losses": record.losses,
        "ties": record.ties,
        "both_bad": record.both_bad,
        "decisive": record.decisive,
        "tie_rate": record.tie_rate,
    }


def _certainty(found: ClusteredRate | None, prefix: str = "") -> dict[str, Any]:
    """What a rate is worth; without comparisons it is nothing."""
    interval = found.interval if found else None
    return {
        f"{prefix}low": interval.low if interval else None,
        f"{prefix}high": interval.high if interval else None,
        "interval": interval.method if interval else None,
        "holds": found.label if found else None,
        "state": (found.state if found else State.TOO_FEW).value,
        "annotators": found.annotators if found else 0,
        "prompts": found.prompts if found else 0,
        "deff": found.deff if found else None,
    }


def _pooled(found: ClusteredRate | None) -> dict[str, Any]:
    rate = found.rate if found else None
    counts = _counts(found.record if found else Record())
    return {**counts, "pooled_rate": rate, **_certainty(found, "pooled_")}


def _mean(found: ClusteredRate | None) -> dict[str, Any]:
    interval = found.interval if found else None
    return {
        "mean_over_opponents": found.rate if found else None,
        "mean_low": interval.low if interval else None,
        "mean_high": interval.high if interval else None,
    }


_NO_RATING: Mapping[str, Any] = dict.fromkeys(
    (
        *("rating", "rating_low", "rating_high", "rating_interval", "rank", "rank_worst"),
        *("standing", "rating_from_prior"),
    )
)


def _rating_columns(rating: Rating | None) -> Mapping[str, Any]:
    if rating is None:
        return _NO_RATING
    found = _rating(rating)
    return {
        "rating": found["elo"],
        "rating_low": found["low"],
        "rating_high": found["high"],
        "rating_interval": found["interval"],
        "rank": found["rank"],
        "rank_worst": found["rank_worst"],
        "standing": found["standing"],
        "rating_from_prior": found["from_prior"],
    }


def _rating(rating: Rating) -> dict[str, Any]:
    interval, rank = rating.interval, rating.rank
    return {
        "model": rating.model,
        "elo": rating.elo,
        "standing": rating.standing.value,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "interval": interval.method if interval else None,
        "rank": rank.best if rank else None,
        "rank_worst": rank.worst if rank else None,
        "from_prior": rating.from_prior,
        "decisive": rating.decisive,
    }


def _battles(met: BattleCount) -> dict[str, Any]:
    return {
        "battles": met.battles,
        "void_battles": met.void,
        "failed_battles": met.failed,
        "void_rate": met.void_rate,
    }


def _agreement(found: Agreement) -> dict[str, Any]:
    alpha = found.alpha
    return {
        "alpha": alpha.value if alpha else None,
        "low": alpha.low if alpha else None,
        "high": alpha.high if alpha else None,
        "reason": found.reason.value if found.reason else None,
        "raw": found.raw.share,
        "items": found.items,
        "shared_items": found.shared_items,
    }
