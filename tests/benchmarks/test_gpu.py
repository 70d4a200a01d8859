"""The GPU's table, which machines without one never print, is made by code that runs here."""

import pytest
import torch

from tests.benchmarks import gpu

TINY_SHAPE = {
    **gpu.LLAMA_7B,
    "vocab_size": 256,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
}


def test_the_table_has_a_row_for_each_batch_with_a_fraction_of_the_bandwidth() -> None:
    table = gpu.roofline_table(TINY_SHAPE, device="cpu", batches=(1, 3), tokens=4, rounds=1)
    rows = [[float(cell) for cell in line.split("|")[1:-1]] for line in table.splitlines()[-2:]]
    assert [row[0] for row in rows] == [1, 3]
    for batch, tokens_per_s, step_ms, fraction in rows:
        rounded = 0.006 + 0.5 * step_ms / tokens_per_s  # two decimals, and whole tokens
        assert step_ms == pytest.approx(1000 * batch / tokens_per_s, abs=rounded)
        assert fraction >= 0


def test_a_machine_without_a_gpu_says_so() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is one")
    assert gpu.gpu_table() == "no GPU"
