"""What `arena check` says of models that PyTorch cannot run on the devices of their plan."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from arena.catalog import ModelCatalog
from arena.child_environment import engine_environment
from arena.engine.loading.gpu_support import GpuFacts, unquantisable, unusable
from arena.inference.placement import Placement, Plan

_ANSWER_S: Final = 120


def gpu_warnings(
    catalog: ModelCatalog,
    made: Plan | None,
    environment: Mapping[str, str],
    engine: Sequence[str],
) -> Iterator[str]:
    """Yield why models will be refused by their engines; asks PyTorch only where GPUs are planned.

    `engine` is the command that knows torch.
    """
    placed = [place for place in made.placements.values() if place.takes] if made else []
    planned = sorted({gpu for place in placed for gpu in place.gpus})
    try:
        facts = _asked(planned, environment, engine) if planned else GpuFacts(torch="")
    except (OSError, ValueError, KeyError, TypeError, subprocess.TimeoutExpired) as error:
        yield f"PyTorch could not be asked for its GPUs: {error}"
        return
    for place in placed:
        own, count = _facts_of(place, planned, facts), len(place.gpus)
        quantization = catalog.get(place.key).quantization
        fault = unusable(own, count) or unquantisable(own, count, quantization)
        if fault is not None:
            yield f"models.{place.key}: {fault}"


def _facts_of(place: Placement, planned: Sequence[int], facts: GpuFacts) -> GpuFacts:
    """Return the facts as an engine sees them that has only the GPUs of its placement."""
    if len(facts.gpus) != len(planned):
        return facts
    return replace(facts, gpus=tuple(facts.gpus[planned.index(gpu)] for gpu in place.gpus))


def _asked(
    planned: Sequence[int], environment: Mapping[str, str], engine: Sequence[str]
) -> GpuFacts:
    """Ask for just the planned GPUs, in the order of their numbers in nvidia-smi."""
    visible = {
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "CUDA_VISIBLE_DEVICES": ",".join(map(str, planned)),
    }
    answer = subprocess.run(  # noqa: S603  # our own command
        [*engine, "--gpus"],
        capture_output=True,
        text=True,
        check=False,
        timeout=_ANSWER_S,
        env={**engine_environment(environment, from_hub=False), **visible},
    )
    if answer.returncode:
        raise ValueError(answer.stderr.strip() or f"the engine ended with code {answer.returncode}")
    return GpuFacts.of_document(json.loads(answer.stdout))
