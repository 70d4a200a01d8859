"""Blocks of votes that share neither an annotator nor a prompt: bets that speak of both.

Votes of one annotator share a taste and votes on one prompt a topic. Where bets share none of them
each is fair by itself between models that are equal among all annotators and prompts, however much
these differ.
"""

import numpy as np

from arena.statistics.comparisons import partition
from arena.statistics.pair_votes import PairVotes
from arena.statistics.sequential import Claim
from arena.statistics.sequential_blocks import Blocks, check_size

_NOBODY, _FINISHED = -1, -1
"""In place of an annotator's position, and of a block's number of votes."""


def joint_blocks(votes: PairVotes, *, size: int) -> Blocks:
    """Make blocks of which no two share an annotator or a prompt, at most one by annotator.

    A vote on a prompt that is in nobody's block goes into its annotator's, and takes the prompt
    away from all others. A block is finished at `size` votes; after `size` votes on prompts of
    others it is finished as soon as it has one: where all judge the same few prompts, waiting for
    more would use up prompts for few bets. The score is the mean over the block's votes. Who votes
    on what decides over blocks, never how. Raises ValueError for a size below 1.
    """
    check_size(size)
    annotators, people = partition(votes.annotator)
    prompts, texts = partition(votes.prompt)
    owner, unowned = [_NOBODY] * len(prompts), len(prompts)
    own, net, elsewhere = ([0] * len(annotators) for _ in range(3))
    scores: list[float] = []
    started = 0
    for i, j, score in zip(people.tolist(), texts.tolist(), votes.score.tolist(), strict=True):
        if own[i] == _FINISHED:
            continue
        if owner[j] == _NOBODY:
            owner[j], unowned = i, unowned - 1
            started += not own[i]
        if owner[j] == i:
            own[i] += 1
            net[i] += score
        else:
            elsewhere[i] += 1
        if own[i] and max(own[i], elsewhere[i]) >= size:
            scores.append(net[i] / own[i])
            own[i] = _FINISHED
            if len(scores) == (started if not unowned else len(annotators)):
                break  # no later vote can finish another block
    return Blocks(Claim.LIKE_BOTH, np.array(scores))
