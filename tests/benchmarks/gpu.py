"""The continuous batch on a GPU with a model of the shape of Llama 7B, against memory bandwidth."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import SystemRandom
from statistics import median
from typing import Any

from tests.benchmarks.bursts import ROUNDS

_CONTEXT = 1024
_TOKENS = 128
_PROMPT_TOKENS = 64
_COPY_BYTES = 2**30
_BATCHES = (1, 8, 32, 64)

LLAMA_7B: dict[str, Any] = {
    "vocab_size": 32_000,
    "hidden_size": 4096,
    "intermediate_size": 11_008,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 32,
    "max_position_embeddings": _CONTEXT,
}

_HEAD = (
    "| batch | tokens/s | ms a step | of the bandwidth |",
    "|---|---|---|---|",
)


@dataclass(frozen=True, slots=True)
class Steps:
    """Decoding steps of a batch of that many replies: seconds for one."""

    batch: int
    step_s: float

    @property
    def tokens_per_s(self) -> float:
        """New tokens a second, of all replies."""
        return self.batch / self.step_s


def gpu_table() -> str:
    """The table, or `no GPU`."""
    import torch

    if not torch.cuda.is_available():
        return "no GPU"
    return roofline_table(LLAMA_7B, device="cuda", batches=_BATCHES, tokens=_TOKENS, rounds=ROUNDS)


def roofline_table(
    sizes: dict[str, Any], *, device: str, batches: Sequence[int], tokens: int, rounds: int
) -> str:
    """Measure any shape on any device: the tests do this with a tiny one on the CPU."""
    import torch

    model = random_model(sizes, device)
    weights = sum(p.numel() * p.element_size() for p in model.model.parameters())
    bandwidth = copied_bytes_per_s(device, _COPY_BYTES if device == "cuda" else 2**24)
    where = torch.cuda.get_device_name() if device == "cuda" else device
    rows = [
        f"| {one.batch} | {one.tokens_per_s:.0f} | {1000 * one.step_s:.2f} "
        f"| {weights / one.step_s / bandwidth:.2f} |"
        for one in decoding_steps(model, batches, tokens, rounds)
    ]
    legend = (
        f"{where}; {weights / 1e9:.2f} GB of random weights in {model.model.dtype}; medians of "
        f"{rounds} rounds of {tokens} tokens. A step reads all weights once: the fraction is "
        f"weights / step / {bandwidth / 1e9:.0f} GB/s, which copying within the device reaches."
    )
    return "\n".join([legend, "", *_HEAD, *rows])


def random_model(sizes: Mapping[str, Any], device: str, dtype: str | None = None) -> Any:
    """A Llama made where it runs, by itself bf16 on a GPU: no file of 13 GB is written or read."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    from arena.engine.loading.loader import LoadedModel

    numbers = getattr(torch, dtype or ("bfloat16" if device == "cuda" else "float32"))
    config = AutoConfig.for_model("llama", **sizes)
    with torch.device(device):
        model: Any = AutoModelForCausalLM.from_config(config, dtype=numbers)  # type: ignore[no-untyped-call]
    return LoadedModel(model.eval(), tokenizer=None, eos=frozenset())


def copied_bytes_per_s(device: str, size: int) -> float:
    """Bytes read and written a second when a tensor is copied within the device."""
    import torch

    source = torch.zeros(size, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    seconds = []
    for _ in range(10):
        _wait(device)
        began = time.perf_counter()
        target.copy_(source)
        _wait(device)
        seconds.append(time.perf_counter() - began)
    return 2 * size / median(seconds)


def decoding_steps(model: Any, batches: Sequence[int], tokens: int, rounds: int) -> list[Steps]:
    """Run each batch through one manager, again and again; prompts are not counted."""
    from arena.engine.assembly import cache_layout
    from arena.engine.batching.continuous_manager import ManagedBatch

    layout = cache_layout(model, model.text_config.max_position_embeddings)
    batch = ManagedBatch(model, layout, SystemRandom())
    try:
        found: dict[int, list[float]] = {count: [] for count in batches}
        for count in batches:
            asyncio.run(_step_seconds(batch, count, tokens))  # warm
        for _ in range(rounds):
            for count in batches:
                found[count].append(asyncio.run(_step_seconds(batch, count, tokens)))
    finally:
        batch.stop(10.0)
    return [Steps(count, median(seconds)) for count, seconds in found.items()]


async def _step_seconds(batch: Any, count: int, tokens: int) -> float:
    """Seconds for one step, by the reply that started last: then all of the batch runs."""
    from tests.benchmarks.managed import reply

    prompts = [[3 + n + place for place in range(_PROMPT_TOKENS)] for n in range(count)]
    replies = [reply(batch, f"request-{n}", prompt, tokens) for n, prompt in enumerate(prompts)]
    latest = max(await asyncio.gather(*replies))
    return (latest.last - latest.first) / (tokens - 1)


def _wait(device: str) -> None:
    import torch

    if device == "cuda":
        torch.cuda.synchronize()
