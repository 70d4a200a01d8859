"""What one more battle of two models would tell, by the votes so far."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy import special

from arena.domain.conversation import ModelKey
from arena.domain.pairing import Order
from arena.statistics.bradley_terry import ELO, PRIOR_ELO, map_strengths
from arena.statistics.clusters import Floats
from arena.statistics.tie_models import HalfWin, Results
from arena.statistics.win_rate import Pair, Record

_PRECISION = (ELO / PRIOR_ELO) ** 2
_KNOWN_BEFORE = 10.0
"""Battles that the share of decisive ones on the whole board counts for in each pair."""


def information_gains(
    models: Sequence[ModelKey], records: Mapping[Pair, Record]
) -> dict[Order, float]:
    """Return by how much one more battle of a pair narrows what is known of its win rate.

    That is the expected reduction of the standard error of the win rate, for every two of `models`
    in order of keys; `records` of both orders are the battles so far, and models without any are
    known by the prior of ratings alone. With p the chance that one of the two wins, s the standard
    error of their difference in log-odds and d the share of decisive battles,

        gain = d p (1 - p) (s - s / sqrt(1 + p (1 - p) s^2)).

    It is the rule of Chiang et al. (2024), «Chatbot Arena», arXiv:2403.04132, section 5, the
    reduction of a pair's confidence interval by one more vote, which for n votes on two models that
    met no others is sqrt(p (1 - p) / n) - sqrt(p (1 - p) / (n + 1)); here with the Bradley-Terry
    model, in which battles with others tell of a pair too. s^2 comes from the inverse of the
    information of all decisive votes and of the prior; the vote's own part by Sherman & Morrison
    (1950), Annals of Mathematical Statistics 21, 124-127.
    """
    keys = tuple(sorted(models))
    wins, met = _counts(keys, records)
    results = Results(wins, np.zeros_like(wins))
    strengths = map_strengths(results, held=np.zeros(len(keys)), free=np.arange(len(keys)))
    spread = _variances(strengths, results)
    chance = special.expit(strengths[:, None] - strengths[None, :])
    slope = chance * (1 - chance)
    narrowed = slope * np.sqrt(spread) * (1 - 1 / np.sqrt(1 + slope * spread))
    gains = _decisive_shares(wins + wins.T, met) * narrowed
    return {(keys[i], keys[j]): float(gains[i, j]) for i, j in combinations(range(len(keys)), 2)}


def _counts(keys: Sequence[ModelKey], records: Mapping[Pair, Record]) -> tuple[Floats, Floats]:
    """Return wins of the first model over the second and all battles of both, each K x K."""
    place = {key: number for number, key in enumerate(keys)}
    wins, met = np.zeros((2, len(keys), len(keys)))
    for pair, record in records.items():
        cell = place[pair.model], place[pair.opponent]
        wins[cell], met[cell] = record.wins, record.total
    return wins, met


def _variances(strengths: Floats, results: Results) -> Floats:
    """Return the variance of the difference of every two strengths, K x K."""
    information = HalfWin().information(strengths, results) + _PRECISION * np.eye(len(strengths))
    covariance = np.linalg.inv(information)
    own = np.diag(covariance)
    return np.asarray(own[:, None] + own[None, :] - 2 * covariance)


def _decisive_shares(decisive: Floats, met: Floats) -> Floats:
    """Return the share of decisive battles by pair, drawn to that of the board; Laplace's rule."""
    board = (decisive.sum() / 2 + 1) / (met.sum() / 2 + 2)
    return np.asarray((decisive + _KNOWN_BEFORE * board) / (met + _KNOWN_BEFORE))
