"""Where checkpoints lie that were converted from another format on this machine."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

CONVERSION: Final = 1
"""Raised with every change to what a conversion writes, so that older copies are not taken."""

_DIGITS: Final = 12


def converted_copy(file: Path, dtype: str, environment: Mapping[str, str]) -> Path:
    """Return the folder for the conversion of a file as it is now; it may not be there yet.

    Its parent holds all conversions of this path into this number format. Raises OSError.
    """
    home = environment.get("XDG_CACHE_HOME") or "~/.cache"
    root = Path(home).expanduser() / "arena" / "converted"
    stated = file.stat()
    state = _digest(CONVERSION, stated.st_size, stated.st_mtime_ns)
    return root / f"{file.stem}-{dtype}-{_digest(file.resolve())}" / state


def _digest(*parts: object) -> str:
    text = "\0".join(map(str, parts))
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
