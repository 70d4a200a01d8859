"""Periodic background tasks that survive the failure of a single run."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from arena.domain.clock import Clock
from arena.services.failures import FailureKind, FailureLog

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """A task that runs again `every_s` seconds after its last run has ended."""

    name: str
    every_s: float
    do: Callable[[], Awaitable[object]]


async def repeat(chore: Chore, *, clock: Clock, failure_log: FailureLog) -> None:
    """Run a chore until cancelled. A run that fails is logged and counted, and the next follows."""
    while True:
        await clock.sleep(chore.every_s)
        try:
            await chore.do()
        except Exception as error:
            logger.exception("%s failed; it is tried again in %.0f s", chore.name, chore.every_s)
            detail = f"{chore.name}: {type(error).__name__}: {error}"
            failure_log.record(FailureKind.CHORE_FAILED, detail)
