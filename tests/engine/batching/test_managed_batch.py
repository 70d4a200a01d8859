"""The batch tells a death from a machine that is slow."""

from pathlib import Path
from random import Random

import pytest

from arena.engine.batching.attention_choice import TRANSFORMERS
from arena.engine.batching.continuous_manager import ManagedBatch, ManagerDied
from arena.engine.loading.capacity import CacheLayout
from tests.engine.batching.test_varlen_attention import SHARED_KEYS, loaded

LAYOUT = CacheLayout(page_tokens=16, blocks=64, batch_tokens=64)


def test_a_self_test_without_a_text_in_time_is_not_called_a_death(tmp_path: Path) -> None:
    model = loaded(tmp_path, "llama", SHARED_KEYS)
    batch = ManagedBatch(model, LAYOUT, Random(0), attention=TRANSFORMERS)
    try:
        with pytest.raises(ManagerDied, match=r"no text came within 0 s"):
            batch.greedy([[7, 8, 9]], 24, 0.0)
    finally:
        batch.stop(10.0)
