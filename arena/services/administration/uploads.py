"""A campaign file with the files that it names, as they come from a browser: nothing is stored."""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath, PureWindowsPath
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

MOST_FILES = 100
MOST_BYTES = 64 * 2**20
"""Of all files together, unpacked."""

_LONGEST_NAME = 200
_YAML = (".yaml", ".yml")
_UNREADABLE = (
    BadZipFile,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    zlib.error,
)


class UploadRefused(Exception):
    """Files cannot be taken as they are; `why` ends the name of a sentence."""

    def __init__(self, why: str, name: str = "") -> None:
        self.why = why
        self.name = name
        super().__init__(f"{why} {name}".strip())


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as a browser sends it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Upload:
    """Contents by names relative to a folder, one of which is the campaign file's."""

    campaign_file: str
    files: Mapping[str, bytes]

    def write_to(self, folder: Path) -> Path:
        """Write the files into a folder and return where the campaign file is."""
        for name, content in self.files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return folder / self.campaign_file

    def packed(self) -> str:
        """Return everything as text, which `unpacked` reads."""
        buffer = BytesIO()
        with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
            archive.comment = self.campaign_file.encode()
            for name, content in self.files.items():
                archive.writestr(ZipInfo(name), content, ZIP_DEFLATED)
        return b64encode(buffer.getvalue()).decode()


def unpacked(text: str) -> Upload:
    """Return an upload from its text; raises `UploadRefused` for any other text."""
    try:
        content = b64decode(text, validate=True)
        with ZipFile(BytesIO(content)) as archive:
            campaign_file = archive.comment.decode()
    except _UNREADABLE as error:
        raise UploadRefused("not_zip") from error
    files: dict[str, bytes] = {}
    _add(files, _of_zip(SentFile("", content)))
    if campaign_file not in files:
        raise UploadRefused("no_campaign")
    return Upload(campaign_file, files)


def upload_of(campaign: SentFile | None, others: Sequence[SentFile]) -> Upload:
    """Put together what was sent: a campaign file and others, or archives (.zip) of them.

    Raises:
        UploadRefused: There is no campaign file, or more than one, or a file cannot be taken.
    """
    if campaign is None:
        raise UploadRefused("no_file")
    files: dict[str, bytes] = {}
    _add(files, _expanded(campaign))
    campaign_file = _campaign_file(list(files))
    for file in others:
        _add(files, _expanded(file))
    return Upload(campaign_file, files)


def _expanded(file: SentFile) -> Iterator[SentFile]:
    name = PureWindowsPath(file.name).name
    if name.lower().endswith(".zip"):
        yield from _of_zip(SentFile(name, file.content))
    else:
        yield SentFile(name, file.content)


def _of_zip(file: SentFile) -> Iterator[SentFile]:
    try:
        with ZipFile(BytesIO(file.content)) as archive:
            entries = [entry for entry in archive.infolist() if _counts(entry)]
            if sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise UploadRefused("too_large")
            if len(entries) > MOST_FILES:
                raise UploadRefused("too_many")
            for entry in entries:
                yield SentFile(entry.filename, archive.read(entry))
    except _UNREADABLE as error:
        raise UploadRefused("not_zip", file.name) from error


def _counts(entry: ZipInfo) -> bool:
    """Return whether an entry is a file of the author's; macOS adds others."""
    hidden = entry.filename.startswith("__MACOSX/")
    return not (entry.is_dir() or hidden or PurePosixPath(entry.filename).name.startswith("._"))


def _add(files: dict[str, bytes], more: Iterable[SentFile]) -> None:
    """Add files one by one, so that many small archives do not unpack to more than the limit."""
    room = MOST_BYTES - sum(map(len, files.values()))
    for file in more:
        room -= len(file.content)
        if room < 0:
            raise UploadRefused("too_large")
        if not _is_plain(file.name):
            raise UploadRefused("name", file.name[:_LONGEST_NAME])
        if file.name in files:
            raise UploadRefused("twice", file.name)
        files[file.name] = file.content
        if len(files) > MOST_FILES:
            raise UploadRefused("too_many")


def _is_plain(name: str) -> bool:
    path = PurePosixPath(name)
    inside = not path.is_absolute() and ".." not in path.parts and str(path) == name
    return inside and name.isprintable() and "\\" not in name and 0 < len(name) <= _LONGEST_NAME


def _campaign_file(names: Sequence[str]) -> str:
    """Return the one file that is YAML, or the one called campaign.yaml nearest to the top."""
    candidates = [name for name in names if name.lower().endswith(_YAML)]
    called = [name for name in candidates if PurePosixPath(name).stem.lower() == "campaign"]
    top = min((len(PurePosixPath(name).parts) for name in called), default=0)
    nearest = [name for name in called if len(PurePosixPath(name).parts) == top]
    found = nearest or candidates
    if len(found) != 1:
        raise UploadRefused("several_campaigns" if found else "no_campaign")
    return found[0]
