"""Agreement between annotators."""

from itertools import combinations, cycle, product
from random import Random

import evalica
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.verdict import Verdict
from arena.statistics.agreement import (
    Agreement,
    NoAlpha,
    PairwiseAgreement,
    agreement,
    agreement_of,
    judged_items,
    pair_agreement_of,
)
from arena.statistics.comparisons import Comparison, Comparisons, from_rows
from arena.statistics.items import item_votes
from arena.statistics.krippendorff import Alpha
from arena.statistics.win_rate import Pair
from tests.statistics.votes import A, B, Rows, llmfao, mirrored, row_lists, unequal_items


def _agreement(comparisons: Comparisons, *, fewest: int = 1) -> Agreement:
    return agreement(comparisons, fewest_shared_items=fewest)


def test_the_real_votes_give_the_published_agreement() -> None:
    found = _agreement(llmfao())

    assert (found.items, found.shared_items, found.reason) == (2139, 2124, None)
    assert found.alpha is not None
    assert round(found.alpha.value, 4) == 0.2906
    assert found.alpha.low < found.alpha.value < found.alpha.high
    assert found.raw == PairwiseAgreement(pairs=15112, agreeing=8043)


def test_krippendorffs_example_of_two_observers_comes_out_as_printed() -> None:
    """Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, A: alpha = 0.095."""
    meg, owen = "0100000010", "1110010000"
    said = {"0": Verdict.TIE, "1": Verdict.BOTH_BAD}
    rows = [
        Comparison(A, B, said[mark], annotator, prompt)
        for annotator, marks in enumerate((meg, owen))
        for prompt, mark in enumerate(marks)
    ]

    found = _agreement(from_rows(rows), fewest=10)

    assert found.alpha is not None
    assert found.alpha.value == pytest.approx(0.095, abs=5e-4)
    assert found.raw.share == 0.6


def test_a_row_for_each_annotator_gives_the_same_alpha() -> None:
    votes = item_votes(llmfao())
    frame = pd.DataFrame({"who": votes.annotator, "item": votes.item, "said": votes.verdict})
    by_annotator = frame.pivot_table(index="who", columns="item", values="said")

    found = _agreement(llmfao()).alpha

    assert found is not None
    assert found.value == pytest.approx(evalica.alpha(by_annotator, solver="naive").alpha)


def _alpha(comparisons: Comparisons) -> Alpha:
    found = _agreement(comparisons).alpha
    assert found is not None
    return found


def test_the_interval_holds_its_own_alpha_where_items_have_unequal_numbers_of_votes() -> None:
    found = _alpha(from_rows(unequal_items()))

    assert found.value == pytest.approx(0.4759, abs=5e-5)
    assert found.low < found.value < found.high
    assert (round(found.low, 2), round(found.high, 2)) == (0.19, 0.70)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_changes_no_digit_of_agreement(seed: int) -> None:
    repeats = [
        row._replace(verdict=verdict)
        for row, verdict in zip(unequal_items()[:90], cycle(Verdict), strict=False)
    ]
    rows = [*unequal_items(), *repeats]
    shuffled = Random(seed).sample(rows, len(rows))

    assert _agreement(from_rows(shuffled)) == _agreement(from_rows(rows))


@pytest.mark.parametrize(
    ("annotators", "items", "verdicts", "reason"),
    [
        (1, 20, [Verdict.TIE, Verdict.A_BETTER], NoAlpha.ONE_ANNOTATOR),
        (0, 0, [Verdict.TIE], NoAlpha.ONE_ANNOTATOR),
        (3, 9, [Verdict.TIE, Verdict.A_BETTER], NoAlpha.FEW_SHARED_ITEMS),
        (3, 20, [Verdict.A_BETTER], NoAlpha.ONE_VERDICT),
        (3, 10, [Verdict.TIE, Verdict.A_BETTER], None),
    ],
)
def test_without_enough_to_compare_alpha_is_stated_to_be_missing(
    annotators: int, items: int, verdicts: list[Verdict], reason: NoAlpha | None
) -> None:
    rows = [
        Comparison(A, B, verdicts[prompt % len(verdicts)], annotator, prompt)
        for annotator, prompt in product(range(annotators), range(items))
    ]

    found = agreement(from_rows(rows))

    assert found.reason is reason
    assert (found.alpha is None) == (reason is not None)


def test_a_person_who_repeats_itself_agrees_with_nobody() -> None:
    rows = [Comparison(A, B, Verdict.A_BETTER, 0, 0)] * 5

    assert _agreement(from_rows(rows)).raw == PairwiseAgreement(0, 0)


@given(row_lists())
def test_alpha_is_a_number_or_missing_for_a_reason(rows: Rows) -> None:
    found = _agreement(from_rows(rows))

    assert (found.alpha is None) == (found.reason is not None)
    if found.alpha is not None:
        assert -1 <= found.alpha.low <= found.alpha.high <= 1
        assert -1 <= found.alpha.value <= 1


@given(row_lists())
def test_raw_agreement_counts_pairs_of_annotators_on_an_item(rows: Rows) -> None:
    said: dict[tuple[frozenset[str], int], dict[int, list[tuple[str | None, str]]]] = {}
    for row in rows:
        slot, _, how = row.verdict.partition("_")
        winner = {"a": row.model_a, "b": row.model_b}.get(slot)
        item = said.setdefault((frozenset({row.model_a, row.model_b}), row.prompt), {})
        item.setdefault(row.annotator, []).append((winner, how if winner else row.verdict))
    pairs = [
        np.mean([one == other for one in first for other in second])
        for voices in said.values()
        for first, second in combinations(voices.values(), 2)
    ]

    found = _agreement(from_rows(rows))

    assert found.raw.pairs == len(pairs)
    assert found.raw.agreeing == pytest.approx(sum(pairs))
    assert found.shared_items == sum(len(voices) > 1 for voices in said.values())


@given(row_lists(), st.randoms(use_true_random=False))
def test_names_of_annotators_and_sides_do_not_matter(rows: Rows, random: Random) -> None:
    names = random.sample(range(100), 5)
    renamed = [row._replace(annotator=names[row.annotator]) for row in rows]
    found = _agreement(from_rows(rows))

    assert _agreement(from_rows(renamed)) == found
    other = _agreement(from_rows(mirrored(rows)))
    assert (other.raw, other.raw_decisive) == (found.raw, found.raw_decisive)


@given(row_lists())
def test_agreement_by_pair_adds_up_to_that_of_all_items(rows: Rows) -> None:
    judged = judged_items(from_rows(rows))

    pairs = pair_agreement_of(judged)

    whole = agreement_of(judged).raw
    assert sum(shared.pairs for shared in pairs.values()) == 2 * whole.pairs
    agreeing = sum(shared.agreeing for shared in pairs.values())
    assert agreeing == pytest.approx(2 * whole.agreeing)
    assert all(pairs[Pair(pair.opponent, pair.model)] == shared for pair, shared in pairs.items())
