"""Bets on blocks of votes: verdicts that speak of annotators, or prompts, like those seen.

All votes of an annotator share that person's taste, so one fair bet is placed on each annotator
and not on each vote; likewise for prompts. Blocks that speak of both are in `joint_blocks`.
"""

from functools import cache
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import roots_jacobi

from arena.statistics.comparisons import Numbers
from arena.statistics.pair_votes import PairVotes
from arena.statistics.sequential import (
    ALPHA,
    Claim,
    Lead,
    Reals,
    SequentialVerdict,
    check_alpha,
    lead_of,
)

BLOCK_PRIOR = 1.0
"""a of the Beta(a, a) that bets on blocks are spread over, as (1 + lambda)/2: all bets alike, since
the best bet on a net score grows with how many ties and how little noise a block has."""

LEAST_BLOCKS = 8
"""Fewer settle nothing, though all of them say the same: seven reach 16 times the stake."""

BETS = 64
"""Points that stand for the prior in bets on blocks; exact up to 127 blocks."""


class Blocks(NamedTuple):
    """Net scores from -1 to 1 of finished blocks, in the order in which they were finished."""

    claim: Claim
    scores: Reals


def annotator_blocks(votes: PairVotes, *, size: int) -> Blocks:
    """Make a block for each annotator with `size` votes: the first `size`, ties included.

    What it settles is settled on the prompts of these votes, in the mix in which they came:
    several blocks may share a prompt, and all of them what is peculiar to it.

    The score is (wins - losses) / size. Choose `size` before the campaign; rows must be in the
    order in which they were cast. Raises ValueError for a size below 1.
    """
    return Blocks(Claim.LIKE_THESE_ANNOTATORS, _block_scores(votes.annotator, votes.score, size))


def prompt_blocks(votes: PairVotes, *, size: int) -> Blocks:
    """Make blocks of prompts, for the annotators of the first `size` votes on each."""
    return Blocks(Claim.LIKE_THESE_PROMPTS, _block_scores(votes.prompt, votes.score, size))


def check_size(size: int) -> None:
    """Raise ValueError for a block without votes."""
    if size < 1:
        raise ValueError(f"a block has at least one vote, got {size}")


def _block_scores(unit: Numbers, score: Numbers, size: int) -> Reals:
    check_size(size)
    order = np.argsort(unit, kind="stable")
    number = np.bincount(unit)
    nth = np.empty(len(unit), dtype=np.int64)
    nth[order] = np.arange(len(unit)) - np.repeat(np.cumsum(number) - number, number)
    counted = nth < size
    sums = np.bincount(unit[counted], weights=score[counted], minlength=len(number))
    finished = unit[nth == size - 1]
    scores: Reals = sums[finished] / size
    return scores


class BlockEvidence(NamedTuple):
    """Natural logarithms of the wealth of a player on the model, and of one on the opponent."""

    ahead: Reals
    behind: Reals

    @property
    def log_e(self) -> Reals:
        """Of a player that gives each of them half of the stake."""
        both: Reals = np.logaddexp(self.ahead, self.behind) - log(2)
        return both


@cache
def _bets(prior: float) -> tuple[Reals, Reals]:
    """Return bets on the model, and the logarithms of their shares of the stake."""
    bets, weights = roots_jacobi(BETS, prior - 1, prior - 1)
    up = bets > 0
    return bets[up], np.log(weights[up] / weights[up].sum())


def final_evidence(scores: ArrayLike, *, prior: float = BLOCK_PRIOR) -> BlockEvidence:
    """Return the wealth of bets on blocks.

    That is the mean over lambda, by the prior, of the product of 1 + lambda x_k over blocks k.
    `scores` are those of at least one block, from -1 to 1. If x_k is 0 in expectation whatever came
    before, each product is fair, and so is their mean; it equals one player whose stake on block k,
    the mean of lambda weighted by wealth before it, is predictable. It does not depend on the order
    of blocks. With blocks of one decisive vote and `VOTE_PRIOR` it is the evidence of single votes.
    Blocks with the same score count together: the memory does not grow with their number.
    Source: Cover (1991), Mathematical Finance 1, 1-29; Waudby-Smith and Ramdas (2024), JRSS B 86,
    1-27.
    """
    values, times = np.unique(np.asarray(scores, dtype=float), return_counts=True)
    bets, log_weights = _bets(prior)

    def wealth(sign: int) -> Reals:
        paths = times @ np.log1p(sign * values[:, None] * bets)
        return np.asarray(np.logaddexp.reduce(paths + log_weights))

    return BlockEvidence(wealth(1), wealth(-1))


def verdict_of_blocks(blocks: Blocks, *, alpha: float = ALPHA) -> SequentialVerdict:
    """Return the anytime-valid verdict of finished blocks, for the population of their claim.

    It needs blocks that are independent of each other, as from annotators who were not chosen by
    what they would say. Fewer than `LEAST_BLOCKS` settle nothing.
    """
    check_alpha(alpha)
    if not len(blocks.scores):
        return SequentialVerdict(Lead.OPEN, blocks.claim, 0.0, 0, None)
    evidence = final_evidence(blocks.scores)
    log_e = float(evidence.log_e)
    lead = lead_of(log_e, float(evidence.ahead - evidence.behind), alpha)
    return SequentialVerdict(lead, blocks.claim, log_e, len(blocks.scores), None)
