"""Errors of ratings from counts alone, when nobody knows who voted on what."""

from collections.abc import Iterator

import numpy as np

from arena.statistics.bradley_terry import (
    ELO,
    Fit,
    estimate,
    most_likely_under_prior,
    regular,
    tie_model,
)
from arena.statistics.clusters import Floats
from arena.statistics.connectivity import Standing, standings
from arena.statistics.rating_errors import RatingErrors, errors_of
from arena.statistics.tie_models import Davidson, Results, TieModel, Ties

ROUNDS = 1000
TOGETHER = 64
"""Resamples at a time: memory stays the same for any number of rounds."""
CLOSE_ENOUGH = 1e-6
"""In log-odds: a thousandth of an Elo point and far below the spread of resamples."""
MOST_STEPS = 20


def bootstrap_errors(
    fit: Fit, results: Results, *, random: np.random.Generator, rounds: int = ROUNDS
) -> RatingErrors:
    """Errors of the rated models of `fit`; `results` holds them alone.

    Votes are drawn anew as a multinomial over the cells of the table, which takes them for
    independent: a naive error. Source: Efron (1979), Annals of Statistics 7, 1-26.
    """
    draws = np.concatenate(list(_refits(fit, results, random, rounds))) * ELO
    covariance = np.atleast_2d(np.cov(draws, rowvar=False))
    return errors_of(covariance, [], np.full(len(fit.rated), np.inf))


def _refits(
    fit: Fit, results: Results, random: np.random.Generator, rounds: int
) -> Iterator[Floats]:
    models = len(fit.rated)
    information = fit.model.information(fit.parameters, results)
    inverse = np.asarray(np.linalg.inv(regular(information, models)), dtype=np.float64)
    for first in range(0, rounds, TOGETHER):
        drawn = _resampled(results, min(TOGETHER, rounds - first), random)
        strengths = _refitted(fit, drawn, inverse)[:, :models]
        yield strengths - strengths.mean(axis=1, keepdims=True)


def _resampled(results: Results, number: int, random: np.random.Generator) -> Results:
    upper = np.triu_indices(len(results.wins), k=1)
    cells = np.stack([results.wins[upper], results.wins.T[upper], results.ties[upper]])
    total = int(cells.sum())
    drawn = random.multinomial(total, cells.ravel() / total, size=number)
    won, lost, tied = np.moveaxis(drawn.reshape(number, *cells.shape).astype(float), 1, 0)
    wins, ties = np.zeros((2, number, *results.wins.shape))
    i, j = upper
    wins[:, i, j], wins[:, j, i] = won, lost
    ties[:, i, j] = ties[:, j, i] = tied
    return Results(wins, ties)


def _refitted(fit: Fit, drawn: Results, inverse: Floats) -> Floats:
    """Parameters of each resample: chord steps with the inverse information of the whole."""
    points = np.tile(fit.parameters, (len(drawn.wins), 1))
    moving = np.arange(len(points))
    for _ in range(MOST_STEPS):
        part = Results(drawn.wins[moving], drawn.ties[moving])
        steps = fit.model.gradient(points[moving], part) @ inverse
        points[moving] += steps
        moving = moving[~(np.abs(steps).max(axis=1) < CLOSE_ENOUGH)]
        if not len(moving):
            return points
    for number in moving:
        one = Results(drawn.wins[number], drawn.ties[number])
        strengths = _one_refitted(fit.model, one)
        points[number, : len(strengths)] = strengths
    return points


def _one_refitted(model: TieModel, results: Results) -> Floats:
    """Strengths where chord steps did not arrive; those without finite ones have the prior."""
    models = len(results.wins)
    if any(standing is not Standing.RATED for standing in standings(*results)):
        return most_likely_under_prior(results, held=np.zeros(models), free=np.arange(models))
    chosen = Ties.DAVIDSON if isinstance(model, Davidson) else Ties.HALF_WIN
    return estimate(tie_model(results, chosen), results)[:models]
