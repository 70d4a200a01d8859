"""Top-p by bits lets through what top-p in order does, up to the rounding of its sums."""

import math

import pytest
import torch

from arena.engine.batching.top_p import least_of_share, least_of_sorted

ROUNDING = 2e-6
SHARES = (1e-6, 0.3, 0.5, 0.9, 0.95, 0.999, 0.9999)
WORDS = 49_152


def in_order(chances: torch.Tensor, share: float) -> torch.Tensor:
    """The least chance by definition, words in falling order, in float64; [rows]."""
    ordered = chances.double().sort(dim=-1, descending=True).values
    is_in = ordered.cumsum(-1) - ordered < share
    return ordered.gather(-1, is_in.sum(-1, keepdim=True).clamp(min=1) - 1)[:, 0].float()


def found(scores: torch.Tensor, share: float) -> torch.Tensor:
    return least_of_share(scores.softmax(-1), torch.full((len(scores), 1), share))[:, 0]


def made(kind: str) -> torch.Tensor:
    source = torch.Generator().manual_seed(3)
    flat = torch.randn(4, WORDS, generator=source)
    return {
        "flat": flat * 1.4,
        "nearly even": flat * 1e-4,
        "peaked": flat * 6,
        "with an outlier": torch.cat([flat[:, 1:] * 0.01, torch.full((4, 1), 40.0)], dim=-1),
        "in steps": (flat * 2).round() / 2,
        "half ruled out": flat.masked_fill(torch.arange(WORDS) % 2 == 0, -math.inf),
        "bfloat16": (flat * 3).bfloat16().float(),
    }[kind]


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize(
    "kind",
    ["flat", "nearly even", "peaked", "with an outlier", "in steps", "half ruled out", "bfloat16"],
)
def test_the_least_chance_is_that_of_words_in_order(kind: str, share: float) -> None:
    """Or between those of a little less and a little more, where sums are rounded otherwise."""
    chances = made(kind).softmax(-1)
    least = found(made(kind), share)
    assert all(one in row for one, row in zip(least, chances, strict=True))
    more, less = (in_order(chances, share + by) for by in (ROUNDING, -ROUNDING))
    assert ((more <= least) & (least <= less)).all()


def test_words_as_likely_as_the_last_one_have_its_chance() -> None:
    scores = torch.tensor([[3.0, 1.0, 1.0, 1.0, -1.0]])
    assert found(scores, 0.75).tolist() == scores.softmax(-1)[:, 1].tolist()


@pytest.mark.parametrize("share", [1e-6, 0.5, 0.9999999])
def test_of_even_scores_all_are_let_through(share: float) -> None:
    scores = torch.full((2, 3000), 7.0)
    assert (scores.softmax(-1) >= found(scores, share)[:, None]).all()


def test_a_share_beyond_all_leaves_nothing_out() -> None:
    chances = made("peaked").softmax(-1)
    assert (chances >= least_of_share(chances, torch.full((4, 1), 2.0))).all()


def test_of_a_single_word_that_is_not_ruled_out_only_it_is_let_through() -> None:
    scores = torch.full((1, 5000), -math.inf)
    scores[0, 17] = -3.0
    assert found(scores, 0.95).tolist() == [1.0]


def test_the_way_of_a_gpu_gives_the_same() -> None:
    chances, share = made("flat").softmax(-1), torch.full((4, 1), 0.9)
    least = least_of_sorted(chances, share)
    torch.testing.assert_close(least, least_of_share(chances, share), rtol=1e-3, atol=0)


@pytest.mark.parametrize("kind", ["flat", "peaked", "in steps"])
@pytest.mark.parametrize("share", [0.3, 0.95])
def test_where_top_k_left_few_words_a_gpu_puts_only_those_in_order(kind: str, share: float) -> None:
    """Words beyond them are as likely as the last of them: scores in steps have many."""
    chances = made(kind).softmax(-1)
    bounds = chances.topk(40, dim=-1).values[:, -1:]
    bounds[0] = chances[0].topk(20).values[-1]  # a row with fewer than the others
    left = chances * (chances >= bounds)
    shares = share * left.sum(dim=-1, keepdim=True)
    assert torch.equal(least_of_sorted(left, shares, 40), least_of_sorted(left, shares))


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_a_row_that_is_no_numbers_harms_no_other(broken: float) -> None:
    scores = made("flat")
    alone = found(scores[1:], 0.9)
    scores[0] = broken
    assert torch.equal(found(scores, 0.9)[1:], alone)
