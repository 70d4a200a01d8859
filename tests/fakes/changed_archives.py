"""Archives of campaigns that somebody has changed."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZipFile

from arena.services.campaigns.archive.container import entry

CHECKSUMS = "SHA256SUMS"
Change = Callable[[bytes], bytes | None]


def contents(archive: Path) -> dict[str, bytes]:
    """Return the files of an archive."""
    with ZipFile(archive) as file:
        return {name: file.read(name) for name in file.namelist()}


def written(archive: Path, files: Mapping[str, bytes]) -> Path:
    """Write files as an archive, whatever they are called and hold."""
    with ZipFile(archive, "w") as file:
        for name, content in files.items():
            with file.open(entry(name), "w", force_zip64=True) as one:
                one.write(content)
    return archive


def changed(archive: Path, name: str, change: Change) -> Path:
    """Change a file of an archive in place, or leave it out, but no checksum."""
    files = contents(archive)
    new = change(files.pop(name))
    return written(archive, files if new is None else {**files, name: new})


def forged(archive: Path, name: str, change: Change) -> Path:
    """Change a file of an archive in place, with all checksums made anew."""
    changed(archive, name, change)
    files = contents(archive)
    del files[CHECKSUMS]
    lines = (
        f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        for name, content in sorted(files.items())
    )
    return written(archive, {**files, CHECKSUMS: "".join(lines).encode()})


def replacing(old: str, new: str) -> Change:
    """Return a change of the first place of a text, which must be there."""

    def change(content: bytes) -> bytes:
        assert old.encode() in content, old
        return content.replace(old.encode(), new.encode(), 1)

    return change
