"""Tokens are chosen as transformers chooses them, from the same distribution."""

from collections import Counter
from itertools import product
from random import Random

import numpy as np
import pytest
import torch
from scipy.stats import chisquare
from transformers import (
    LogitsProcessorList,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from arena.engine.batching.continuous_manager import batching_config
from arena.engine.batching.row_sampler import GREEDY_ROW, RowSampling, next_tokens
from arena.engine.loading.capacity import CacheLayout

LIMITS = tuple(product((None, 2, 40, 3_000), (None, 1e-6, 0.5, 0.95, 0.9999)))


def logits_of(words: int, *, spread: float, rows: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(words)
    return torch.randn(rows, words, generator=generator) * spread


def row(
    top_k: int | None = None, top_p: float | None = None, temperature: float = 0.7, seed: int = 0
) -> RowSampling:
    return RowSampling(temperature, top_k, top_p, Random(seed))


def chances_of_transformers(logits: torch.Tensor, wanted: RowSampling) -> torch.Tensor:
    """What `generate` draws from: [rows, words]."""
    chain = LogitsProcessorList([TemperatureLogitsWarper(wanted.temperature)])
    if wanted.top_k is not None:
        chain.append(TopKLogitsWarper(wanted.top_k))
    if wanted.top_p is not None:
        chain.append(TopPLogitsWarper(wanted.top_p))
    scores: torch.Tensor = chain(torch.LongTensor([[0]] * len(logits)), logits.clone())
    return scores.softmax(dim=-1)


def drawn(logits: torch.Tensor, wanted: RowSampling, times: int) -> Counter[int]:
    many = logits.expand(times, -1).clone()
    return Counter(next_tokens(many, [wanted] * times).tolist())


@pytest.mark.parametrize(("top_k", "top_p"), LIMITS)
def test_tokens_have_the_distribution_of_transformers(
    top_k: int | None, top_p: float | None
) -> None:
    logits, times = logits_of(300, spread=2.0), 20_000
    wanted = row(top_k, top_p, seed=11)
    expected = chances_of_transformers(logits, wanted)[0].double().numpy() * times
    found = drawn(logits, wanted, times)
    counts = np.array([found[word] for word in range(len(expected))])
    assert counts[expected == 0].sum() == 0
    often = expected >= 5
    pooled = [*counts[often], counts[~often].sum()], [*expected[often], expected[~often].sum()]
    observed, wished = (np.array(each) for each in pooled)
    kept = wished > 0
    if kept.sum() > 1:
        wished = wished[kept] * (observed[kept].sum() / wished[kept].sum())
        assert chisquare(observed[kept], wished).pvalue > 1e-4
    else:
        assert observed[kept].tolist() == [times]


@pytest.mark.parametrize("spread", [0.0, 0.5, 3.0, 12.0])
@pytest.mark.parametrize(("top_k", "top_p"), LIMITS)
def test_what_limits_leave_out_of_a_large_vocabulary_never_comes(
    spread: float, top_k: int | None, top_p: float | None
) -> None:
    """Flat ones ask for all words, steep ones for a few: both ends of how many are looked at."""
    logits = logits_of(6_000, spread=spread) + torch.arange(6_000) * 1e-4
    wanted = row(top_k, top_p, temperature=1.0, seed=5)
    chances = chances_of_transformers(logits, wanted)[0]
    found = drawn(logits, wanted, 100)
    assert all(chances[word] > 0 for word in found)


def test_the_last_word_that_top_p_needs_may_come() -> None:
    logits = torch.log(torch.tensor([[0.5, 0.3, 0.15, 0.05]]))
    assert set(drawn(logits, row(top_p=0.79, temperature=1.0), 500)) == {0, 1}
    assert set(drawn(logits, row(top_p=0.81, temperature=1.0), 500)) == {0, 1, 2}


def test_words_as_likely_as_the_last_one_are_let_through_with_it() -> None:
    logits = torch.tensor([[3.0, 1.0, 1.0, 1.0, -1.0]])
    assert set(drawn(logits, row(top_k=2), 500)) == {0, 1, 2, 3}


def test_each_row_is_sampled_by_its_own_limits() -> None:
    logits = logits_of(5_000, spread=1.0).expand(5, -1).clone()
    rows = [GREEDY_ROW, row(top_k=2), row(seed=3), row(top_p=0.3, seed=4), GREEDY_ROW]
    best = logits[0].topk(2).indices.tolist()
    for _ in range(50):
        tokens = next_tokens(logits.clone(), rows).tolist()
        assert tokens[0] == tokens[4] == best[0]
        assert tokens[1] in best
        assert chances_of_transformers(logits[:1], rows[3])[0, tokens[3]] > 0


def test_a_row_draws_the_same_words_whoever_its_neighbours_are() -> None:
    logits = logits_of(1_000, spread=1.0, rows=3)
    alone, among = row(top_p=0.9, seed=8), row(top_p=0.9, seed=8)
    neighbours = [row(seed=1), among, row(top_k=5, seed=2)]
    for _ in range(20):
        expected = next_tokens(logits[1:2].clone(), [alone]).item()
        assert next_tokens(logits.clone(), neighbours)[1].item() == expected


def test_words_that_the_model_rules_out_never_come() -> None:
    logits = torch.full((1, 2_000), -torch.inf)
    logits[0, [7, 1_999]] = 0.0
    assert set(drawn(logits, row(), 300)) == {7, 1_999}
    assert set(drawn(logits, row(top_p=0.99), 300)) == {7, 1_999}


def test_no_step_is_captured_as_a_graph_that_would_repeat_its_rows_sampling() -> None:
    layout = CacheLayout(blocks=4, page_tokens=32, batch_tokens=64)
    assert batching_config(layout).cuda_graph_booleans == (False, False)
