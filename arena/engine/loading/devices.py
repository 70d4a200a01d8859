"""Before a model is loaded: can torch use what it is planned for, and is there room now?

Without this, a model for a GPU that torch does not see would load on the CPU and say «ready».
"""

import logging
from pathlib import Path

from arena.catalog import ModelRow
from arena.checkpoints.checkpoint_size import checkpoint_size, weights_bytes
from arena.engine.loading.failures import LoadingFailed, memory_failure
from arena.engine.loading.gpu_support import GpuFacts, unquantisable, unusable
from arena.engine.loading.gpus import GpuProbe

logger = logging.getLogger(__name__)


def refuse_devices(row: ModelRow, probe: GpuProbe) -> None:
    """Raise LoadingFailed when a row's devices cannot run it, or have no room for its weights."""
    if row.devices == "cpu" and row.quantization is None:
        return  # to ask is to initialise CUDA
    facts = probe.facts()
    planned = _planned_gpus(row, facts)
    fault = unusable(facts, planned) or unquantisable(facts, planned, row.quantization)
    if fault is not None:
        raise LoadingFailed(fault)
    if planned:
        _refuse_without_room(row, planned, probe)
    elif row.devices == "auto":
        logger.info("no GPU for this model: %s", facts.trouble or facts.build)


def _planned_gpus(row: ModelRow, facts: GpuFacts) -> int:
    if isinstance(row.devices, str):
        return min(len(facts.gpus), 1) if row.devices == "auto" else 0
    return len(row.devices)


def _refuse_without_room(row: ModelRow, planned: int, probe: GpuProbe) -> None:
    """Compare the weights with what is free at this moment: to load them would take minutes."""
    size = checkpoint_size(Path(row.resolved_source()))
    if size is None:
        return
    needed, memory = weights_bytes(size, row), probe.memory(planned)
    if needed > memory.free_bytes:
        raise memory_failure(
            MemoryError("its weights alone do not fit"), memory, needed_bytes=needed
        )
