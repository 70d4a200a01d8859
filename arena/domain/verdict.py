"""Verdicts, the one table of what follows from each, and the reasons given for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Result(IntEnum):
    """What a comparison counts as for one of its two models; numbers the columns of a record."""

    WIN = 0
    LOSS = 1
    TIE = 2
    BOTH_BAD = 3

    @property
    def score(self) -> int:
        """1 for a win, -1 for a loss, 0 otherwise."""
        return (self is Result.WIN) - (self is Result.LOSS)


class Verdict(StrEnum):
    """What an annotator says of two replies; A is the earlier slot.

    The value is the word in database, files and translations. `VERDICTS` says what follows from
    each.
    """

    A_BETTER = "a_better"
    B_BETTER = "b_better"
    TIE = "tie"
    BOTH_BAD = "both_bad"

    @property
    def number(self) -> int:
        """The number that stands for the verdict in columns: its position in `Verdict`."""
        return _NUMBERS[self]

    @property
    def result(self) -> Result:
        """What the verdict counts as for the model in the earlier slot."""
        return VERDICTS[self].result

    @property
    def mirrored(self) -> "Verdict":
        """The same opinion with the replies in the opposite order."""
        return VERDICTS[self].mirrored

    @property
    def decisive(self) -> bool:
        """Whether the verdict names a winner."""
        return self.result.score != 0

    @property
    def winner(self) -> int | None:
        """Position of the winning one of two slots, 0 or 1; None without a winner."""
        return {1: 0, -1: 1}.get(self.result.score)


@dataclass(frozen=True, slots=True)
class VerdictFacts:
    """What follows from a verdict: its result for the earlier slot, and its mirror image."""

    result: Result
    mirrored: Verdict


VERDICTS: Mapping[Verdict, VerdictFacts] = {
    Verdict.A_BETTER: VerdictFacts(Result.WIN, mirrored=Verdict.B_BETTER),
    Verdict.B_BETTER: VerdictFacts(Result.LOSS, mirrored=Verdict.A_BETTER),
    Verdict.TIE: VerdictFacts(Result.TIE, mirrored=Verdict.TIE),
    Verdict.BOTH_BAD: VerdictFacts(Result.BOTH_BAD, mirrored=Verdict.BOTH_BAD),
}
_NUMBERS = {verdict: number for number, verdict in enumerate(Verdict)}


class Strength(StrEnum):
    """How much better the winner of a verdict is, where a campaign asks for it."""

    MUCH = "much"
    SLIGHTLY = "slightly"


class Reason(StrEnum):
    """Optional chips that say why, per slot."""

    USEFUL = "useful"
    CORRECT = "correct"
    COMPLETE = "complete"
    WELL_FORMATTED = "well_formatted"
    CREATIVE = "creative"
    INCORRECT = "incorrect"
    SUPERFICIAL = "superficial"
    IGNORES_INSTRUCTION = "ignores_instruction"
    UNSAFE = "unsafe"
