"""A GGUF file as a checkpoint: converted once into the user's cache, and loaded from there."""

import os
import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from huggingface_hub.utils import (  # type: ignore[attr-defined]  # it exports by __getattr__
    WeakFileLock,
)

from arena.catalog import ModelRow
from arena.checkpoints.checkpoint_size import ITEM_BYTES
from arena.checkpoints.converted_copies import converted_copy
from arena.checkpoints.gguf_header import GgufFault, GgufHeader, is_gguf
from arena.checkpoints.gguf_support import GGUF_PACKAGE, readable_header
from arena.checkpoints.hub_cache import free_bytes
from arena.checkpoints.repository_files import is_complete
from arena.domain.byte_sizes import GIB, size_text
from arena.engine.loading.failures import LoadingFailed, is_memory_fault, loading_failure
from arena.engine.loading.progress import Report

SPARE_BYTES: Final = GIB
"""Disk that a conversion leaves free: the votes may lie on the same one."""

_AUTO: Final = "float32"
"""What `dtype: auto` is kept in: an unpacked weight has more digits than bfloat16."""

_FAULTS: Final = (
    *(OSError, ValueError, ImportError, RuntimeError, AttributeError, TypeError, LookupError),
)
"""What transformers and the disk raise."""


def unpacked(row: ModelRow, report: Report, environment: Mapping[str, str]) -> ModelRow:
    """Return a row whose GGUF file is replaced by the folder of its conversion; others unchanged.

    Converts what was not converted before; blocks for seconds to minutes. Of several engines one
    converts and the others wait. Raises LoadingFailed, and what says that memory was too small.
    """
    file = Path(row.resolved_source())
    if not is_gguf(file):
        return row
    dtype = _AUTO if row.dtype == "auto" else row.dtype
    folder = _converted(file, dtype, report, environment)
    return row.model_copy(update={"source": str(folder), "revision": None})


def _converted(file: Path, dtype: str, report: Report, environment: Mapping[str, str]) -> Path:
    try:
        folder = converted_copy(file, dtype, environment)
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise loading_failure(error, str(file)) from error
    with WeakFileLock(folder.parent / "lock"):
        if not is_complete(folder):
            header = _readable(file)
            _refuse_missing_package(file)
            _refuse_full_disk(header, folder.parent, dtype)
            _convert(file, header, folder, dtype, report)
    return folder


def _convert(file: Path, header: GgufHeader, folder: Path, dtype: str, report: Report) -> None:
    """Write a folder beside its place and move it there when it is whole; the lock is held."""
    report(f"converting {file.name}")
    # Imported here: few models need it, and it takes every engine half a second.
    from arena.engine.loading.gguf_conversion import save_model, save_tokenizer

    part = folder.with_name(f"{folder.name}.part")
    try:
        _remove_others(folder.parent)
        save_model(file, header, part, dtype, report)
        save_tokenizer(file, part)
        _flush(part)
        part.replace(folder)
    except _FAULTS as error:
        if is_memory_fault(error):
            raise
        raise loading_failure(error, str(file)) from error


def _readable(file: Path) -> GgufHeader:
    try:
        return readable_header(file)
    except (OSError, GgufFault) as error:
        raise LoadingFailed(f"{file} cannot be loaded: {error}") from error


def _refuse_missing_package(file: Path) -> None:
    if find_spec(GGUF_PACKAGE) is None:
        raise LoadingFailed(
            f"to read {file.name}, the Python package `gguf` is needed: pip install 'arena[gguf]'"
        )


def _refuse_full_disk(header: GgufHeader, cache: Path, dtype: str) -> None:
    numbers = sum(tensor.count for tensor in header.tensors)
    needed = numbers * ITEM_BYTES[dtype] + SPARE_BYTES
    here = free_bytes(cache)
    if needed > here:
        raise LoadingFailed(
            f"the converted model needs {size_text(needed)} in {cache}, {size_text(SPARE_BYTES)} "
            f"of them to spare, and {size_text(here)} is free: free more, set XDG_CACHE_HOME to a "
            "folder on a larger disk, or write `dtype: bfloat16` for half the size"
        )


def _remove_others(parent: Path) -> None:
    """Remove what a killed conversion left, and conversions of what the file was before."""
    for folder in parent.iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)


def _flush(folder: Path) -> None:
    """Write a folder's files to the disk, so that none is empty under its name after a crash."""
    for file in folder.iterdir():
        with file.open("rb+") as opened:
            os.fsync(opened.fileno())
