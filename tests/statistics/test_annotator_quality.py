"""What there is to see of every annotator."""

import numpy as np
import pytest
from hypothesis import given

from arena.domain.verdict import Verdict
from arena.statistics.annotator_quality import (
    CheckResult,
    OthersAgreement,
    annotator_quality,
)
from arena.statistics.comparisons import Comparison, from_rows
from arena.statistics.items import item_votes
from arena.statistics.side_bias import side_bias_by_annotator
from tests.statistics.votes import A, B, Rows, llmfao, row_lists

ROWS = [
    Comparison(A, B, Verdict.A_BETTER, 0, 0),
    Comparison(A, B, Verdict.TIE, 0, 1),
    Comparison(A, B, Verdict.A_BETTER, 1, 0),
    Comparison(B, A, Verdict.A_BETTER, 2, 0),
]


def test_the_real_annotators_come_out_one_by_one() -> None:
    annotators = annotator_quality(llmfao())

    assert [each.annotator for each in annotators] == list(range(124))
    assert sum(each.votes for each in annotators) == 8931
    assert sum(each.tie_share * each.votes for each in annotators) == pytest.approx(3471)
    assert [each.side for each in annotators] == [
        each.side for each in side_bias_by_annotator(llmfao())
    ]
    shares = [each.others.share for each in annotators if each.others.share is not None]
    assert len(shares) >= 120
    assert 0.4 < float(np.median(shares)) < 0.7


def test_agreement_with_others_leaves_out_the_own_vote() -> None:
    first, second, third = annotator_quality(from_rows(ROWS))

    assert first.others == OthersAgreement(share=0.5, items=1)
    assert second.others == OthersAgreement(share=0.5, items=1)
    assert third.others == OthersAgreement(share=0.0, items=1)
    assert (first.votes, first.tie_share) == (2, 0.5)


@given(row_lists())
def test_agreement_with_others_is_the_mean_over_shared_items(rows: Rows) -> None:
    comparisons = from_rows(rows)
    said: dict[int, dict[int, list[int]]] = {}
    votes = item_votes(comparisons)
    for item, who, verdict in zip(votes.item, votes.annotator, votes.verdict, strict=True):
        said.setdefault(int(item), {}).setdefault(int(who), []).append(int(verdict))
    for each in annotator_quality(comparisons):
        shares = [
            np.mean([np.mean([a == b for a in own for b in other]) for other in others])
            for voices in said.values()
            if (own := voices.get(each.annotator))
            and (others := [words for who, words in voices.items() if who != each.annotator])
        ]
        assert each.others.items == len(shares)
        if shares:
            assert each.others.share == pytest.approx(float(np.mean(shares)))
        else:
            assert each.others.share is None


def test_reading_times_give_a_median_where_they_were_measured() -> None:
    seconds = np.array([3.0, 9.0, 4.0, np.nan])

    first, second, third = annotator_quality(from_rows(ROWS), reading_seconds=seconds)

    assert (first.median_seconds, second.median_seconds, third.median_seconds) == (6.0, 4.0, None)
    assert annotator_quality(from_rows(ROWS))[0].median_seconds is None


@pytest.mark.parametrize("seconds", [[1.0], [1.0, 2.0, 3.0, -1.0], [1.0, 2.0, 3.0, np.inf]])
def test_impossible_reading_times_are_refused(seconds: list[float]) -> None:
    with pytest.raises(ValueError, match="reading times"):
        annotator_quality(from_rows(ROWS), reading_seconds=np.array(seconds))


def test_check_items_are_counted() -> None:
    checks = [
        CheckResult(1, passed=True),
        CheckResult(1, passed=False),
        CheckResult(0, passed=True),
    ]

    annotators = annotator_quality(from_rows(ROWS), checks=checks)

    assert [(each.checks, each.failed_checks) for each in annotators] == [(1, 0), (2, 1), (0, 0)]
    with pytest.raises(ValueError, match="annotator 3, who has no vote"):
        annotator_quality(from_rows(ROWS), checks=[CheckResult(3, passed=True)])


def test_without_votes_there_is_nobody() -> None:
    assert annotator_quality(from_rows([]), reading_seconds=np.array([])) == ()
