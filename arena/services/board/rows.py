"""The numbers of a board as rows and as one document: the same in files and on the terminal."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from arena.domain.board import EXCLUDING_FLAGS
from arena.domain.conversation import ModelKey
from arena.services.board.details import DetailedBoard
from arena.services.board.leaderboard import BattleCount
from arena.statistics.agreement import Agreement, PairwiseAgreement
from arena.statistics.clustered_rates import ClusteredRate, uneven_pairs
from arena.statistics.pair_plans import PairPlan, pair_plans
from arena.statistics.ranking import Difference
from arena.statistics.ratings import Rating
from arena.statistics.win_rate import ModelResult, Pair, Record, State


def pair_rows(
    detailed: DetailedBoard, pairs: Iterable[Pair] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield rows of ordered pairs that met, by model and then opponent; shares from 0 to 1."""
    differences = detailed.ratings.differences.by_pair()
    rates = detailed.rates.pairs
    chosen = {pair: rates[pair] for pair in (sorted(rates) if pairs is None else pairs)}
    for pair, plan in pair_plans(chosen).items():
        yield {**_pair_row(pair, detailed, differences.get(pair)), **_plan(plan)}


def _pair_row(pair: Pair, detailed: DetailedBoard, difference: Difference | None) -> dict[str, Any]:
    found = detailed.rates.pairs[pair]
    shared = detailed.pair_agreement.get(pair, PairwiseAgreement(0, 0))
    return {
        "model": pair.model,
        "opponent": pair.opponent,
        **_counts(found.record),
        "rate": found.rate,
        **_certainty(found),
        **_sides(found),
        "p_value": found.p if found.adjusted else None,
        "p_holm": found.adjusted.p if found.adjusted else None,
        "told_apart": found.is_significant,
        "rating_difference": difference.difference if difference else None,
        "rating_difference_low": difference.low if difference else None,
        "rating_difference_high": difference.high if difference else None,
        "ratings_told_apart": difference.is_significant if difference else False,
        "agreement": shared.share,
        "agreement_pairs": shared.pairs,
    }


def _plan(plan: PairPlan) -> dict[str, Any]:
    """Return the plan of a pair; None where no number is known or no vote is missing."""
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


def model_rows(detailed: DetailedBoard) -> Iterator[dict[str, Any]]:
    """Yield rows of models that were voted on, by key, also those with all votes left out."""
    board = detailed.board
    ratings = {rating.model: rating for rating in detailed.ratings.ratings}
    for result in board.models:
        key = result.model
        yield {
            **_model_rates(result, detailed),
            **_rating_columns(ratings.get(key)),
            **{
                kind.value: board.flagged.by_model.get(key, {}).get(kind, 0)
                for kind in EXCLUDING_FLAGS
            },
            **_battles(board.battles.get(key, BattleCount())),
            "mixed_configurations": key in board.mixed,
        }


def board_document(detailed: DetailedBoard, *, baseline: ModelKey | None = None) -> dict[str, Any]:
    """Return the board under the keys of `arena leaderboard --json`, shares from 0 to 1.

    With a baseline `pairs` holds its pairs alone; all else speaks of the whole board.
    """
    board = detailed.board
    pairs = board.pairs if baseline is None else board.pairs_of(baseline)
    chosen = (Pair(one.model, one.opponent) for one in pairs)
    return {
        "votes": board.votes,
        "models": list(board.names),
        "pairs": list(pair_rows(detailed, chosen)),
        "ratings": [_rating(rating) for rating in detailed.ratings.ratings],
        "agreement": _agreement(detailed.agreement),
        "side_bias": _side_bias(detailed),
        "excluded": {
            **{kind.value: number for kind, number in board.excluded.items()},
            "one_address": 0 if board.counts_suspects else board.suspect_votes.comparisons,
        },
        "one_address": {
            "votes": board.suspect_votes.votes,
            "annotators": board.suspect_votes.annotators,
            "counted": board.counts_suspects,
        },
        "informed_comparisons": board.informed,
        "model_rates": [_model_rates(result, detailed) for result in board.models],
        "rating_differences": list(difference_rows(detailed)),
    }


def difference_rows(detailed: DetailedBoard) -> Iterator[dict[str, Any]]:
    """Yield rows of every two ranked models, the higher rating first; Elo points."""
    ratings = detailed.ratings
    order = [one.model for one in sorted(ratings.ratings, key=lambda one: (-one.elo, one.model))]
    found = ratings.differences.by_pair()
    for pair in map(Pair._make, combinations(order, 2)):
        if pair in found:
            yield {
                "model": pair.model,
                "opponent": pair.opponent,
                "difference": found[pair].difference,
                "low": found[pair].low,
                "high": found[pair].high,
                "told_apart": found[pair].is_significant,
                "holds": ratings.label,
            }


def _model_rates(result: ModelResult, detailed: DetailedBoard) -> dict[str, Any]:
    """Return the pooled rate of a model, and its mean over opponents."""
    found = detailed.rates.pooled.get(result.model)
    return {
        "model": result.model,
        "name": detailed.board.names[result.model],
        **_pooled(found),
        **_sides(found),
        **_mean(detailed.rates.mean_over_opponents.get(result.model)),
        "opponents": result.opponents,
    }


def _side_bias(detailed: DetailedBoard) -> dict[str, Any]:
    """Return the observed share; `adjusted_*` is between equally strong models."""
    side, adjusted = detailed.side, detailed.adjusted_side
    seen, between = side.interval, adjusted.interval
    return {
        "share": side.share,
        "low": seen.low if seen else None,
        "high": seen.high if seen else None,
        "decisive": side.trials,
        "adjusted_share": adjusted.share,
        "interval": seen.method if seen else None,
        "adjusted_low": between.low if between else None,
        "adjusted_high": between.high if between else None,
        "adjusted_interval": between.method if between else None,
        "uneven_pairs": len(uneven_pairs(detailed.rates)),
    }


def _sides(found: ClusteredRate | None) -> dict[str, Any]:
    """Return decisive votes with the model in the earlier slot, and the balance of its sides."""
    sides = found.sides if found else None
    return {
        "shown_first": found.earlier if found else 0,
        "sides": sides.value if sides else None,
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
    """Return the interval of a rate and what it rests on; None for each without comparisons."""
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
        *("rating", "rating_low", "rating_high", "rating_interval", "rating_holds"),
        *("rank", "rank_worst", "standing", "rating_from_prior"),
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
        "rating_holds": found["holds"],
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
        "holds": interval.holds if interval else None,
        "annotators": rating.annotators,
        "prompts": rating.prompts,
        "sides": rating.sides.value if rating.sides else None,
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
        "holds": f"{alpha.holds}, and the annotators who voted" if alpha else None,
        "reason": found.reason.value if found.reason else None,
        "raw": found.raw.share,
        "items": found.items,
        "shared_items": found.shared_items,
    }
