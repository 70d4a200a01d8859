"""A lack of memory is a failure with numbers, never a slower way that says «ready».

No GPU here: what transformers would compare on one is computed by its own code from invented
numbers, and the real manager runs out of the CPU's memory.
"""

from math import lcm
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from transformers import ContinuousBatchingConfig, LlamaConfig
from transformers.generation.continuous_batching.cache import PagedAttentionMemoryHandler
from transformers.generation.continuous_batching.initialization import (
    resolve_continuous_batching_config,
)

from arena.domain.byte_sizes import GIB
from arena.domain.conversation import ModelKey
from arena.engine.assembly import ServedModel, _generator, assemble, cache_layout
from arena.engine.batching.continuous import ContinuousBatching
from arena.engine.batching.continuous_manager import batching_config
from arena.engine.batching.dynamic import DynamicBatching
from arena.engine.loading.capacity import (
    CacheLayout,
    kv_bytes_per_token,
    plan_cache,
    read_bytes_per_token,
)
from arena.engine.loading.failures import LoadingFailed, is_memory_fault
from arena.engine.loading.loader import _refuse_incomplete
from arena.inference.placement import Footprint, Gpu, Machine, Placement, plan
from tests.engine.batching.test_recovery import out_of_memory
from tests.fakes.checkpoints import TINY, save_random_checkpoint
from tests.fakes.loaded_models import assembled, row_of

MODELS: dict[str, tuple[float, dict[str, Any]]] = {
    "llama-2-7b": (6.74, {"num_hidden_layers": 32, "num_attention_heads": 32}),
    "llama-2-13b": (
        13.0,
        {"num_hidden_layers": 40, "num_attention_heads": 40, "hidden_size": 5120},
    ),
    "llama-3-8b": (
        8.03,
        {"num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8},
    ),
    "qwen-2.5-7b": (
        7.6,
        {
            "num_hidden_layers": 28,
            "num_attention_heads": 28,
            "num_key_value_heads": 4,
            "hidden_size": 3584,
            "vocab_size": 152_064,
        },
    ),
    "llama-2-70b": (
        69.0,
        {
            "num_hidden_layers": 80,
            "num_attention_heads": 64,
            "num_key_value_heads": 8,
            "hidden_size": 8192,
        },
    ),
}
BITS = {"bf16": 16.0, "8bit": 8.3, "4bit": 4.7}
PAGE, CONTEXT = 256, 4096
CUDA_CONTEXT = 0.6 * GIB


class OnAGpu(PagedAttentionMemoryHandler):
    """Transformers' own arithmetic on a GPU that is not there; `free` bytes of it are free."""

    free = 0

    def get_available_memory(self) -> int:
        assert self.cb_config.max_memory_percent is not None
        return int(self.free * self.cb_config.max_memory_percent)


def token_bytes(config: LlamaConfig) -> int:
    """Bytes of one token in a bfloat16 cache."""
    return kv_bytes_per_token(config, 2)


def manager_accepts(config: LlamaConfig, given: ContinuousBatchingConfig, free: float) -> bool:
    """Whether the manager's check of its footprint lets this configuration pass."""
    config._attn_implementation = "sdpa"
    device = torch.device("cuda")
    resolved = resolve_continuous_batching_config(config, given, None, True, device=device)
    block = PAGE * token_bytes(config)
    handler_class = type("Handler", (OnAGpu,), {"free": free})
    handler = handler_class(
        config=config,
        cb_config=resolved,
        dtype=torch.bfloat16,
        bytes_per_sector=lcm(block, 128),
        tokens_per_sector=PAGE,
        bytes_per_block=block,
        attn_types=["full_attention"],
        model_supports_logits_to_keep=True,
    )
    try:
        handler.infer_max_batch_tokens_and_num_sectors()
    except MemoryError:
        return False
    return True


def planned(config: LlamaConfig, weights: int, total: int) -> Placement:
    """Return where our planner puts the model on a machine with one such GPU."""
    token = token_bytes(config)
    footprint = Footprint(weights_bytes=weights, kv_bytes_per_token=token, context=CONTEXT)
    machine = Machine((Gpu(0, total, int(total * 0.99)),), 64 * GIB, 8)
    return plan({ModelKey("m"): footprint}, machine).placements[ModelKey("m")]


def layout_of(config: LlamaConfig, placement: Placement, *, is_masked: bool = True) -> CacheLayout:
    return plan_cache(
        context=CONTEXT,
        page_tokens=PAGE,
        token_bytes=token_bytes(config),
        item_bytes=2,
        budget_bytes=placement.cache_bytes or 0,
        is_masked=is_masked,
    )


@pytest.mark.parametrize("is_masked", [True, False], ids=["one mask", "no mask"])
@pytest.mark.parametrize("gpu_gb", [12, 16, 24, 40, 48, 80, 141])
@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("name", MODELS)
def test_whatever_the_planner_places_on_a_gpu_the_manager_accepts(
    name: str, bits: str, gpu_gb: int, *, is_masked: bool
) -> None:
    billions, shape = MODELS[name]
    config = LlamaConfig(**shape)
    weights, total = int(billions * 1e9 * BITS[bits] / 8), int(gpu_gb * GIB * 0.98)
    placement = planned(config, weights, total)
    if not placement.takes:
        return  # refused by the planner, with numbers
    free = total * 0.99 - weights - CUDA_CONTEXT
    layout = layout_of(config, placement, is_masked=is_masked)
    assert manager_accepts(config, batching_config(layout), free)


def test_with_the_manager_s_own_share_llama_2_7b_in_8_bits_on_24_gb_would_be_refused() -> None:
    """The border that the test above is about: it is real."""
    config, total = LlamaConfig(**MODELS["llama-2-7b"][1]), int(24 * GIB * 0.98)
    weights = int(6.74e9 * BITS["8bit"] / 8)
    ours = batching_config(layout_of(config, planned(config, weights, total)))
    free = total * 0.99 - weights - CUDA_CONTEXT
    assert manager_accepts(config, ours, free)
    ours.max_memory_percent = None
    assert not manager_accepts(config, ours, free)


def test_a_cache_planned_from_what_is_free_leaves_room_for_its_reading() -> None:
    config = LlamaConfig(**MODELS["llama-3-8b"][1])
    assert read_bytes_per_token(config, 2) == (2 * 32 + 8) * 128 * 2


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, random_checkpoint: Path) -> Any:
    """A loaded Llama."""
    served = assembled(tmp_path_factory.mktemp("served"), random_checkpoint)
    yield served
    served.close()


