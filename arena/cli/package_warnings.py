"""What `arena check` says of packages that a model needs and that are not installed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from arena.catalog import ModelRow
from arena.checkpoints.checkpoint_size import checkpoint_folder
from arena.checkpoints.quantization_method import quantization_method


@dataclass(frozen=True, slots=True)
class _Needs:
    """Modules that something in a row needs, and how to come by them."""

    modules: tuple[str, ...]
    mend: str


_BITSANDBYTES: Final = _Needs(("bitsandbytes",), "pip install -e '.[bitsandbytes]'")
_GPTQ: Final = _Needs(
    ("gptqmodel", "optimum"),
    "no release fits this arena's PyTorch and NumPy, so take the unquantised checkpoint with "
    "`quantization: bitsandbytes-4bit`, or serve this one elsewhere",
)
"""Releases of 5.6 to 7.6 want NumPy 2.2.6 exactly, 7.7 wants PyTorch 2.14.1 or newer."""

_COMPILING: Final = _Needs(
    ("triton",), "it comes with PyTorch for CUDA (make run without TORCH_INDEX=…/cpu)"
)

_OF_ROWS: Final = {"bitsandbytes-8bit": _BITSANDBYTES, "bitsandbytes-4bit": _BITSANDBYTES}
_OF_CHECKPOINTS: Final = {"bitsandbytes": _BITSANDBYTES, "gptq": _GPTQ, "awq": _GPTQ}


def is_installed(module: str) -> bool:
    """Return whether a module can be imported; does not import it."""
    return find_spec(module) is not None


def package_warnings(
    row: ModelRow,
    environment: Mapping[str, str],
    installed: Callable[[str], bool] = is_installed,
) -> Iterator[str]:
    """Yield what a local model asks for and is missing, as `field: sentence`."""
    if row.gpu_steps == "compiled" and (words := _missing(_COMPILING, installed)):
        yield f"gpu_steps: compiled needs {words}"
    asked = row.quantization or ""
    if words := _missing(_OF_ROWS.get(asked), installed):
        yield f"quantization: {asked} needs {words}"
    folder = checkpoint_folder(row, environment)
    method = (quantization_method(folder) if folder is not None else None) or ""
    if words := _missing(_OF_CHECKPOINTS.get(method), installed):
        yield f"source: the checkpoint is quantised by {method}, which needs {words}"


def _missing(needs: _Needs | None, installed: Callable[[str], bool]) -> str | None:
    missing = [module for module in needs.modules if not installed(module)] if needs else []
    if needs is None or not missing:
        return None
    here = "is not here" if len(missing) == 1 else "are not here"
    return f"{' and '.join(missing)}, which {here}: {needs.mend}"
