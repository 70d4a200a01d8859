"""Strengths of models from numbers of wins, losses and ties."""

from dataclasses import dataclass
from math import log

import numpy as np
from scipy.sparse import csgraph

from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Numbers
from arena.statistics.connectivity import Standing, standings
from arena.statistics.newton import maximum
from arena.statistics.tie_models import Davidson, HalfWin, Results, TieModel, Ties, results_of

ELO = 400 / log(10)
"""Elo points in one unit of log-odds: 400 points are odds of 10 to 1."""
MEAN_ELO = 1000.0
PRIOR_ELO = 400.0
"""Standard deviation of the prior of models without a finite rating."""
PRIOR = "normal prior, mean 1000, standard deviation 400"


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Strengths of K models in log-odds; those of rated models have mean 0.

    `rated` numbers the models whose strengths the data determine; `parameters` are theirs under
    `model` (strengths in this order, then the tie parameter if any). All others are the most
    likely under `PRIOR` with the rated ones held.
    """

    strengths: Floats
    standings: tuple[Standing, ...]
    rated: Numbers
    model: TieModel
    parameters: Floats

    @property
    def elo(self) -> Floats:
        """Strengths in Elo points; rated models have mean 1000."""
        return MEAN_ELO + ELO * self.strengths

    @property
    def tie_parameter(self) -> float | None:
        """v of Davidson's model; None where ties are half a win or there are none."""
        extra = self.parameters[len(self.rated) :]
        return float(np.exp(extra[0])) if len(extra) else None


def fit(sided: Numbers, ties: Ties = Ties.HALF_WIN) -> Fit:
    """Fit by maximum likelihood, Newton's method on counts, K x K x 4 as of `sided_counts`.

    Source: Hunter (2004), Annals of Statistics 32, 384-406, for the likelihood and when its
    maximum exists. A model without a finite strength changes nothing for the others: in the
    limit their comparisons with it are certain.
    """
    results = results_of(sided)
    standing = standings(results.wins, results.ties)
    rated = np.flatnonzero([each is Standing.RATED for each in standing])
    inner = results.among(rated)
    model = tie_model(inner, ties) if len(rated) else HalfWin()
    parameters = estimate(model, inner) if len(rated) else np.zeros(0)
    strengths = np.zeros(len(standing))
    strengths[rated] = parameters[: len(rated)]
    if len(rated) < len(standing):
        others = np.setdiff1d(np.arange(len(standing)), rated)
        strengths = map_strengths(results, held=strengths, free=others)
    return Fit(strengths, standing, rated, model, parameters)


def tie_model(results: Results, ties: Ties) -> TieModel:
    """Return the model of ties; Davidson's has no estimate without a tie or a circle of wins.

    Where nobody won against anybody who won against them by any chain, a growing tie parameter
    with growing differences fits ever better.
    """
    circle = csgraph.connected_components(results.wins > 0, directed=True, connection="strong")
    if ties is Ties.DAVIDSON and results.ties.any() and circle[0] < len(results.wins):
        return Davidson()
    return HalfWin()


def estimate(model: TieModel, results: Results) -> Floats:
    """Return the most likely parameters, strengths with mean 0; all models must be connected."""
    models = len(results.wins)
    parameters = maximum(
        lambda point: model.gradient(point, results),
        lambda point: regular(model.information(point, results), models),
        model.start(results),
    )
    parameters[:models] -= parameters[:models].mean()
    return parameters


def regular(information: Floats, models: int) -> Floats:
    """Make an information matrix invertible along the mean of all strengths.

    Data do not determine that mean; across that direction the inverse is the same as before.
    """
    strengths = np.arange(models)
    block = np.ix_(strengths, strengths)
    regular = information.copy()
    regular[block] += np.trace(information[block]) / models**2
    return regular


def map_strengths(results: Results, *, held: Floats, free: Numbers) -> Floats:
    """Return strengths of the free models under `PRIOR`, ties as half a win, the others as held."""
    model, precision = HalfWin(), (ELO / PRIOR_ELO) ** 2

    def full(point: Floats) -> Floats:
        filled = held.copy()
        filled[free] = point
        return filled

    def gradient(point: Floats) -> Floats:
        return model.gradient(full(point), results)[free] - precision * point

    def information(point: Floats) -> Floats:
        whole = model.information(full(point), results)[np.ix_(free, free)]
        return whole + precision * np.eye(len(free))

    return full(maximum(gradient, information, np.zeros(len(free))))
