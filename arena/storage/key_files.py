"""Secret keys kept in files beside the database."""

import hmac
import os
import secrets
from functools import cached_property
from pathlib import Path

from arena.storage.private_files import PRIVATE, make_private

_KEY_BYTES = 32
_NAME_DIGITS = 8
_NAMING = b"arena: name of a key"


def secret_key(path: Path) -> bytes:
    """Read the key kept in `path`, made on first use and readable by its owner alone.

    Whole or not at all: processes that start at once agree on one key. One that others could
    read, as a copy may be, is made private. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _create(path, secrets.token_bytes(_KEY_BYTES))
    make_private(path)
    return path.read_bytes()


class KeyFile:
    """A secret key that is read, or made, when it is first needed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def prepare(self) -> None:
        """Read or make the key now, so that it is no vote that finds it missing. Raises OSError."""
        _ = self.name

    @cached_property
    def secret(self) -> bytes:
        """The key itself. Raises OSError."""
        return secret_key(self.path)

    @cached_property
    def name(self) -> str:
        """Eight hexadecimal digits that tell keys apart and say nothing about them."""
        return hmac.digest(self.secret, _NAMING, "sha256").hex()[:_NAME_DIGITS]


def _create(path: Path, key: bytes) -> None:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(key)
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()
