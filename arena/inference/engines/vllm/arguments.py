"""A catalog row and its placement as options of `vllm serve`."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from arena.catalog import ModelRow
from arena.checkpoints.hub_cache import is_hub_model
from arena.inference.placement import Placement

MODULE: Final = "vllm.entrypoints.cli.main"
"""The module behind the command `vllm`; it is started by a Python, not found in PATH."""

_QUANTIZATIONS: Final = {"fp8": "fp8", "bitsandbytes-4bit": "bitsandbytes"}


def serve_arguments(
    row: ModelRow,
    placement: Placement | None,
    gpu_totals: Mapping[int, int],
    template: Path | None = None,
) -> tuple[str, ...]:
    """Return the command line behind the Python, without the port.

    `gpu_totals` holds the bytes of each GPU, `template` is a file with the row's own. The row's
    arguments come first: of an option that is given twice, vLLM takes the last.
    """
    options = dict(_options(row, placement, gpu_totals))
    if template is not None:
        options["--chat-template"] = str(template)
    flags = ["--disable-uvicorn-access-log"]
    if row.trust_remote_code:
        flags.append("--trust-remote-code")
    pairs = (part for pair in options.items() for part in pair)
    return ("-m", MODULE, "serve", row.resolved_source(), *row.arguments, *pairs, *flags)


def gpus_of(row: ModelRow, placement: Placement | None) -> Sequence[int] | None:
    """Return the GPUs that a model has; None where neither the plan nor its row says it."""
    if placement is not None:
        return placement.gpus
    return None if isinstance(row.devices, str) else row.devices


def _options(
    row: ModelRow, placement: Placement | None, gpu_totals: Mapping[int, int]
) -> Iterator[tuple[str, str]]:
    yield "--host", "127.0.0.1"
    yield "--served-model-name", row.key
    yield "--dtype", row.dtype
    # The checkpoint's generation_config.json would change what the row says of sampling.
    yield "--generation-config", "vllm"
    yield "--tensor-parallel-size", str(len(gpus_of(row, placement) or (0,)))
    if row.revision is not None and is_hub_model(row):
        for option in ("--revision", "--tokenizer-revision", "--code-revision"):
            yield option, row.revision
    if row.quantization is not None:
        yield "--quantization", _QUANTIZATIONS[row.quantization]
    yield from _memory(row, placement, gpu_totals)


def _memory(
    row: ModelRow, placement: Placement | None, gpu_totals: Mapping[int, int]
) -> Iterator[tuple[str, str]]:
    context = row.max_context
    if placement is not None:
        context = placement.shortened_context or context
        shares = [
            taken / gpu_totals[gpu] for gpu, taken in placement.takes.items() if gpu in gpu_totals
        ]
        if shares:
            yield "--gpu-memory-utilization", f"{math.floor(min(shares) * 1000) / 1000:.3f}"
    if context is not None:
        yield "--max-model-len", str(context)
