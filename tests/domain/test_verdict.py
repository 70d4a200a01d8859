"""The table of verdicts and what follows from it."""

import pytest

from arena.domain.verdict import VERDICTS, Result, Verdict

MIRRORED_RESULT = {Result.WIN: Result.LOSS, Result.LOSS: Result.WIN}


def test_every_verdict_has_one_row_in_the_table() -> None:
    assert list(VERDICTS) == list(Verdict)


def test_only_a_named_winner_is_decisive() -> None:
    decisive = {verdict for verdict in Verdict if verdict.decisive}
    assert {Verdict.A_BETTER, Verdict.B_BETTER} <= decisive
    assert not decisive & {Verdict.TIE, Verdict.BOTH_BAD}


@pytest.mark.parametrize("verdict", Verdict)
def test_mirroring_a_verdict_twice_gives_it_back(verdict: Verdict) -> None:
    assert verdict.mirrored.mirrored is verdict


@pytest.mark.parametrize("verdict", Verdict)
def test_what_one_model_wins_the_other_one_loses(verdict: Verdict) -> None:
    mirrored = verdict.mirrored.result
    assert mirrored is MIRRORED_RESULT.get(verdict.result, verdict.result)
    assert mirrored.score == -verdict.result.score


@pytest.mark.parametrize("verdict", Verdict)
def test_the_winner_is_the_slot_that_the_verdict_names(verdict: Verdict) -> None:
    named = {"a": 0, "b": 1}.get(verdict.value.partition("_")[0])
    assert verdict.winner == named


def test_numbers_of_verdicts_are_their_positions() -> None:
    assert [verdict.number for verdict in Verdict] == list(range(len(Verdict)))
