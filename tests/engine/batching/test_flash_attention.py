"""A flash kernel gives each request its own text; a fake stands for the built-in one."""

import logging
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch

from arena.engine.batching.attention_choice import (
    TRANSFORMERS,
    Attention,
    attention_by,
    attention_of,
)
from arena.engine.batching.continuous import ContinuousBatching
from arena.engine.batching.continuous_manager import ManagedBatch
from arena.engine.batching.flash_attention import (
    PACKED,
    PAGED,
    FlashKernel,
    built_in_kernel,
    register,
)
from arena.engine.batching.kernel_test import HeadShape, attended, kernel_fault
from arena.engine.batching.self_test import is_greedy_text
from arena.engine.batching.tested_batch import BatchWays
from arena.engine.loading.capacity import CacheLayout
from arena.engine.loading.loader import LoadedModel
from tests.engine.batching.test_varlen_attention import SHARED_KEYS, WINDOWED, loaded
from tests.fakes.flash_kernel import Kernel

LAYOUT = CacheLayout(page_tokens=16, blocks=64, batch_tokens=64)
PROMPTS = [
    [[7, 8, 9], list(range(10, 20)), [200, 100, 50]],
    [[7], list(range(10, 60)), [*range(10, 58), 3, 4]],
    [[7, 8], [*range(6, 260)], [9, 10, 11]],
]
GROUPED = HeadShape(heads=8, key_heads=2, size=16)
ON_CPU: dict[str, Any] = {"dtype": torch.float32, "device": torch.device("cpu")}


def replies(model: LoadedModel, attention: Attention, prompts: list[list[int]]) -> Any:
    batch = ManagedBatch(model, LAYOUT, Random(0), attention=attention)
    try:
        return batch.greedy(prompts, 24, 60.0)
    finally:
        batch.stop(10.0)


@pytest.mark.parametrize("prompts", PROMPTS, ids=["short", "of one beginning", "beyond a step"])
@pytest.mark.parametrize("takes_pages", [True, False], ids=["pages", "gathered"])
def test_every_reply_is_the_text_of_a_plain_forward_pass(
    tmp_path: Path, prompts: list[list[int]], *, takes_pages: bool
) -> None:
    model, fake = loaded(tmp_path, "llama", SHARED_KEYS), Kernel(takes_pages=takes_pages)
    attention = attention_by(fake.kernel, model)
    assert attention == Attention(PAGED if takes_pages else PACKED, is_paged=takes_pages)
    fake.paged_calls = fake.packed_calls = 0
    together = replies(model, attention, prompts)
    pairs = zip(prompts, together, strict=True)
    assert all(is_greedy_text(model, prompt, reply) for prompt, reply in pairs)
    assert fake.packed_calls > 0  # prompts
    assert bool(fake.paged_calls) is takes_pages  # decoding


def test_a_kernel_that_aligns_causal_attention_at_the_beginning_is_not_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = loaded(tmp_path, "llama", SHARED_KEYS)
    assert attention_by(Kernel("begin").kernel, model) == TRANSFORMERS
    assert "the built-in flash attention is not used: it is off by" in caplog.text


def test_a_kernel_that_reads_wrong_pages_is_used_without_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fake = Kernel()

    def off_by_one(*args: Any, **options: Any) -> tuple[Any, ...]:
        if (table := options.get("block_table")) is not None:
            options["block_table"] = table.clamp(min=1) - 1
        return fake.forward(*args, **options)

    caplog.set_level(logging.INFO)
    model = loaded(tmp_path, "llama", SHARED_KEYS)
    kernel = FlashKernel(off_by_one, takes_pages=True)
    assert attention_by(kernel, model) == Attention(PACKED)
    assert "decoding gathers the cache at each step: it is off by" in caplog.text


def test_a_kernel_that_raises_is_named_by_its_own_words() -> None:
    def refuses(*_: Any, **__: Any) -> Any:
        raise RuntimeError("FlashAttention only supports Ampere GPUs or newer.\nand a trace")

    fault = kernel_fault(FlashKernel(refuses, takes_pages=False), GROUPED, **ON_CPU)
    assert fault == "FlashAttention only supports Ampere GPUs or newer."


def test_no_numbers_are_a_fault() -> None:
    def broken(query: torch.Tensor, *_: Any, **__: Any) -> tuple[Any, ...]:
        return (torch.full_like(query, float("nan")),)

    fault = kernel_fault(FlashKernel(broken, takes_pages=False), GROUPED, **ON_CPU)
    assert fault == "it is off by inf"


@pytest.mark.parametrize("page_tokens", [None, 16, 256])
def test_the_documented_kernel_has_no_fault(page_tokens: int | None) -> None:
    assert kernel_fault(Kernel().kernel, GROUPED, **ON_CPU, page_tokens=page_tokens) is None


def test_attention_by_definition_is_the_average_of_what_a_query_sees() -> None:
    """Queries of nothing weigh all keys alike: three keys, of which the first query sees two."""
    key, value = torch.randn(3, 1, 2), torch.tensor([[[3.0, 0.0]], [[5.0, 0.0]], [[10.0, 3.0]]])
    found = attended(torch.zeros(2, 2, 2), key, value, 1.0)
    assert found.tolist() == [[[4.0, 0.0]] * 2, [[6.0, 1.0]] * 2]


def test_the_built_in_kernel_is_there_and_runs_on_cuda_alone() -> None:
    kernel = built_in_kernel()
    assert kernel.takes_pages
    fault = kernel_fault(kernel, GROUPED, **ON_CPU)
    assert fault is not None
    assert "CPU" in fault


def test_a_model_whose_text_a_kernel_changes_gets_transformers_own_attention(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The kernel is right by itself, and this model is not right with it."""

    def shy(*args: Any, **options: Any) -> tuple[Any, ...]:
        return (torch.zeros_like(args[0]),)

    model = loaded(tmp_path, "llama", SHARED_KEYS)
    register(PACKED, FlashKernel(shy, takes_pages=False))
    ways = BatchWays(attend=lambda _: Attention(PACKED))
    batching = ContinuousBatching(model, LAYOUT, ways=ways)
    try:
        assert model.model.config._attn_implementation == "sdpa"
        assert "flash attention is not used with this model: its text differs" in caplog.text
    finally:
        batching.close()


def test_windows_are_left_to_transformers(tmp_path: Path) -> None:
    assert attention_of(loaded(tmp_path, "mistral", WINDOWED)) == TRANSFORMERS
