"""A row's footprint: from the checkpoint's files, else from `arena engine --describe`."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from arena.catalog import ModelRow
from arena.checkpoints.checkpoint_size import (
    ITEM_BYTES,
    checkpoint_folder,
    checkpoint_size,
    weights_bytes,
)
from arena.checkpoints.kv_cache import DEFAULT_CONTEXT
from arena.child_environment import visible_gpus
from arena.inference.engine_questions import NoAnswer, ask_engine
from arena.inference.placement.sizes import ENGINE_OVERHEAD, VLLM_OVERHEAD, Footprint

logger = logging.getLogger(__name__)

_DESCRIBE_S = 120
_OFFLINE = {"HF_HUB_OFFLINE": "1"}


def footprint_by_files(row: ModelRow, environment: Mapping[str, str]) -> Footprint | None:
    """Return the footprint of a row whose safetensors are on this machine; takes milliseconds."""
    folder = checkpoint_folder(row, environment)
    size = checkpoint_size(folder) if folder is not None else None
    if size is None:
        return None
    stated = size.context or DEFAULT_CONTEXT
    return Footprint(
        weights_bytes=weights_bytes(size, row),
        kv_bytes_per_token=size.cache_numbers * ITEM_BYTES[row.dtype],
        context=min(stated, row.max_context or stated),
        cpu_growth=_cpu_growth(row, quantized=size.quantized),
        overhead_bytes=_overhead(row),
    )


def footprint_by_engine(
    row: ModelRow, environment: Mapping[str, str], engine: Sequence[str]
) -> Footprint | None:
    """Return the footprint as the engine counts it on the meta device: seconds, no network.

    The engine gets the row itself, whatever the file of the catalog says by now. None when there
    is nothing here to count, such as a hub model that was never downloaded.
    """
    try:
        description = ask_engine(
            engine,
            ("--describe", row.key, "--row-on-stdin", "--json"),
            environment={**environment, **_OFFLINE, **visible_gpus(())},
            row=row,
            within_s=_DESCRIBE_S,
        )
        return _of_description(row, description)
    except (NoAnswer, ValueError, KeyError, TypeError) as error:
        logger.info("the size of %s is not known: %r", row.key, error)
        return None


def footprint(
    row: ModelRow, environment: Mapping[str, str], engine: Sequence[str]
) -> Footprint | None:
    """Return a row's footprint, or None while it cannot be known. Blocking."""
    if checkpoint_folder(row, environment) is None:
        return None
    by_files = footprint_by_files(row, environment)
    return by_files or footprint_by_engine(row, environment, engine)


def _cpu_growth(row: ModelRow, *, quantized: bool) -> int:
    return 2 if row.dtype == "auto" and not quantized and row.quantization is None else 1


def _overhead(row: ModelRow) -> int:
    """Return what an engine needs of each GPU besides weights and cache."""
    return VLLM_OVERHEAD if row.engine == "vllm" else ENGINE_OVERHEAD


def _of_description(row: ModelRow, description: Mapping[str, Any]) -> Footprint:
    """Return the footprint from an engine that saw no GPU; it says in which format it counted.

    For main memory `auto` stays the wider of the two that an engine may take on a CPU.
    """
    halves = 2 if row.dtype == "auto" and description.get("dtype") != "bfloat16" else 1
    growth = _cpu_growth(row, quantized=False)
    return Footprint(
        weights_bytes=int(description["weights_bytes"]) // (halves if growth == 2 else 1),
        kv_bytes_per_token=int(description["kv_bytes_per_token"]) // halves,
        context=int(description["context"]),
        cpu_growth=growth,
        overhead_bytes=_overhead(row),
    )
