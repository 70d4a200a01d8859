"""Puts models on devices one after another: largest first, evenly, or tightly if that fails."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from arena.domain.byte_sizes import GIB, size_text
from arena.domain.conversation import ModelKey
from arena.inference.placement.sizes import (
    MIN_CACHE_TOKENS,
    RAM,
    DevicePreference,
    Footprint,
    Machine,
    Placement,
    Stay,
)

UNKNOWN_GPU_CACHE, UNKNOWN_CPU_CACHE = 4 * GIB, GIB
"""Cache of a model whose size is not known yet: little enough to leave room once it is."""

UNKNOWN = "size unknown until downloaded"


@dataclass(frozen=True, slots=True)
class Request:
    """A model to be placed. `footprint` None: not known before its files are here.

    `max_cache` is its own limit in tokens: what fits when it is alone. `tensor_parallel`: it is
    spread over 1, 2, 4, ... GPUs, as its attention heads divide, and never runs on a CPU.
    """

    key: ModelKey
    footprint: Footprint | None
    preference: DevicePreference = "auto"
    max_cache: int | None = None
    tensor_parallel: bool = False

    def limit(self, common: int | None) -> int | None:
        """Return the lower one of a common limit and this model's own."""
        known = [limit for limit in (common, self.max_cache) if limit is not None]
        return min(known, default=None)


def pack(
    requests: Sequence[Request],
    machine: Machine,
    *,
    limit: int | None,
    beside: Iterable[Placement] = (),
) -> tuple[Placement, ...] | None:
    """Place all requests beside what is there, or return None when they do not fit together.

    `limit` is the most tokens of cache for each. Evenly over the GPUs first, so that models do
    not share a GPU's speed needlessly; then tightly.
    """
    room = machine.room()
    for placement in beside:
        for device, taken in placement.takes.items():
            room[device] = room.get(device, 0) - taken
    ordered = sorted(requests, key=lambda request: _urgency(request, machine))
    for tight in (False, True):
        packing = _Packing(machine, dict(room), limit, tight=tight)
        placed = [packing.place(request) for request in ordered]
        if None not in placed:
            return tuple(placement for placement in placed if placement is not None)
    return None


def _urgency(request: Request, machine: Machine) -> tuple[bool, bool, int, str]:
    """Return a sort key: known sizes first, then models bound to devices, then the largest."""
    size = request.footprint.weights_bytes if request.footprint else 0
    bound = not isinstance(request.preference, str)
    return (request.footprint is None, not (bound and machine.gpus), -size, request.key)


def fewest_gpus(
    footprint: Footprint, machine: Machine, *, tensor_parallel: bool = False
) -> int | None:
    """Return on how many GPUs of the empty machine a model fits; None when on no number.

    With the smallest cache: a shorter one is better than a model on several GPUs.
    """
    limit = MIN_CACHE_TOKENS
    room = sorted((left for device, left in machine.room().items() if device != RAM), reverse=True)
    for count in _counts(1, len(room), tensor_parallel=tensor_parallel):
        if footprint.gpu_bytes(limit, count) <= room[count - 1]:
            return count
    return None


def _counts(fewest: int, most: int, *, tensor_parallel: bool) -> list[int]:
    """Return the numbers of GPUs that a model may be spread over."""
    counts = range(fewest, most + 1)
    return [count for count in counts if not tensor_parallel or count.bit_count() == 1]


class _Packing:
    """One attempt. `room` shrinks as models are placed."""

    def __init__(
        self, machine: Machine, room: dict[int, int], limit: int | None, *, tight: bool
    ) -> None:
        self._machine = machine
        self._room = room
        self._limit = limit
        self._tight = tight

    def place(self, request: Request) -> Placement | None:
        limit = request.limit(self._limit)
        takes = self._takes(request, limit)
        if takes is None:
            return None
        for device, taken in takes.items():
            self._room[device] -= taken
        return _placement(request, takes, limit)

    def _takes(self, request: Request, limit: int | None) -> dict[int, int] | None:
        if request.footprint is None:
            return self._all_that_is_left(request.preference)
        if request.preference == "cpu" or (request.preference == "auto" and not self._machine.gpus):
            need = request.footprint.ram_bytes(limit)
            return {RAM: need} if need <= self._room[RAM] else None
        if not isinstance(request.preference, str):
            need = request.footprint.gpu_bytes(limit, len(request.preference))
            fits = all(self._room.get(device, -1) >= need for device in request.preference)
            return dict.fromkeys(request.preference, need) if fits else None
        return self._free_choice(request.footprint, limit, tensor_parallel=request.tensor_parallel)

    def _free_choice(
        self, footprint: Footprint, limit: int | None, *, tensor_parallel: bool
    ) -> dict[int, int] | None:
        """Choose the GPUs: one if one is ever large enough, since a model on several is slower."""
        fewest = fewest_gpus(footprint, self._machine, tensor_parallel=tensor_parallel)
        if fewest is None:
            return None
        most = 1 if fewest == 1 else len(self._machine.gpus)
        for count in _counts(fewest, most, tensor_parallel=tensor_parallel):
            need = footprint.gpu_bytes(limit, count)
            large = [gpu for gpu in self._gpus_by_room() if self._room[gpu] >= need]
            if len(large) >= count:
                chosen = large[-count:] if self._tight else large[:count]
                return dict.fromkeys(chosen, need)
        return None

    def _all_that_is_left(self, preference: DevicePreference) -> dict[int, int] | None:
        """Return the rest of a model's devices, if that is half or more: its size is unknown."""
        if not isinstance(preference, str):
            chosen = preference
        elif preference == "cpu" or not self._machine.gpus:
            chosen = (RAM,)
        else:
            chosen = (self._gpus_by_room()[0],)
        whole = self._machine.room()
        if any(self._room.get(device, 0) * 2 < whole.get(device, 1) for device in chosen):
            return None
        return {device: self._room[device] for device in chosen}

    def _gpus_by_room(self) -> list[int]:
        """Return GPU numbers, the one with most room first; equal ones in their order."""
        gpus = [device for device in self._room if device != RAM]
        return sorted(gpus, key=lambda gpu: (-self._room[gpu], gpu))


