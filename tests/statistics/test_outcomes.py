"""Arrays of facts about verdicts say what the table of verdicts says."""

import pytest

from arena.domain.verdict import Verdict
from arena.statistics import outcomes


@pytest.mark.parametrize("verdict", Verdict)
def test_every_array_agrees_with_the_table(verdict: Verdict) -> None:
    number, score = verdict.number, verdict.result.score

    assert outcomes.RESULT[number] == verdict.result
    assert outcomes.MIRRORED[number] == verdict.mirrored.number
    assert outcomes.SCORE[number] == score
    assert outcomes.DECISIVE[number] == verdict.decisive
    assert (outcomes.WON[number], outcomes.LOST[number]) == (score > 0, score < 0)
