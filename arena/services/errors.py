"""Errors of services beside refusals (`arena.domain.errors`)."""

from arena.storage.database import StorageError

__all__ = ["StorageError"]
