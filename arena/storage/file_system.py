"""Whether SQLite can keep a ledger on a file system, told by the system's list of mounts."""

import os
import re
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")
"""Device, mount point, type, options, a line each; only Linux has it."""

_NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "ncpfs", "afs", "coda", "davfs"),
        *("ceph", "lustre", "gpfs", "beegfs", "glusterfs", "orangefs", "pvfs2"),
    }
)
_NETWORK_FUSE = frozenset(
    {
        *("sshfs", "glusterfs", "ceph", "ceph-fuse", "smbnetfs", "davfs", "davfs2", "curlftpfs"),
        *(
            "s3fs",
            "rclone",
            "gcsfuse",
            "goofys",
            "juicefs",
            "blobfuse",
            "blobfuse2",
            "mountpoint-s3",
        ),
    }
)
_OCTAL = re.compile(r"\\([0-7]{3})")


def network_file_system(path: Path, mounts: Path = MOUNTS) -> str | None:
    """Return the type of the network file system that a file is, or would be, on.

    None for a disk of this machine, and where the system has no list of mounts.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    kind = _kind_at(Path(os.path.realpath(path)), lines)
    return kind if kind is not None and _is_network(kind) else None


def _kind_at(real: Path, lines: list[str]) -> str | None:
    """Return the type at the innermost mount point; of two at one place the later one hides."""
    found: tuple[int, str] | None = None
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        place = Path(_OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[1]))
        depth = len(place.parts)
        if real.is_relative_to(place) and (found is None or depth >= found[0]):
            found = depth, fields[2]
    return found[1] if found else None


def _is_network(kind: str) -> bool:
    outer, _, inner = kind.partition(".")
    return kind in _NETWORK or (outer == "fuse" and inner in _NETWORK_FUSE)
