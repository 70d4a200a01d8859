"""Background generation of turns: it belongs to the battle, not to the tab that began it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from arena.domain.battle import BattleId
from arena.domain.clock import Clock
from arena.domain.errors import Refusal, Unavailable
from arena.services.battle.live_turn import LiveTurn, SlotResult

logger = logging.getLogger(__name__)

Finish = Callable[[tuple[SlotResult, ...]], Awaitable[None]]
"""What to do with a turn's results: store them."""

Fail = Callable[[BaseException], Awaitable[None]]
"""What to do when a turn comes to nothing, or its results cannot be handed over."""

_LOOK_S = 0.1
_LONGEST_END_S = 8.0
"""Seconds for which shutdown waits for turns to be stored; the next start stops the rest. Service
managers kill a process ten seconds or more after asking it to end."""


async def _nothing(_error: BaseException) -> None:
    """Do nothing: the log says it."""


@dataclass(eq=False, slots=True)
class _Entry:
    live: LiveTurn
    task: asyncio.Task[None] | None = None
    watchers: int = 0
    expiry: asyncio.Task[None] | None = None


class TurnRunner:
    """Runs at most one live turn per battle; stops those that nobody watches any more."""

    def __init__(self, *, clock: Clock, reattach_s: float) -> None:
        self.clock = clock
        self.ending = False
        self._reattach_s = reattach_s
        self._entries: dict[BattleId, _Entry] = {}

    def __len__(self) -> int:
        """Return the number of battles that generate now."""
        return len(self._entries)

    def live(self, battle_id: BattleId) -> LiveTurn | None:
        """Return the battle's live turn, if it is generating."""
        entry = self._entries.get(battle_id)
        return entry.live if entry else None

    def begin(
        self, battle_id: BattleId, live: LiveTurn, finish: Finish, fail: Fail = _nothing
    ) -> None:
        """Run a turn in the background, then hand its results to `finish`.

        Whatever is raised on the way goes to `fail`; the watchers are told when that has returned.
        """
        entry = _Entry(live)
        self._entries[battle_id] = entry
        entry.task = asyncio.create_task(self._run(battle_id, entry, finish, fail))
        self._expect_watcher(entry)

    @contextmanager
    def watching(self, battle_id: BattleId) -> Iterator[None]:
        """Hold the battle's generation alive; when the last watcher leaves, the wait begins."""
        entry = self._entries.get(battle_id)
        if entry is None:
            yield
            return
        entry.watchers += 1
        if entry.expiry:
            entry.expiry.cancel()
            entry.expiry = None
        try:
            yield
        finally:
            entry.watchers -= 1
            if entry.watchers == 0 and self._entries.get(battle_id) is entry:
                self._expect_watcher(entry)

    async def stop(self, battle_id: BattleId) -> None:
        """Stop a battle's slots and wait until its results are stored."""
        entry = self._entries.get(battle_id)
        if entry is not None and entry.task is not None:
            entry.live.stop()
            await asyncio.wait([entry.task])

    def require_open(self) -> None:
        """Raise `Unavailable(ENDING)` once the arena is about to end."""
        if self.ending:
            raise Unavailable(Refusal.ENDING)

    async def finish(self, within_s: float) -> None:
        """Let no further turn begin, and wait for the running ones, for so many seconds at most."""
        self.ending = True
        deadline = self.clock.monotonic() + within_s
        if self._entries:
            logger.warning(
                "battles are still answering: %d; the arena ends in %.0f s at the latest, "
                "at a second signal at once",
                len(self._entries),
                within_s,
            )
        while self._entries and self.clock.monotonic() < deadline:
            await self.clock.sleep(_LOOK_S)

    async def close(self) -> None:
        """Stop everything and wait for it to be stored, though not for long."""
        entries = list(self._entries.values())
        for entry in entries:
            entry.live.stop()
        tasks = [entry.task for entry in entries if entry.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_LONGEST_END_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, battle_id: BattleId, entry: _Entry, finish: Finish, fail: Fail) -> None:
        try:
            await finish(await entry.live.run())
        except BaseException as error:
            if _is_end_of_task(error):
                raise
            logger.exception("a turn could not be finished and stored")
            await fail(error)
        finally:
            if entry.expiry:
                entry.expiry.cancel()
            if self._entries.get(battle_id) is entry:
                del self._entries[battle_id]
            entry.live.end()

    def _expect_watcher(self, entry: _Entry) -> None:
        entry.expiry = asyncio.create_task(self._expire(entry))

    async def _expire(self, entry: _Entry) -> None:
        with suppress(asyncio.CancelledError):
            await self.clock.sleep(self._reattach_s)
            entry.live.stop()


def _is_end_of_task(error: BaseException) -> bool:
    """Return whether somebody ends this task or the program.

    What a library raises that is no `Exception` either, such as a panic of Rust code or a
    cancellation of its own, is a failure like any other.
    """
    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is None or task.cancelling() > 0
    return isinstance(error, KeyboardInterrupt | SystemExit)
