"""The plan of `arena check`: where each local model would run, and what does not fit."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from arena.catalog import ModelCatalog
from arena.cli.wording import pluralized
from arena.domain.byte_sizes import size_text
from arena.inference.engines.environment import environment_of
from arena.inference.placement import Machine, Placement, Plan, Stay, plan
from arena.inference.placement.machine import this_machine
from arena.inference.placement.measuring import footprint
from arena.inference.placement.sizes import RAM


def planned(
    catalog: ModelCatalog, environment: Mapping[str, str], engine: Sequence[str]
) -> Plan | None:
    """Return the plan of the enabled local models on this machine; None when there are none.

    Without the network: a hub model that was never downloaded has no known size.
    """
    rows = [row for row in catalog.enabled() if row.backend == "local"]
    if not rows:
        return None
    footprints = {row.key: footprint(row, environment_of(row, environment), engine) for row in rows}
    preferences = {row.key: row.devices for row in rows}
    in_vllm = [row.key for row in rows if row.engine == "vllm"]
    return plan(footprints, this_machine(environment), preferences, in_vllm)


def plan_lines(made: Plan | None) -> Iterator[str]:
    """Yield the plan in words."""
    if made is None:
        return
    yield f"\nOn this machine: {_machine_text(made.machine)}"
    yield from made.machine.unused
    width = max(len(key) for key in made.placements)
    for key, place in made.placements.items():
        yield f"{key.ljust(width)}  {_answer(place).ljust(22)}  {place.reason}"
    if not made.all_together:
        yield "Not all fit at once: they take turns, and every pair that fits meets in time."
    for key in made.placements:
        partners = [
            other for other in made.placements if {key, other} in made.apart and key < other
        ]
        if partners:
            yield f"No battles, for they never fit together: {key} with {', '.join(partners)}"


def plan_document(made: Plan | None) -> dict[str, Any] | None:
    """Return the plan as JSON-able values; sizes in bytes."""
    if made is None:
        return None
    return {
        "machine": {
            "gpus": [
                {"index": gpu.index, "total_bytes": gpu.total_bytes, "free_bytes": gpu.free_bytes}
                for gpu in made.machine.gpus
            ],
            "ram_free_bytes": made.machine.ram_free_bytes,
            "cores": made.machine.cores,
            "unused": list(made.machine.unused),
        },
        "models": [_placement_document(place) for place in made.placements.values()],
        "apart": [sorted(pair) for pair in made.apart],
    }


def _placement_document(place: Placement) -> dict[str, Any]:
    return {
        "key": place.key,
        "stay": place.stay.value,
        "gpus": list(place.gpus),
        "takes_bytes": {_device(device): taken for device, taken in place.takes.items()},
        "cache_tokens": place.cache_tokens,
        "cache_bytes": place.cache_bytes,
        "missing_bytes": place.missing_bytes,
        "reason": place.reason,
    }


def _device(device: int) -> str:
    return "ram" if device == RAM else f"gpu{device}"


def _answer(place: Placement) -> str:
    return "refused" if place.stay is Stay.REFUSED else f"{place.stay.value}, {place.where}"


def _machine_text(machine: Machine) -> str:
    gpus = [
        f"GPU {gpu.index} with {size_text(gpu.free_bytes)} of {size_text(gpu.total_bytes)} free"
        for gpu in machine.gpus
    ] or ["no GPU"]
    ram = f"{size_text(machine.ram_free_bytes)} of main memory free"
    return ", ".join([*gpus, ram, pluralized(machine.cores, "core")])
