"""Stable pseudonyms for annotators in exports."""

import hmac
import os
import secrets
from pathlib import Path

from arena.domain.accounts import AnnotatorId
from arena.storage.database import Database
from arena.storage.private_files import PRIVATE, make_private

_KEY_BYTES = 32
_DIGITS = 12
_DEFAULT_DIRECTORY = Path("db")


class Pseudonyms:
    """The same account gets the same pseudonym in every export made with the same key.

    A pseudonym is `anon-` and the first 12 hexadecimal digits of HMAC-SHA256 over the account's
    id; without the key it cannot be traced back by trying all ids. The prefix keeps spreadsheets
    from reading digits as a number.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, annotator_id: AnnotatorId) -> str:
        """Return the pseudonym of an account."""
        digest = hmac.digest(self._key, str(annotator_id).encode(), "sha256")
        return f"anon-{digest.hex()[:_DIGITS]}"


def export_key_path(database: Database) -> Path:
    """Return the path of `export-key`: beside a SQLite file, or in `db/` for a database server."""
    url = database.engine.url
    is_file = url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:"
    directory = Path(url.database).parent if is_file and url.database else _DEFAULT_DIRECTORY
    return directory / "export-key"


def export_key(path: Path) -> bytes:
    """Read the key kept in `path`, made on first use and readable by its owner alone.

    Whole or not at all: processes that start at once agree on one key. One that others could
    read, as a copy may be, is made private. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _create(path, secrets.token_bytes(_KEY_BYTES))
    make_private(path)
    return path.read_bytes()


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
