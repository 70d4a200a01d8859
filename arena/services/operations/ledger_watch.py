"""Checks whether votes can be stored now, for health probes and the log."""

import logging
import sqlite3
from threading import Lock

from arena.domain.clock import Clock
from arena.services.failures import FailureKind, FailureLog
from arena.storage.database import Database, LedgerLost
from arena.storage.health import LEAST_FREE_BYTES, CannotStore, require_storing
from arena.storage.saved_copies import copy_name

logger = logging.getLogger(__name__)

_KNOWN_FOR_S = 5.0
"""Seconds: health probes may come at any rate, and each real check writes a page to the disk."""


class LedgerWatch:
    """Tries to store something, and remembers the outcome for five seconds. Blocking.

    When the files of the database are gone, everything that is committed is saved once as a copy
    beside them: the open connections still have it, and nobody else does.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        failure_log: FailureLog,
        *,
        least_free: int = LEAST_FREE_BYTES,
    ) -> None:
        self._database = database
        self._clock = clock
        self._failure_log = failure_log
        self._least_free = least_free
        self._looking = Lock()
        self._until = float("-inf")
        self._fault: str | None = None
        self._copied = False

    def fault(self) -> str | None:
        """Return why nothing can be stored now, in one sentence; None when it can."""
        with self._looking:
            if self._clock.monotonic() >= self._until:
                self._look()
            return self._fault

    def stores(self) -> bool:
        """Return whether something can be stored now."""
        return self.fault() is None

    def close(self) -> None:
        """Check a last time: only connections that are still open can save a deleted database."""
        with self._looking:
            self._look()

    def _look(self) -> None:
        before, self._fault = self._fault, self._found()
        self._until = self._clock.monotonic() + _KNOWN_FOR_S
        if self._fault is not None and before is None:
            logger.error("nothing can be stored: %s", self._fault)
            self._failure_log.record(FailureKind.CANNOT_STORE, self._fault)
            self._save_if_lost()
        if self._fault is None and before is not None:
            logger.warning("the database can be written again")

    def _found(self) -> str | None:
        try:
            require_storing(self._database, least_free=self._least_free)
        except CannotStore as error:
            return str(error)
        return None

    def _save_if_lost(self) -> None:
        try:
            self._database.require_unchanged()
        except LedgerLost:
            if not self._copied:
                self._copied = True
                self._save()

    def _save(self) -> None:
        path = self._database.path
        target = copy_name(path, self._clock.now())
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database.save_copy(target)
        except (OSError, sqlite3.Error) as error:
            logger.exception("the votes could not be saved as %s", target)
            self._note(f"the votes could not be saved as {target}: {error}")
            return
        self._note(f"all votes so far are in {target}: stop the arena and put it at {path}")

    def _note(self, text: str) -> None:
        logger.error("%s", text)
        self._failure_log.record(FailureKind.CANNOT_STORE, text)
