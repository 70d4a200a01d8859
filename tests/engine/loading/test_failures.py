"""What passes is tried again; what somebody has to mend is not; a lack of memory has numbers."""

import errno

import httpx2
import pytest
import torch
from safetensors import SafetensorError

from arena.domain.byte_sizes import GIB
from arena.engine.loading.failures import (
    DeviceMemory,
    LoadingFailed,
    is_memory_fault,
    loading_failure,
    memory_failure,
)
from arena.prompting import PromptFormatError

OURS = DeviceMemory("GPU 0", 24 * GIB, 8 * GIB, own_bytes=15 * GIB)
SHARED = DeviceMemory("GPU 0", 24 * GIB, 3 * GIB)


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        ImportError("Using `bitsandbytes` 4-bit quantization requires bitsandbytes: `pip install`"),
        ValueError("The checkpoint you are trying to load has model type `x`"),
        OSError("./w does not appear to have a file named model.safetensors"),
        FileNotFoundError(errno.ENOENT, "No such file"),
        PermissionError(errno.EACCES, "Permission denied"),
        RuntimeError("Error(s) in loading state_dict: size mismatch"),
        AttributeError("'Config' has no attribute 'n_head'"),
        KeyError("layers"),
        SafetensorError("Error while deserializing header: header too large"),
    ],
)
def test_what_somebody_has_to_mend_is_final(error: Exception) -> None:
    failure = loading_failure(error, "./w")
    assert failure.permanent
    assert str(failure).startswith("./w: ")


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EMFILE, "Too many open files"),
        OSError(errno.EIO, "Input/output error"),
        OSError("We couldn't connect to 'https://huggingface.co' to load the files"),
        caused(OSError("There was a specific error"), httpx2.ConnectError("no route")),
        ConnectionResetError("reset"),
        TimeoutError("late"),
        RuntimeError("CUDA error: all CUDA-capable devices are busy or unavailable"),
        torch.OutOfMemoryError("CUDA out of memory."),
        MemoryError(),
    ],
)
def test_what_passes_is_tried_again(error: Exception) -> None:
    assert not loading_failure(error, "./w").permanent


def test_outside_of_a_checkpoint_only_known_kinds_are_final() -> None:
    assert loading_failure(ImportError("no torch")).permanent
    assert loading_failure(PromptFormatError("no template")).permanent
    assert not loading_failure(RuntimeError("a thread could not be started")).permanent
    assert str(loading_failure(RuntimeError("x"))) == "RuntimeError: x"


def test_a_failure_stays_what_it_is() -> None:
    failure = LoadingFailed("so", permanent=False)
    assert loading_failure(failure, "./w") is failure


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("Memory footprint 9 is more than available memory 8"),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
        caused(RuntimeError("the batch has died"), MemoryError("8")),
    ],
)
def test_a_lack_of_memory_is_known_in_all_its_words(error: Exception) -> None:
    assert is_memory_fault(error)


def test_other_errors_are_no_lack_of_memory() -> None:
    assert not is_memory_fault(ValueError("mask"))
    assert not is_memory_fault(None)


def test_a_lack_of_memory_says_what_is_needed_what_is_free_and_what_to_change() -> None:
    error = MemoryError(f"Memory footprint {9 * GIB} is more than available memory {8 * GIB}")
    failure = memory_failure(error, OURS)
    assert failure.permanent
    assert str(failure).startswith(
        "out of memory: the model needs 9.0 GiB at once and finds 8.0 GiB of 24.0 GiB free on GPU 0"
    )
    assert "lower max_context, quantise" in str(failure)


def test_what_torch_asked_for_is_read_from_its_words() -> None:
    error = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 512.00 MiB. GPU 0 has …")
    assert "needs 0.5 GiB at once" in str(memory_failure(error, OURS))


def test_memory_that_others_hold_may_come_back() -> None:
    failure = memory_failure(MemoryError("x"), SHARED, needed_bytes=13 * GIB)
    assert not failure.permanent
    assert "20.0 GiB are held by other programs; end those programs" in str(failure)


def test_a_model_that_is_larger_than_what_others_hold_never_fits() -> None:
    assert memory_failure(MemoryError("x"), SHARED, needed_bytes=40 * GIB).permanent
