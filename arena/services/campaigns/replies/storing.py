"""Replies are stored as they end; those that end at the same time share a transaction."""

import asyncio
from collections.abc import Callable, Sequence

from arena.services.campaigns.replies.ledger import Answered, Settled
from arena.storage.database import StorageError

KeepAll = Callable[[Sequence[Answered]], Sequence[Settled]]
"""Stores replies in one transaction; blocks. Raises StorageError where none of them is stored."""

_Waiting = tuple[Answered, asyncio.Future[Settled]]


class Storing:
    """Has the replies of one model stored by `keep_all`, in a thread.

    While some are being stored, others may end: all these are stored next, together. So a commit
    waits for one other at most, and replies that come in a burst cost few of them.
    """

    def __init__(self, keep_all: KeepAll) -> None:
        self._keep_all = keep_all
        self._waiting: list[_Waiting] = []
        self._task: asyncio.Task[None] | None = None

    async def keep(self, answered: Answered) -> Settled:
        """Store a reply, to its end also when this task is cancelled.

        Raises:
            StorageError: It was not stored.
        """
        stored = asyncio.get_running_loop().create_future()
        self._waiting.append((answered, stored))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._store_all())
        try:
            return await asyncio.shield(stored)
        except asyncio.CancelledError:
            await asyncio.gather(stored, return_exceptions=True)
            raise

    async def _store_all(self) -> None:
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, []
                await self._store(waiting)
        finally:
            _give_up(self._waiting)

    async def _store(self, waiting: Sequence[_Waiting]) -> None:
        """Store some replies together; where that fails, each alone: one may be to blame."""
        answered = [one for one, _ in waiting]
        try:
            settled = await asyncio.to_thread(self._keep_all, answered)
        except StorageError as error:
            if len(waiting) > 1:
                for one in waiting:
                    await self._store([one])
            else:
                waiting[0][1].set_exception(error)
        except Exception as error:  # noqa: BLE001  # whoever waits raises it
            for _, stored in waiting:
                stored.set_exception(error)
        else:
            for (_, stored), kept in zip(waiting, settled, strict=True):
                stored.set_result(kept)
        finally:
            _give_up(waiting)


def _give_up(waiting: Sequence[_Waiting]) -> None:
    """Let nobody wait for what is not stored because the event loop ends."""
    for _, stored in waiting:
        stored.cancel()
