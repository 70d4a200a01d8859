"""Start, next turn, stop, retry, withdraw, continue, watch: a battle up to the vote."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Any

from arena.domain.accounts import Caller
from arena.domain.battle import BattleId, BattleState, BattleView, Shown, require_transition
from arena.domain.characters import to_well_formed
from arena.domain.errors import Conflict, Refusal, Unavailable
from arena.services.battle.eligibility import BattleRules, Eligibility
from arena.services.battle.live_replies import LiveReplies
from arena.services.battle.opening import LineupSource, Opening, ReplySource
from arena.services.battle.store import BattleStore, owned, require_stopped_turn
from arena.services.battle.turn_keeping import Offload
from arena.services.battle.turn_results import cut_slots
from arena.services.battle.views import view_of
from arena.storage.battles import BattleRecord
from arena.storage.database import StorageError

logger = logging.getLogger(__name__)

_LOOK_S = 1.0


class Battles:
    """Battles of all annotators. Every method checks that the battle is the caller's own.

    Refusals are `ArenaError`s; after one, nothing has changed. `Unavailable(NOT_STORED)` is one
    of every method: the database could not do it. `Unavailable(ENDING)` is one of all that would
    begin a turn. Prompts may hold unpaired surrogates.
    """

    def __init__(
        self,
        *,
        store: BattleStore,
        open_play: LineupSource,
        replies: LiveReplies,
        eligibility: Eligibility,
        rules: BattleRules,
        offload: Offload = asyncio.to_thread,
    ) -> None:
        self._store = store
        self._open_play = open_play
        self._replies = replies
        self._eligibility = eligibility
        self._plain_offload = offload
        self.rules = rules

    async def start(self, caller: Caller, opening: Opening) -> BattleId:
        """Start a battle of open play; it replaces the caller's open one.

        Raises:
            BadInput: The prompt is empty or too long.
            Unavailable: Fewer models than slots are ready; then nothing was drawn.
        """
        self._replies.require_open()
        return await self.open(caller, opening, self._open_play, self._replies)

    async def open(
        self, caller: Caller, opening: Opening, lineups: LineupSource, replies: ReplySource
    ) -> BattleId:
        """Choose the models, store the battle, and begin its first turn.

        Open battles of the same campaign, or of open play, are abandoned; others stay.
        """
        opening = _sound(opening)
        choose = await lineups.prepare(caller, opening)
        create = partial(self._store.create, caller, opening, choose)
        record, replaced = await self._offload(create)
        await replies.begin(record)
        await self._replies.drop(replaced)
        return BattleId(record.id)

    async def next_turn(self, caller: Caller, shown: Shown, prompt: str) -> None:
        """Send a further user message to all slots of a complete battle.

        Raises `Conflict(CONVERSATION_FULL)` over the arena's limit of a conversation, and
        `Conflict(PAGE_OUTDATED)` when the answers are no longer those that were shown.
        """
        self._replies.require_open()
        prompt = to_well_formed(prompt)
        self._eligibility.check_prompt(prompt)
        record = await self._own(caller, shown.battle_id)
        require_transition(record.state, BattleState.GENERATING)
        if record.state is not BattleState.COMPLETE:
            raise Conflict(Refusal.NOT_COMPLETE)
        view_of(record).require(shown)
        self._replies.require_models(record)
        self._eligibility.check_conversation(record, prompt)
        await self._replies.begin(await self._offload(self._store.add_turn, record, prompt))

    async def stop(self, caller: Caller, battle_id: str) -> None:
        """Stop all slots; what is visible stays."""
        record = await self._own(caller, battle_id)
        if record.state is not BattleState.GENERATING:
            raise Conflict(Refusal.NOTHING_TO_STOP)
        if not self._replies.is_running(record.id):
            await self._offload(self._store.stop_lost, record)
        await self._replies.stop(record.id)

    async def retry(self, caller: Caller, battle_id: str) -> BattleId:
        """Regenerate all slots of a stopped turn, or run a void prompt with a fresh pair."""
        self._replies.require_open()
        record = await self._own(caller, battle_id)
        if record.state is BattleState.VOID:
            again = Opening(record.turns[-1].prompt, record.category, record.language)
            return await self.start(caller, again)
        if record.state is not BattleState.STOPPED:
            raise Conflict(Refusal.NOTHING_TO_RETRY)
        self._replies.require_models(record)
        await self._offload(self._store.reopen, record)
        await self._replies.begin(record)
        return record.id

    async def withdraw_turn(self, caller: Caller, battle_id: str) -> None:
        """Take a stopped turn out of a battle, so that the complete turns before it get a vote.

        Raises `Conflict(NOTHING_TO_WITHDRAW)` unless the last of several turns is stopped.
        """
        record = await self._own(caller, battle_id)
        require_stopped_turn(record)
        await self._offload(self._store.withdraw_turn, caller, record.id)

    async def continue_cut(self, caller: Caller, battle_id: str) -> None:
        """Give every cut slot one more budget; the others keep their replies."""
        self._replies.require_open()
        record = await self._own(caller, battle_id)
        cut = cut_slots(record.turns[-1])
        if record.state is not BattleState.COMPLETE or not cut:
            raise Conflict(Refusal.NOTHING_TO_CONTINUE)
        self._replies.require_models(record)
        slowest = await self._offload(self._store.slowest_writing, record)
        await self._offload(self._store.reopen, record)
        await self._replies.extend(record, cut, slowest)

    async def recognise(self, caller: Caller, battle_id: str, *, recognised: bool) -> None:
        """Keep until the vote whether the caller has recognised a model: pages are reloaded."""
        keep = partial(self._store.recognise, caller, battle_id, recognised=recognised)
        await self._offload(keep)

    async def abandon(self, caller: Caller) -> None:
        """Close the caller's open battle, if there is one, without a vote."""
        await self._replies.drop(await self._offload(self._store.abandon_open, caller))

    async def current(self, caller: Caller) -> BattleView | None:
        """Return the caller's open battle as it stands, for a page that was reloaded."""
        battle_id = await self._offload(self._store.open_battle, caller)
        return await self.view(caller, battle_id) if battle_id is not None else None

    async def view(self, caller: Caller, battle_id: str) -> BattleView:
        """Return the battle as the caller may see it now."""
        record = await self._own(caller, battle_id)
        return view_of(record, self._replies.visible(record.id))

    async def frames(self, caller: Caller, battle_id: str) -> AsyncGenerator[BattleView, None]:
        """Iterate over views as the battle generates, one for each frame; the last one is final.

        Of a battle that another server generates there is the last one alone.
        """
        record = await self._own(caller, battle_id)
        if record.state is BattleState.GENERATING and self._replies.record(record.id) is None:
            await self._end_elsewhere(caller, record.id)
        async with aclosing(self._replies.frames(record)) as views:
            async for view in views:
                yield view
        yield await self._last_view(caller, record)

    def recover(self) -> None:
        """At start, stop battles of servers that are gone and abandon old open ones."""
        self._store.recover()
        self._store.abandon_older_than(self.rules.abandon_after)

    async def abandon_old(self) -> int:
        """Abandon battles that were left open too long; returns how many."""
        count: int = await self._offload(self._store.abandon_older_than, self.rules.abandon_after)
        return count

    async def stop_orphaned(self) -> int:
        """Stop battles of servers that are gone; returns how many."""
        count: int = await self._offload(self._store.recover)
        return count

    async def tell_ledger(self) -> None:
        """Tell the ledger of void battles that it could not be told of before."""
        await self._replies.tell_ledger()

    async def _end_elsewhere(self, caller: Caller, battle_id: BattleId) -> None:
        """Wait until another server has ended the turn, or was found to be gone."""
        while (await self._own(caller, battle_id)).state is BattleState.GENERATING:
            await self._store.clock.sleep(_LOOK_S)

    async def _last_view(self, caller: Caller, record: BattleRecord) -> BattleView:
        """How the battle stands after its turn; void while the ledger cannot say."""
        try:
            return await self.view(caller, record.id)
        except Unavailable:
            return view_of(replace(record, state=BattleState.VOID), {})

    async def _offload(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Ask the ledger, off the loop. Raises `Unavailable(NOT_STORED)` when it cannot answer."""
        try:
            return await self._plain_offload(function, *arguments)
        except StorageError as error:
            logger.exception("the ledger could not do what was asked")
            raise Unavailable(Refusal.NOT_STORED) from error

    async def _own(self, caller: Caller, battle_id: str) -> BattleRecord:
        """Return the caller's battle; one that generates is known without asking the database."""
        known = self._replies.record(battle_id)
        if known is not None:
            return owned(known, caller)
        record: BattleRecord = await self._offload(self._store.own, caller, battle_id)
        return record


def _sound(opening: Opening) -> Opening:
    """Replace unpaired surrogates in what a browser sent."""
    return Opening(
        to_well_formed(opening.prompt),
        opening.category and to_well_formed(opening.category),
        opening.language and to_well_formed(opening.language),
    )
