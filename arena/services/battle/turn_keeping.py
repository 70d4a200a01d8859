"""Stores a turn's results, or voids the battle: no battle stays in `generating` for ever."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from arena.domain.backoff import Backoff
from arena.domain.battle import BattleId, BattleState
from arena.domain.characters import to_well_formed
from arena.domain.clock import Clock
from arena.services.battle.live_turn import SlotResult
from arena.services.battle.turn_results import TakenOver, store_results, store_void
from arena.services.failures import FailureKind, FailureLog
from arena.storage.battles import BattleRecord
from arena.storage.database import Database, TransientErrors

logger = logging.getLogger(__name__)

Offload = Callable[..., Awaitable[Any]]
"""Runs a blocking function off the event loop: `asyncio.to_thread` outside tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds: how long storing is tried again, and the waits between, each twice the one before.

    The database itself waits ten seconds for a lock in every attempt.
    """

    total_s: float = 30.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 5.0


class TurnKeeper:
    """Stores turns. A turn that cannot be stored voids its battle, for whatever reason.

    A void battle that the ledger still calls `generating` is kept in memory until the ledger can
    be updated.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        owner: str,
        offload: Offload,
        failure_log: FailureLog,
        patience: Patience = Patience(),
    ) -> None:
        """Keep turns of battles that `owner` generates."""
        self._owner = owner
        self._database = database
        self._clock = clock
        self._offload = offload
        self._failure_log = failure_log
        self._patience = patience
        self._untold: dict[BattleId, BattleRecord] = {}

    def void(self, battle_id: str) -> BattleRecord | None:
        """Return the battle if it is void and the ledger does not know it yet."""
        return self._untold.get(BattleId(battle_id))

    def forget(self, battle_id: BattleId) -> None:
        """Forget a battle that the ledger has closed in another way."""
        self._untold.pop(battle_id, None)

    async def keep(self, battle: BattleRecord, results: Sequence[SlotResult]) -> BattleState:
        """Store a turn and return the battle's state; no `Exception` is raised."""
        store = partial(
            store_results, self._database, self._clock, battle, results, owner=self._owner
        )
        try:
            return await self._patiently(store)
        except TakenOver as error:
            logger.warning("%s: what it was answered here is not stored", error)
            return BattleState.STOPPED
        except Exception as error:  # noqa: BLE001 - whatever it was, nobody may wait for ever
            return await self.give_up(battle, error)

    async def give_up(self, battle: BattleRecord, error: BaseException) -> BattleState:
        """Void a battle whose turn came to nothing, with the cause for administrators."""
        self._untold[battle.id] = replace(battle, state=BattleState.VOID)
        logger.error("battle %s is void: its turn could not be stored", battle.id, exc_info=error)
        cause = f"battle {battle.id} is void: {type(error).__name__}: {_words(error)}"
        self._failure_log.record(FailureKind.TURN_NOT_STORED, to_well_formed(cause))
        await self._tell(battle.id)
        return BattleState.VOID

    async def tell(self) -> None:
        """Update the ledger for every void battle that it does not know of yet."""
        for battle_id in tuple(self._untold):
            await self._tell(battle_id)

    async def _tell(self, battle_id: BattleId) -> None:
        try:
            await self._offload(partial(store_void, self._database, battle_id, owner=self._owner))
        except Exception:
            logger.exception("battle %s: the ledger cannot be told that it is void", battle_id)
            return
        self.forget(battle_id)

    async def _patiently(self, store: Callable[[], BattleState]) -> BattleState:
        """Try until it works, or the same fault has lasted for too long."""
        patience = self._patience
        deadline = self._clock.monotonic() + patience.total_s
        backoff = Backoff(patience.first_wait_s, patience.longest_wait_s)
        failures = 0
        while True:
            failures += 1
            wait_s = backoff.delay_s(failures)
            try:
                state: BattleState = await self._offload(store)
            except TransientErrors as error:
                if self._clock.monotonic() + wait_s > deadline:
                    raise
                logger.warning("a turn is stored again in %.1f s: %s", wait_s, error)
            else:
                return state
            await self._clock.sleep(wait_s)


def _words(error: BaseException) -> str:
    """Return the text of an error, also of one that cannot say it."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - the cause of a void battle matters more than its words
        return "no words"
