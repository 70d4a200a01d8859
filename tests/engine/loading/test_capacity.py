"""The cache fits the memory, and its size is computed, never left to the library."""

from types import SimpleNamespace

import pytest

from arena.engine.loading.capacity import (
    CacheLayout,
    context_length,
    kv_bytes_per_token,
    plan_cache,
)

LLAMA_2_7B = SimpleNamespace(num_attention_heads=32, num_hidden_layers=32, hidden_size=4096)
LLAMA_3_8B = SimpleNamespace(
    num_attention_heads=32, num_key_value_heads=8, num_hidden_layers=32, hidden_size=4096
)
COMMAND_R = SimpleNamespace(max_position_embeddings=8192, model_max_length=131072)
GIB = 2**30


def test_the_cache_cost_of_a_token_agrees_with_the_published_figures() -> None:
    assert kv_bytes_per_token(LLAMA_2_7B, 2) == 512 * 1024
    assert kv_bytes_per_token(LLAMA_3_8B, 2) == 128 * 1024


@pytest.mark.parametrize("budget", [GIB // 64, GIB, 40 * GIB])
def test_a_cache_never_costs_more_than_its_budget(budget: int) -> None:
    layout = plan_cache(
        context=4096, page_tokens=32, token_bytes=128 * 1024, item_bytes=2, budget_bytes=budget
    )
    assert layout.tokens * 128 * 1024 <= budget


def test_a_small_model_does_not_take_memory_that_it_cannot_use() -> None:
    layout = plan_cache(
        context=1024, page_tokens=32, token_bytes=4096, item_bytes=4, budget_bytes=GIB
    )
    assert layout.tokens == 32 * 1024 + 32
    assert layout.batch_tokens * layout.tokens * 4 <= 256 * 2**20


@pytest.mark.parametrize(
    ("budget_gib", "tokens", "rows"),
    [(4, 32 * 1024, 64), (16, 128 * 1024, 256), (200, 256 * 1024 + 256, 256)],
)
def test_without_a_mask_all_that_is_planned_becomes_cache_and_rows_in_proportion(
    budget_gib: int, tokens: int, rows: int
) -> None:
    layout = plan_cache(
        context=8192,
        page_tokens=256,
        token_bytes=kv_bytes_per_token(LLAMA_3_8B, 2),
        item_bytes=2,
        budget_bytes=budget_gib * GIB,
        is_masked=False,
    )
    assert (layout.tokens, layout.rows) == (tokens, rows)
    assert layout.batch_tokens >= rows


def test_with_a_mask_a_large_budget_changes_nothing() -> None:
    def planned(gib: int) -> CacheLayout:
        return plan_cache(
            context=8192,
            page_tokens=256,
            token_bytes=kv_bytes_per_token(LLAMA_3_8B, 2),
            item_bytes=2,
            budget_bytes=gib * GIB,
        )

    assert planned(200) == planned(5)
    assert (planned(5).tokens, planned(5).rows) == (32 * 1024 + 256, 64)


@pytest.mark.parametrize(
    ("config", "tokenizer_limit", "row_limit", "expected"),
    [
        (SimpleNamespace(max_position_embeddings=1024), 512, None, 1024),
        (SimpleNamespace(max_position_embeddings=4096), 4096, 1000, 1000),
        (SimpleNamespace(seq_length=32768), 10**30, None, 32768),
        (COMMAND_R, 10**30, None, 131072),
        (SimpleNamespace(), 2048, None, 2048),
        (SimpleNamespace(), 10**30, None, 4096),
    ],
)
def test_the_context_is_the_narrowest_limit_that_is_known(
    config: SimpleNamespace, tokenizer_limit: int, row_limit: int | None, expected: int
) -> None:
    assert context_length(config, tokenizer_limit, row_limit) == expected
