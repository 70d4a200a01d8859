"""Numbers of bytes, and how people read them."""

from typing import Final

MIB: Final = 2**20
GIB: Final = 2**30


def size_text(size_bytes: float) -> str:
    """Return a number of bytes in GiB, or in MiB below a tenth of a GiB: `13.5 GiB`, `5.0 MiB`."""
    if size_bytes >= GIB / 10:
        return f"{size_bytes / GIB:.1f} GiB"
    return f"{size_bytes / MIB:.1f} MiB"
