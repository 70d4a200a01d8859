"""Fragility and anytime-valid verdicts of every pair of models."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from arena.domain.conversation import ModelKey
from arena.statistics.comparisons import Comparisons
from arena.statistics.fragility import Fragility, fragility
from arena.statistics.joint_blocks import joint_blocks
from arena.statistics.pair_votes import PairVotes, votes_of_pairs
from arena.statistics.sequential import SequentialVerdict, verdict_of_votes
from arena.statistics.sequential_blocks import annotator_blocks, prompt_blocks, verdict_of_blocks
from arena.statistics.win_rate import Pair

ANNOTATOR_BLOCK = 5
"""Votes of one annotator on one pair that make a block: only the first so many count. Fixed here
and not by what was seen, or the verdict would not hold at any moment."""

PROMPT_BLOCK = 1
"""Votes on one prompt that make a block: in open play a prompt has no more."""


@dataclass(frozen=True, slots=True)
class Fragile:
    """What holds up the lead of `leader`, whose `lead` is W - L, above 0.

    So many votes, annotators or prompts are the fewest without which the leader is ahead no more
    (`level`) or the other model is ahead (`reverse`, None where no removal does that).
    """

    leader: ModelKey
    lead: int
    votes_to_level: int
    votes_to_reverse: int | None
    annotators_to_level: int
    annotators_to_reverse: int | None
    prompts_to_level: int
    prompts_to_reverse: int | None


@dataclass(frozen=True, slots=True)
class PairQuality:
    """Of one ordered pair. `fragile` is None while W = L.

    The verdicts hold at whatever moment one looks. They say whether `pair.model` is ahead: for
    those who voted on these prompts, for annotators like these on these prompts, for these
    annotators on prompts like these, and for annotators and prompts like these.
    """

    pair: Pair
    fragile: Fragile | None
    by_votes: SequentialVerdict
    by_annotators: SequentialVerdict
    by_prompts: SequentialVerdict
    by_both: SequentialVerdict

    @property
    def mirrored(self) -> "PairQuality":
        """The same from the opponent's side."""
        return replace(
            self,
            pair=Pair(self.pair.opponent, self.pair.model),
            by_votes=self.by_votes.mirrored,
            by_annotators=self.by_annotators.mirrored,
            by_prompts=self.by_prompts.mirrored,
            by_both=self.by_both.mirrored,
        )


def pair_quality(comparisons: Comparisons) -> Mapping[Pair, PairQuality]:
    """Return both orders of every pair that met; rows must be in the order of casting."""
    found: dict[Pair, PairQuality] = {}
    for votes in votes_of_pairs(comparisons):
        one = _quality(votes)
        found[one.pair] = one
        found[one.mirrored.pair] = one.mirrored
    return found


def _quality(votes: PairVotes) -> PairQuality:
    found = fragility(votes)
    return PairQuality(
        votes.pair,
        None if found is None else _counted(found),
        by_votes=verdict_of_votes(votes),
        by_annotators=verdict_of_blocks(annotator_blocks(votes, size=ANNOTATOR_BLOCK)),
        by_prompts=verdict_of_blocks(prompt_blocks(votes, size=PROMPT_BLOCK)),
        by_both=verdict_of_blocks(joint_blocks(votes, size=ANNOTATOR_BLOCK)),
    )


def _counted(found: Fragility) -> Fragile:
    return Fragile(
        found.leader,
        found.lead,
        *_sizes(found.votes.to_level, found.votes.to_reverse),
        *_sizes(found.annotators.to_level, found.annotators.to_reverse),
        *_sizes(found.prompts.to_level, found.prompts.to_reverse),
    )


def _sizes(level: tuple[int, ...], reverse: tuple[int, ...] | None) -> tuple[int, int | None]:
    return len(level), None if reverse is None else len(reverse)
