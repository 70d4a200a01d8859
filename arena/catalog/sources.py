"""What the `source` of a local model may be, and where that is."""

import re
import sysconfig
from importlib.util import find_spec
from pathlib import Path
from typing import Final

EMBEDDED_PREFIX: Final = "embedded:"
PACKAGE_PREFIX: Final = "package:"
SOURCE_HINT: Final = (
    "a hub id such as Qwen/Qwen1.5-14B-Chat, ./folder, ./file.gguf, or embedded:NAME"
)

_CHECKPOINTS = Path(__file__).parent.parent / "embedded" / "checkpoints"
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+|[\w.-]+")
_IN_PACKAGE = re.compile(r"[A-Za-z_]\w*(?:/[\w-][\w.-]*)+")
_PATHS = (".", "/", "~")
_GGUF = ".gguf"


def resolved(source: str, directory: Path) -> str:
    """Return a hub id unchanged, anything else as an absolute path, whether it exists or not.

    `directory` is where relative paths begin.
    """
    if source.startswith(EMBEDDED_PREFIX):
        return str(_CHECKPOINTS / source.removeprefix(EMBEDDED_PREFIX))
    if source.startswith(PACKAGE_PREFIX):
        return str(_in_package(source))
    if source.startswith(_PATHS):
        return str((directory / Path(source).expanduser()).resolve())
    return source


def package_of(source: str) -> str | None:
    """Return the Python package that a source lies in; None for other sources."""
    if not source.startswith(PACKAGE_PREFIX):
        return None
    return source.removeprefix(PACKAGE_PREFIX).partition("/")[0]


def source_fault(source: str) -> str | None:
    """Return what is wrong with the spelling of a source; None where nothing is."""
    if source.startswith(_PATHS):
        return None
    if source.startswith(PACKAGE_PREFIX):
        named = _IN_PACKAGE.fullmatch(source.removeprefix(PACKAGE_PREFIX))
        return None if named else f"write package:PACKAGE/FILE ({source!r})"
    if source.lower().endswith(_GGUF):
        return (
            f"a GGUF file is a file of this machine: download it and write its path, such as "
            f"./{source.rpartition('/')[2]} ({source!r})"
        )
    if not _HUB_ID.fullmatch(source.removeprefix(EMBEDDED_PREFIX)):
        return f"write {SOURCE_HINT} ({source!r})"
    return None


def _in_package(source: str) -> Path:
    """Return the place of `package:PACKAGE/FILE` without running any code of the package."""
    package, _, file = source.removeprefix(PACKAGE_PREFIX).partition("/")
    found = find_spec(package)
    folders = list(found.submodule_search_locations or ()) if found is not None else []
    where = Path(folders[0]) if folders else Path(sysconfig.get_path("purelib"), package)
    return where / file
