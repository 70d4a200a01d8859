"""The nouns of placement: what a model needs, what a machine has, what a model was given."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from arena.checkpoints.kv_cache import GPU_PAGE_TOKENS, useful_cache_tokens
from arena.domain.byte_sizes import GIB
from arena.domain.conversation import ModelKey

RAM = -1
"""The number of main memory among the devices; GPUs have their own numbers, from 0."""

MIN_CACHE_TOKENS = 4096
"""A model that has no room for this much of its context is not worth loading."""

_GPU_SHARE, _RAM_SHARE = 0.97, 0.9
_UNEVEN = 1.08
"""Layers do not divide evenly over several GPUs, and embeddings lie on the first or the last."""

_READ_SHARE = 1 / 16
"""Of a cache on a GPU, to gather one layer of it at a time: models have 16 layers or more."""

_UNNOTICED = GIB
"""Programs with windows come and go; less than the reserve of a large GPU changes no plan."""

ENGINE_OVERHEAD = 3 * GIB // 2
VLLM_OVERHEAD = 4 * GIB
"""On each GPU: CUDA's own context and activations, and in vLLM its graphs, the buffers of its
collectives, and activations for 8,192 tokens at once. An estimate, not measured."""

DevicePreference = str | tuple[int, ...]
"""A row's `devices`: «auto», «cpu», or the numbers of the GPUs that it must have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """Memory that a model needs, in bytes, in the number format that its row has on a GPU.

    `overhead_bytes` is for each GPU that it uses: CUDA's own context, activations, the mask; half
    of it on a CPU. `cpu_growth` is 2 where a CPU takes float32 for bfloat16.
    """

    weights_bytes: int
    kv_bytes_per_token: int
    context: int
    overhead_bytes: int = ENGINE_OVERHEAD
    cpu_growth: int = 1

    def cache_tokens(self, limit: int | None, *, on_gpu: bool) -> int:
        """Return how many tokens of cache to make: what is useful, or `limit` if that is less."""
        useful = useful_cache_tokens(self.context, on_gpu=on_gpu)
        return useful if limit is None else min(useful, limit)

    def cache_bytes(self, limit: int | None, *, on_gpu: bool) -> int:
        """Return the bytes of that cache, with the page that the engine keeps free."""
        tokens = self.cache_tokens(limit, on_gpu=on_gpu) + GPU_PAGE_TOKENS
        return tokens * self.kv_bytes_per_token

    def gpu_bytes(self, limit: int | None, gpus: int) -> int:
        """Return what the model takes of each of `gpus` GPUs."""
        spread = self.weights_bytes if gpus == 1 else self.weights_bytes * _UNEVEN
        cache = self.cache_bytes(limit, on_gpu=True) * (1 + _READ_SHARE)
        return -int(-(spread + cache) // gpus) + self.overhead_bytes

    def ram_bytes(self, limit: int | None) -> int:
        """Return what the model takes of main memory when it runs on the CPU."""
        held = self.weights_bytes + self.cache_bytes(limit, on_gpu=False)
        return held * self.cpu_growth + self.overhead_bytes // 2


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU by its number in nvidia-smi; bytes."""

    index: int
    total_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is to share; bytes that are free before any of our engines runs.

    `unused` says in words what is there besides and cannot be planned, such as a GPU of AMD.
    """

    gpus: tuple[Gpu, ...] = ()
    ram_free_bytes: int = 0
    cores: int = 1
    unused: tuple[str, ...] = ()

    def room(self) -> dict[int, int]:
        """Return the bytes that models may take of each device, a small reserve kept."""
        gpus = {gpu.index: int(gpu.free_bytes * _GPU_SHARE) for gpu in self.gpus}
        return {**gpus, RAM: int(self.ram_free_bytes * _RAM_SHARE)}


class Stay(StrEnum):
    """How long a model is in memory."""

    LOADED = "loaded"
    """From the start; it stays if everything fits."""

    ON_DEMAND = "on demand"
    """In turn with others, because not everything fits."""

    REFUSED = "refused"
    """Never: this machine is too small for it, or lacks the device that it asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a model runs. `takes` holds its bytes of each device; empty when it is refused.

    `cache_bytes` is for the engine; None leaves it to the engine. `shortened_context` is the
    context, in tokens, where the cache is too small for the model's own. `reason` says it in words.
    """

    key: ModelKey
    stay: Stay
    reason: str
    takes: Mapping[int, int] = field(default_factory=dict)
    cache_tokens: int | None = None
    cache_bytes: int | None = None
    shortened_context: int | None = None
    missing_bytes: int = 0

    @property
    def gpus(self) -> tuple[int, ...]:
        """The numbers of its GPUs; empty for a model on the CPU."""
        return tuple(sorted(device for device in self.takes if device != RAM))

    @property
    def where(self) -> str:
        """The devices in words."""
        if not self.takes:
            return "nowhere"
        if not self.gpus:
            return "CPU"
        return f"GPU{'s' if len(self.gpus) > 1 else ''} {', '.join(map(str, self.gpus))}"


def observed(believed: Machine, now: Machine, resident: Iterable[Placement]) -> Machine:
    """Return the machine as other programs have left it, told from what is free just now.

    What our engines hold counts as free, as planned. Where one of them is, a GPU is never believed
    to have become larger: it may not hold yet what was planned for it. Small changes count as none.
    """
    ours: Counter[int] = Counter()
    for placement in resident:
        ours.update(placement.takes)
    found = {gpu.index: gpu for gpu in now.gpus}
    gpus = (_observed(gpu, found.get(gpu.index), ours[gpu.index]) for gpu in believed.gpus)
    return replace(believed, gpus=tuple(gpus))


def _observed(believed: Gpu, now: Gpu | None, ours: int) -> Gpu:
    if now is None:
        return believed
    free = max(now.free_bytes + ours, -int(-ours // _GPU_SHARE))
    growth = free - believed.free_bytes
    if abs(growth) <= _UNNOTICED or (growth > 0 and ours):
        return believed
    return replace(believed, free_bytes=min(free, believed.total_bytes))
