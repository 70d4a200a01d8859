"""Votes whose annotators and prompts are laid out on purpose."""

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparison, Comparisons, from_rows
from arena.statistics.thresholds import Thresholds
from tests.statistics.votes import A, B, Rows, on_both_sides

EASY = Thresholds(decisive=1, clusters=2)


def dealt_out(
    wins: int, losses: int, *, annotators: int, prompts: int, opponent: ModelKey = B
) -> Rows:
    """Votes of model a against another, dealt out to annotators and prompts in turn."""
    verdicts = [Verdict.A_BETTER] * wins + [Verdict.B_BETTER] * losses
    return [
        Comparison(
            A, opponent, verdict, n % annotators, (n % annotators + n // annotators) % prompts
        )
        for n, verdict in enumerate(verdicts)
    ]


def on_their_own(wins: int, losses: int) -> Comparisons:
    """Votes of which each has its own annotator and prompt."""
    verdicts = [Verdict.A_BETTER] * wins + [Verdict.B_BETTER] * losses
    rows = [Comparison(A, B, verdict, n, n) for n, verdict in enumerate(verdicts)]
    return from_rows(on_both_sides(rows))
