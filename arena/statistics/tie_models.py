"""Two models of ties: as half a win, or as an outcome of its own (Davidson)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

import numpy as np
from scipy import special

from arena.domain.verdict import Result
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Comparisons, Numbers
from arena.statistics.outcomes import DECISIVE, SCORE

TIED = (~DECISIVE).astype(np.float64)
"""1 for verdicts that count as ties: `BOTH_BAD` prefers neither model, as `TIE` does."""


class Ties(StrEnum):
    """How ties enter ratings."""

    HALF_WIN = "half a win"
    DAVIDSON = "davidson"


class Results(NamedTuple):
    """Numbers of results between K models: `wins[..., i, j]` of i over j, `ties` symmetric."""

    wins: Floats
    ties: Floats

    @property
    def met(self) -> Floats:
        """Comparisons of each pair, symmetric."""
        return self.wins + np.swapaxes(self.wins, -1, -2) + self.ties

    def among(self, models: Numbers) -> "Results":
        """Select some of the models."""
        return Results(self.wins[np.ix_(models, models)], self.ties[np.ix_(models, models)])


def results_of(sided: Numbers) -> Results:
    """Return wins and ties of counts by `Result`, K x K x 4; both bad counts as a tie."""
    return Results(
        sided[..., Result.WIN].astype(float),
        (sided[..., Result.TIE] + sided[..., Result.BOTH_BAD]).astype(float),
    )


class Residuals(NamedTuple):
    """Derivatives of one comparison's log-likelihood.

    `strength` is by the earlier model's strength, and minus that of the later one; `tie` by the
    tie parameter, None where the model has none.
    """

    strength: Floats
    tie: Floats | None


class TieModel(Protocol):
    """A likelihood of results; parameters are K strengths in log-odds, then others if any."""

    def start(self, results: Results) -> Floats:
        """Return initial parameters."""

    def gradient(self, parameters: Floats, results: Results) -> Floats:
        """Return first derivatives; leading axes of both arguments are separate data sets."""

    def information(self, parameters: Floats, results: Results) -> Floats:
        """Return minus the second derivatives; singular along equal shifts of all strengths."""

    def residuals(self, parameters: Floats, comparisons: Comparisons) -> Residuals:
        """Return derivatives by comparison."""


def _laplacian(weights: Floats) -> Floats:
    """Return the information of strengths from that of their differences."""
    return np.diag(weights.sum(axis=1)) - weights


def _differences(strengths: Floats) -> Floats:
    return strengths[..., :, None] - strengths[..., None, :]


@dataclass(frozen=True, slots=True)
class HalfWin:
    """P(i beats j) = 1/(1 + exp(s_j - s_i)); a tie counts as half a win of either.

    Source: Bradley & Terry (1952), Biometrika 39, 324-345.
    """

    def start(self, results: Results) -> Floats:
        """Return equal strengths."""
        return np.zeros(len(results.wins))

    def gradient(self, parameters: Floats, results: Results) -> Floats:
        """Return wins plus half of ties minus those expected; W(1-p) - L p loses no digits."""
        half_wins, difference = results.wins + results.ties / 2, _differences(parameters)
        surprise = half_wins * special.expit(-difference)
        return np.asarray((surprise - np.swapaxes(surprise, -1, -2)).sum(axis=-1))

    def information(self, parameters: Floats, results: Results) -> Floats:
        """Return the Laplacian of N p (1-p) of every pair."""
        chance = special.expit(_differences(parameters))
        return _laplacian(results.met * chance * (1 - chance))

    def residuals(self, parameters: Floats, comparisons: Comparisons) -> Residuals:
        """Return the result, with 1/2 for a tie, minus the chance of the earlier model."""
        chance = special.expit(_differences(parameters))[comparisons.a, comparisons.b]
        return Residuals(((1 + SCORE) / 2)[comparisons.outcome] - chance, None)


class _Chances(NamedTuple):
    won: Floats
    lost: Floats
    tied: Floats


@dataclass(frozen=True, slots=True)
class Davidson:
    """P(i beats j) : P(j beats i) : P(tie) = e^(d/2) : e^(-d/2) : v, with d = s_i - s_j.

    The last parameter is log v. Source: Davidson (1970), JASA 65, 317-328. Needs at least one
    tie and at least one win, else v has no estimate.
    """

    def start(self, results: Results) -> Floats:
        """Return equal strengths, and v from the share of ties."""
        ties = results.ties.sum() / 2
        return np.append(np.zeros(len(results.wins)), np.log(2 * ties / results.wins.sum()))

    def gradient(self, parameters: Floats, results: Results) -> Floats:
        """Return half of wins minus losses, and ties; minus those expected."""
        chances = _chances(parameters)
        surplus = results.wins - np.swapaxes(results.wins, -1, -2)
        strengths = (surplus - results.met * (chances.won - chances.lost)).sum(axis=-1) / 2
        ties = (results.ties - results.met * chances.tied).sum(axis=(-1, -2)) / 2
        return np.concatenate([strengths, ties[..., None]], axis=-1)

    def information(self, parameters: Floats, results: Results) -> Floats:
        """Return the covariance of (half of won minus lost, tied), summed over comparisons."""
        won, lost, tied = _chances(parameters)
        surplus = (won - lost) / 2
        strengths = _laplacian(results.met * ((won + lost) / 4 - surplus**2))
        across = -(results.met * surplus * tied).sum(axis=1)
        ties = (results.met * tied * (1 - tied)).sum() / 2
        return np.block([[strengths, across[:, None]], [across[None, :], np.array([[ties]])]])

    def residuals(self, parameters: Floats, comparisons: Comparisons) -> Residuals:
        """Return half of won minus lost, and tied, minus those expected."""
        won, lost, tied = _chances(parameters)
        cell, outcome = (comparisons.a, comparisons.b), comparisons.outcome
        strength = (SCORE[outcome] - (won - lost)[cell]) / 2
        return Residuals(strength, TIED[outcome] - tied[cell])


def _chances(parameters: Floats) -> _Chances:
    half = _differences(parameters[..., :-1]) / 2
    log_tie = np.broadcast_to(parameters[..., -1, None, None], half.shape)
    shares = special.softmax(np.stack([half, -half, log_tie]), axis=0)
    return _Chances(*shares)
