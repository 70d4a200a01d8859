"""The use cases of a battle up to the vote: start, next turn, stop, retry, continue, watch."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Collection
from dataclasses import replace
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from arena.domain.accounts import Caller
from arena.domain.battle import BattleId, BattleState, BattleView, Shown, require_transition
from arena.domain.characters import sound_text
from arena.domain.errors import Conflict, Refusal, Unavailable
from arena.inference.pacing import LeastWait
from arena.services.battle.eligibility import BattleRules, Eligibility, Models
from arena.services.battle.live_turn import LiveTurn, SlotJob, SlotResult
from arena.services.battle.store import BattleStore, Opening, owned
from arena.services.battle.turn_keeping import Offload, TurnKeeper
from arena.services.battle.turn_results import conversation, cut_slots
from arena.services.battle.turn_runner import Generation
from arena.services.battle.views import view_of
from arena.services.troubles import Troubles
from arena.storage.battles import BattleRecord, SlotRecord
from arena.storage.database import StorageError
from arena.storage.replies import Writing

logger = logging.getLogger(__name__)


class Battles:
    """Battles of all annotators. Every method checks that the battle is the caller's own.

    Refusals are `ArenaError`s; after one, nothing has changed. `Unavailable(NOT_STORED)` is one
    of every method: the database could not do it. Prompts may hold halves of characters.
    """

    def __init__(
        self,
        *,
        store: BattleStore,
        models: Models,
        generation: Generation,
        interval: Callable[[], float],
        rules: BattleRules,
        offload: Offload = asyncio.to_thread,
        troubles: Troubles | None = None,
    ) -> None:
        self._store = store
        self._models = models
        self._eligibility = Eligibility(models, rules)
        self._generation = generation
        self._interval = interval
        self._plain_offload = offload
        self._keeper = TurnKeeper(
            store.database,
            store.clock,
            offload=offload,
            troubles=troubles or Troubles(store.clock),
        )
        self._records: WeakKeyDictionary[LiveTurn, BattleRecord] = WeakKeyDictionary()
        self.rules = rules

    async def start(self, caller: Caller, opening: Opening) -> BattleId:
        """Draw the models and begin the first turn; the caller's open battle is abandoned.

        Raises `BadInput` for an empty or too long prompt and `Unavailable` while fewer models
        than slots are ready; then nothing was drawn.
        """
        opening = _sound(opening)
        self._eligibility.check_prompt(opening.prompt)
        eligible = await self._eligibility.models_for(opening.prompt)
        create = partial(self._store.create, caller, opening, eligible, slots=self.rules.slots)
        record, replaced = await self._offload(create)
        self._models.hold(record.id, [slot.model_key for slot in record.slots])
        self._begin(record)
        await self._stop_all(replaced)
        return BattleId(record.id)

    async def next_turn(self, caller: Caller, shown: Shown, prompt: str) -> None:
        """Send a further user message to all slots of a complete battle.

        Raises `Conflict(CONVERSATION_FULL)` over the arena's limit of a conversation, and
        `Conflict(PAGE_OUTDATED)` when the answers are no longer those that were shown.
        """
        prompt = sound_text(prompt)
        self._eligibility.check_prompt(prompt)
        record = await self._own(caller, shown.battle_id)
        require_transition(record.state, BattleState.GENERATING)
        if record.state is not BattleState.COMPLETE:
            raise Conflict(Refusal.NOT_COMPLETE)
        view_of(record).require(shown)
        self._require_contestants(record)
        self._eligibility.check_conversation(record, prompt)
        self._begin(await self._offload(self._store.add_turn, record, prompt))

    async def stop(self, caller: Caller, battle_id: str) -> None:
        """Stop all slots; what is visible stays."""
        record = await self._own(caller, battle_id)
        if record.state is not BattleState.GENERATING:
            raise Conflict(Refusal.NOTHING_TO_STOP)
        if self._generation.live(record.id) is None:
            await self._offload(self._store.stop_lost, record)
        await self._generation.stop(record.id)

    async def retry(self, caller: Caller, battle_id: str) -> BattleId:
        """Regenerate all slots of a stopped turn, or run a void prompt with a fresh pair."""
        record = await self._own(caller, battle_id)
        if record.state is BattleState.VOID:
            again = Opening(record.turns[-1].prompt, record.category, record.language)
            return await self.start(caller, again)
        if record.state is not BattleState.STOPPED:
            raise Conflict(Refusal.NOTHING_TO_RETRY)
        self._require_contestants(record)
        await self._offload(self._store.reopen, record)
        self._begin(record)
        return record.id

    async def continue_cut(self, caller: Caller, battle_id: str) -> None:
        """Give every cut slot one more budget; the others keep their replies."""
        record = await self._own(caller, battle_id)
        cut = cut_slots(record.turns[-1])
        if record.state is not BattleState.COMPLETE or not cut:
            raise Conflict(Refusal.NOTHING_TO_CONTINUE)
        self._require_contestants(record)
        slowest = await self._offload(self._store.slowest_writing, record)
        await self._offload(self._store.reopen, record)
        self._begin(record, continuing=cut, slowest=slowest)

    async def abandon(self, caller: Caller) -> None:
        """Close the caller's open battle, if there is one, without a vote."""
        await self._stop_all(await self._offload(self._store.abandon_open, caller))

    async def current(self, caller: Caller) -> BattleView | None:
        """The caller's open battle as it stands, for a page that was reloaded."""
        battle_id = await self._offload(self._store.open_battle, caller)
        return await self.view(caller, battle_id) if battle_id is not None else None

    async def view(self, caller: Caller, battle_id: str) -> BattleView:
        """The battle as the caller may see it now."""
        record = await self._own(caller, battle_id)
        live = self._generation.live(record.id)
        return view_of(record, live.visible if live else {})

    async def frames(self, caller: Caller, battle_id: str) -> AsyncGenerator[BattleView, None]:
        """Views as the battle generates, at the arena's frame rate; the last one is final."""
        record = await self._own(caller, battle_id)
        live = self._generation.live(record.id)
        if live is not None:
            with self._generation.watching(record.id):
                while not live.ended:
                    version = live.version
                    yield view_of(record, live.visible)
                    await live.changed(version)
        yield await self._last_view(caller, record)

    def recover(self) -> None:
        """At start: battles that a crash interrupted are stopped, old open ones abandoned."""
        self._store.recover()
        self._store.abandon_older_than(self.rules.abandon_after)

    async def abandon_old(self) -> int:
        """Abandon battles that were left open too long; returns how many."""
        count: int = await self._offload(self._store.abandon_older_than, self.rules.abandon_after)
        return count

    async def tell_ledger(self) -> None:
        """Tell the ledger of void battles that it could not be told of before."""
        await self._keeper.tell()

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
        """The caller's battle; what generates now is known without asking the database."""
        live = self._generation.live(BattleId(battle_id))
        if live is not None:
            return owned(self._records[live], caller)
        void = self._keeper.void(battle_id)
        if void is not None:
            return owned(void, caller)
        record: BattleRecord = await self._offload(self._store.own, caller, battle_id)
        return record

    def _require_contestants(self, record: BattleRecord) -> None:
        """Refuse to go on when the catalog has lost a model since the battle was drawn."""
        if any(slot.model_key not in self._store.contestants for slot in record.slots):
            raise Unavailable(Refusal.TOO_FEW_MODELS)
        if not self._models.hold(record.id, [slot.model_key for slot in record.slots]):
            raise Unavailable(Refusal.MODELS_LOADING)

    async def _stop_all(self, battle_ids: Collection[BattleId]) -> None:
        for battle_id in battle_ids:
            await self._generation.stop(battle_id)
            self._keeper.forget(battle_id)
            self._models.release(battle_id)

    def _begin(
        self,
        record: BattleRecord,
        continuing: Collection[int] = (),
        slowest: Writing | None = None,
    ) -> None:
        """Generate the last turn: every slot anew, or further text for those continuing.

        With fewer jobs than slots there is no common pace to hide a speed behind: such text
        shows at once, as late as the slowest of the battle's models would have it.
        """
        jobs = [
            self._continued(record, slot) if continuing else self._job(record, slot)
            for slot in record.slots
            if not continuing or slot.position in continuing
        ]
        live = LiveTurn(
            jobs,
            stream=self._models.stream,
            clock=self._store.clock,
            interval=self._interval,
            hold=self.rules.hold or len(jobs) < len(record.slots),
            least_wait=_least_wait(slowest) if len(jobs) < len(record.slots) else None,
        )
        self._records[live] = replace(record, state=BattleState.GENERATING)
        self._generation.begin(
            record.id, live, partial(self._finish, record), partial(self._give_up, record)
        )

    def _job(self, record: BattleRecord, slot: SlotRecord) -> SlotJob:
        contestant = self._store.contestants[slot.model_key]
        return SlotJob(slot.position, contestant, conversation(record, slot.position))

    def _continued(self, record: BattleRecord, slot: SlotRecord) -> SlotJob:
        cut = record.turns[-1].replies[slot.position]
        return SlotJob(
            slot.position,
            self._store.contestants[slot.model_key],
            conversation(record, slot.position),
            prefix=cut.text,
            continues_id=cut.id,
        )

    async def _finish(self, record: BattleRecord, results: tuple[SlotResult, ...]) -> None:
        if await self._keeper.keep(record, results) is BattleState.VOID:
            self._models.release(record.id)

    async def _give_up(self, record: BattleRecord, error: Exception) -> None:
        await self._keeper.give_up(record, error)
        self._models.release(record.id)


def _sound(opening: Opening) -> Opening:
    """The opening in whole characters."""
    return Opening(
        sound_text(opening.prompt),
        opening.category and sound_text(opening.category),
        opening.language and sound_text(opening.language),
    )


def _least_wait(slowest: Writing | None) -> LeastWait:
    return LeastWait() if slowest is None else LeastWait(slowest.first_s, slowest.pace)