def _placement(request: Request, takes: dict[int, int], limit: int | None) -> Placement:
    placed = Placement(key=request.key, stay=Stay.LOADED, reason=UNKNOWN, takes=takes)
    footprint = request.footprint
    if footprint is None:
        return replace(placed, cache_bytes=UNKNOWN_CPU_CACHE if RAM in takes else UNKNOWN_GPU_CACHE)
    growth, on_gpu = _growth(takes, footprint), RAM not in takes
    tokens = footprint.cache_tokens(limit, on_gpu=on_gpu)
    cache = footprint.cache_bytes(limit, on_gpu=on_gpu) * growth
    weights = size_text(footprint.weights_bytes * growth)
    each = " on each" if len(takes) > 1 else ""
    reason = (
        f"{weights} of weights and {size_text(cache)} of cache ({tokens:,} tokens) take "
        f"{size_text(max(takes.values()))}{each}"
    )
    shortened = tokens if tokens < footprint.context else None
    if shortened is not None:
        reason += f"; context shortened from {footprint.context:,} to {tokens:,} tokens"
    return replace(
        placed,
        reason=reason,
        cache_tokens=tokens,
        cache_bytes=cache or None,
        shortened_context=shortened,
    )


def _growth(takes: Mapping[int, int], footprint: Footprint) -> int:
    return footprint.cpu_growth if RAM in takes else 1


def settled(placement: Placement, footprint: Footprint) -> Placement:
    """Return the placement of a model that was loaded before its size was known, now it is."""
    token = max(footprint.kv_bytes_per_token * _growth(placement.takes, footprint), 1)
    limit = (placement.cache_bytes or 0) // token
    on_cpu = RAM in placement.takes
    gpus = len(placement.takes)
    need = footprint.ram_bytes(limit) if on_cpu else footprint.gpu_bytes(limit, gpus)
    known = Request(placement.key, footprint)
    return _placement(known, dict.fromkeys(placement.takes, need), limit)


def refusal(request: Request, machine: Machine) -> Placement | None:
    """Return why a model can never run on this machine, or None when it can."""
    if not isinstance(request.preference, str):
        absent = sorted(set(request.preference) - {gpu.index for gpu in machine.gpus})
        if absent:
            names = ", ".join(map(str, absent))
            unused = "".join(f" ({words})" for words in machine.unused)
            return _refused(request.key, f"this machine has no GPU {names}{unused}", 0)
    if request.tensor_parallel and not machine.gpus:
        unused = "".join(f" ({words})" for words in machine.unused)
        return _refused(request.key, f"vLLM needs a GPU, and this machine has none{unused}", 0)
    if request.footprint is None or pack([request], machine, limit=MIN_CACHE_TOKENS):
        return None
    return _too_large(request, request.footprint, machine)


def _too_large(request: Request, footprint: Footprint, machine: Machine) -> Placement:
    limit, room = MIN_CACHE_TOKENS, machine.room()
    devices = _all_candidates(request.preference, machine)
    prefix = ""
    if request.tensor_parallel and request.preference == "auto" and len(devices) > 1:
        count = _counts(1, len(devices), tensor_parallel=True)[-1]
        devices = tuple(sorted(sorted(devices, key=lambda gpu: -room[gpu])[:count]))
        prefix = "vLLM spreads a model over 1, 2, 4, ... GPUs: "
    if devices == (RAM,):
        need, name = footprint.ram_bytes(limit), "main memory"
    else:
        need = footprint.gpu_bytes(limit, len(devices))
        name = f"GPU {devices[0]}" if len(devices) == 1 else f"GPUs {', '.join(map(str, devices))}"
    missing = sum(max(need - room[device], 0) for device in devices)
    has = size_text(sum(room[device] for device in devices))
    reason = (
        f"{prefix}needs {size_text(need * len(devices))} on {name} and has {has}: "
        f"{size_text(missing)} are missing"
    )
    return _refused(request.key, reason, missing)


def _all_candidates(preference: DevicePreference, machine: Machine) -> tuple[int, ...]:
    if not isinstance(preference, str):
        return preference
    gpus = () if preference == "cpu" else tuple(gpu.index for gpu in machine.gpus)
    return gpus or (RAM,)


def _refused(key: ModelKey, reason: str, missing: int) -> Placement:
    return Placement(key=key, stay=Stay.REFUSED, reason=reason, missing_bytes=missing)


def by_key(placements: Iterable[Placement]) -> dict[ModelKey, Placement]:
    """Return placements by the model that they are of."""
    return {placement.key: placement for placement in placements}


def requests_of(
    footprints: Mapping[ModelKey, Footprint | None],
    preferences: Mapping[ModelKey, DevicePreference],
    tensor_parallel: Collection[ModelKey] = (),
) -> dict[ModelKey, Request]:
    """Return a request for each model, in the same order."""
    return {
        key: Request(
            key,
            footprint,
            preferences.get(key, "auto"),
            tensor_parallel=key in tensor_parallel,
        )
        for key, footprint in footprints.items()
    }
