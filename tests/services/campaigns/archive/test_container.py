"""Every byte of an archive is sealed, also where a change leaves its files as they are."""

from io import BytesIO
from zipfile import BadZipFile, ZipFile

from arena.services.campaigns.archive.container import entry, is_as_written, is_sealed, seal


def sealed(text: bytes) -> bytes:
    """Return a zip file with one file, as archives are written."""
    target = BytesIO()
    with ZipFile(target, "w") as file, file.open(entry("README.md"), "w", force_zip64=True) as one:
        one.write(text)
    seal(target)
    return target.getvalue()


def is_right(content: bytes) -> bool:
    """Whether the zip file is as it was written; one that cannot be read is not."""
    try:
        file = ZipFile(BytesIO(content))
    except (BadZipFile, OSError, NotImplementedError):
        return False
    if file.comment:
        return is_sealed(BytesIO(content), file.comment)
    return is_as_written(BytesIO(content), file.infolist())


def test_every_changed_bit_is_found() -> None:
    right = sealed(b"The same words, the same words, and the same words again.")
    assert is_right(right)
    for place in range(len(right)):
        for bit in range(8):
            wrong = bytearray(right)
            wrong[place] ^= 1 << bit
            assert not is_right(bytes(wrong)), (place, bit)


def test_the_same_content_packed_otherwise_is_found() -> None:
    text = b"The same words, the same words, and the same words again."
    right, target = sealed(text), BytesIO()
    with ZipFile(target, "w") as file:
        file.writestr(entry("README.md"), text, compresslevel=1)
        file.comment = ZipFile(BytesIO(right)).comment
    assert not is_right(target.getvalue())
    assert not is_right(right + b" ")
    assert not is_right(right[:-1])
