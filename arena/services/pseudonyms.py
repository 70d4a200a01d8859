"""Stable pseudonyms for annotators in exports."""

import hmac
from pathlib import Path

from arena.domain.accounts import AnnotatorId
from arena.storage.database import Database
from arena.storage.key_files import secret_key

_DIGITS = 12


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
    """Return the path of `export-key`, among the other keys of the arena."""
    return database.keys_folder / "export-key"


def export_key(path: Path) -> bytes:
    """Read the key kept in `path`, made on first use. Raises OSError."""
    return secret_key(path)
