"""Addresses of our own style sheets and scripts."""

from pathlib import Path
from zlib import crc32

STATIC = Path(__file__).parents[1] / "static"


def static_address(name: str) -> str:
    """Return the address of a file of ours, another one for other contents."""
    return f"/arena-static/{name}?{crc32((STATIC / name).read_bytes()):08x}"