def test_a_cache_beyond_the_memory_is_no_reason_for_the_slower_way(served: ServedModel) -> None:
    """The real manager refuses it, in its thread, before it allocates anything."""
    endless = CacheLayout(page_tokens=32, blocks=2**40, batch_tokens=256)
    with pytest.raises(MemoryError, match="footprint"):
        _generator(served._loaded, endless)


def test_no_memory_at_the_self_test_is_no_reason_for_the_slower_way(served: ServedModel) -> None:
    layout = cache_layout(served._loaded, served.context)
    with out_of_memory(served), pytest.raises(torch.OutOfMemoryError):
        _generator(served._loaded, layout)
    generator = _generator(served._loaded, layout)
    assert isinstance(generator, ContinuousBatching)
    generator.close()


def test_no_memory_for_one_slower_way_is_no_reason_for_the_next(served: ServedModel) -> None:
    with out_of_memory(served), pytest.raises(torch.OutOfMemoryError):
        DynamicBatching(served._loaded, end=frozenset())


def test_an_engine_without_memory_for_its_cache_fails_with_the_numbers(tmp_path: Path) -> None:
    """A context so long that one of it needs hundreds of GiB."""
    sizes = {**TINY, "max_position_embeddings": 2**31}
    row = row_of(tmp_path, save_random_checkpoint(tmp_path / "long", **sizes))
    with pytest.raises(LoadingFailed, match=r"needs [\d.]+ GiB at once and finds") as failed:
        assemble(row, threads=1, on_progress=lambda _: None, cache_bytes=2**50)
    assert failed.value.permanent
    assert is_memory_fault(failed.value.__cause__)
    assert "lower max_context" in str(failed.value)


@pytest.mark.parametrize("place", ["cpu", "disk"])
def test_weights_that_found_no_room_on_the_gpus_are_called_that(place: str) -> None:
    """Accelerate leaves such weights on the meta device, as if they had not been loaded."""
    with torch.device("meta"):
        weights = dict(torch.nn.Linear(2, 2).named_parameters())
    model = SimpleNamespace(
        hf_device_map={"layers.0": 0, "layers.1": 1, "layers.2": place},
        named_parameters=weights.items,
    )
    with pytest.raises(LoadingFailed, match="1 of 3 parts found no room on the GPUs") as refused:
        _refuse_incomplete(model)
    assert f"layers.2 (on {place})" in str(refused.value)
    assert "were not loaded" not in str(refused.value)
