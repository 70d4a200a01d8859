"""What is here: versions, the card and its speed; and a hidden GPU is refused, not replaced."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from tests.benchmarks.gpu import copied_bytes_per_s
from tests.gpu.sizes import Sizes
from tests.gpu.stages import NO_CUDA, Told, finding

_HIDDEN: Final = """
from arena.catalog import ModelRow
from arena.engine.loading.devices import refuse_devices
from arena.engine.loading.failures import LoadingFailed
from arena.engine.loading.gpus import GpuProbe

row = ModelRow(key="m", name="M", backend="local", source="/nowhere", devices=(0,))
try:
    refuse_devices(row, GpuProbe())
except LoadingFailed as failure:
    print(failure)
else:
    raise SystemExit("a model for a GPU was not refused where none can be seen")
"""


def stage(sizes: Sizes) -> Iterator[Told]:
    """Tell the versions first: they are known even where all else fails."""
    yield _versions()
    yield _card(sizes)
    moved = copied_bytes_per_s(sizes.device, sizes.copy_bytes)
    yield finding("copy within the device", f"{moved / 1e9:.0f} GB/s", bytes_per_s=moved)
    hidden = subprocess.run(
        [sys.executable, "-c", _HIDDEN],
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=40,
    )
    refused = hidden.stdout.strip() or hidden.stderr.strip().splitlines()[-1]
    what = "a GPU that is planned and hidden"
    yield finding(what, f"{'refused' if hidden.returncode == 0 else 'WRONG'}: {refused}")


def _versions() -> Told:
    import torch

    named = {name: _version(name) for name in ("transformers", "triton", "flash_attn")}
    known = ", ".join(f"{name} {one}" for name, one in named.items() if one)
    python = sys.version.split()[0]
    found = f"Python {python}, torch {torch.__version__} (CUDA {torch.version.cuda}), {known}"
    return finding("versions", found, **named)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _card(sizes: Sizes) -> Told:
    import torch

    from arena.engine.batching.flash_attention import built_in_kernel
    from arena.engine.loading.gpus import gpu_facts

    facts = gpu_facts()
    pages = "with" if built_in_kernel().takes_pages else "without"
    kernel = f"built-in flash attention {pages} pages"
    if not sizes.on_gpu:
        return finding("the card", f"{NO_CUDA}; {kernel}", trouble=facts.trouble)
    free, total = torch.cuda.mem_get_info()
    gpu, gib = facts.gpus[0], 2**30
    where = (
        f"{gpu.name}, capability {gpu.capability}, {free / gib:.0f} of {total / gib:.0f} GiB free"
    )
    return finding("the card", f"{where}, driver {facts.driver}; {kernel}")
