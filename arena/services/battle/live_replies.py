"""The replies of open play: written live by the model pool, shown as they grow, then stored."""

from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from weakref import WeakKeyDictionary

from arena.domain.battle import BattleId, BattleState, BattleView
from arena.domain.conversation import ModelKey
from arena.domain.errors import Refusal, Unavailable
from arena.inference.pacing import READING_PACE, LeastWait
from arena.logs import about_battle, note, note_prompt
from arena.services.battle.contestants import Contestant
from arena.services.battle.eligibility import Models
from arena.services.battle.live_turn import LiveTurn, SlotJob, SlotResult
from arena.services.battle.turn_keeping import TurnKeeper
from arena.services.battle.turn_results import conversation
from arena.services.battle.turn_runner import TurnRunner
from arena.services.battle.views import view_of
from arena.storage.battles import BattleRecord, SlotRecord
from arena.storage.replies import Writing


class LiveReplies:
    """Runs the turns of battles on the model pool, and knows what is not stored yet.

    `interval` gives the seconds until the next frame; with `hold` a reply shows only when all
    are complete. `reading_pace` is the least pace (characters a second) after one has ended.
    """

    def __init__(
        self,
        *,
        models: Models,
        contestants: Mapping[ModelKey, Contestant],
        runner: TurnRunner,
        keeper: TurnKeeper,
        interval: Callable[[], float],
        hold: bool = False,
        reading_pace: float = READING_PACE,
    ) -> None:
        self._models = models
        self._contestants = contestants
        self._runner = runner
        self._keeper = keeper
        self._interval = interval
        self._hold = hold
        self._reading_pace = reading_pace
        self._records: WeakKeyDictionary[LiveTurn, BattleRecord] = WeakKeyDictionary()

    def record(self, battle_id: str) -> BattleRecord | None:
        """Return a battle that generates, or is void though the ledger cannot say so yet."""
        live = self._runner.live(BattleId(battle_id))
        return self._keeper.void(battle_id) if live is None else self._records[live]

    def visible(self, battle_id: BattleId) -> Mapping[int, str]:
        """Return the text that may be shown now, by slot position; empty when nothing runs."""
        live = self._runner.live(battle_id)
        return live.visible if live else {}

    def is_running(self, battle_id: BattleId) -> bool:
        """Return whether a turn of the battle is being generated."""
        return self._runner.live(battle_id) is not None

    async def frames(self, record: BattleRecord) -> AsyncGenerator[BattleView, None]:
        """Iterate over the views of a turn that is being generated, until it has ended."""
        live = self._runner.live(record.id)
        if live is None:
            return
        with self._runner.watching(record.id):
            while not live.ended:
                version = live.version
                yield view_of(record, live.visible)
                await live.changed(version)

    def require_open(self) -> None:
        """Raise `Unavailable(ENDING)` once the arena is about to end."""
        self._runner.require_open()

    def require_models(self, record: BattleRecord) -> None:
        """Hold the models of a battle that goes on.

        Raises:
            Unavailable: The catalog has lost one of them, or one is not loaded now.
        """
        if any(slot.model_key not in self._contestants for slot in record.slots):
            raise Unavailable(Refusal.TOO_FEW_MODELS)
        if not self._models.hold(record.id, [slot.model_key for slot in record.slots]):
            raise Unavailable(Refusal.MODELS_LOADING)

    async def begin(self, record: BattleRecord) -> None:
        """Generate the last turn of a battle in the background: every slot anew.

        The ledger calls the battle `generating` already: if nothing can be begun, it is void.
        """
        try:
            self._models.hold(record.id, [slot.model_key for slot in record.slots])
            self._run(record, [self._job(record, slot) for slot in record.slots])
        except Exception as error:  # noqa: BLE001 - whatever it was, nobody may wait for ever
            await self._give_up(record, error)

    async def extend(
        self, record: BattleRecord, positions: Collection[int], slowest: Writing | None
    ) -> None:
        """Generate further text for the slots at `positions`; the others keep their replies.

        With fewer jobs than slots there is no common pace to hide a speed behind: such text
        shows at once, as late as the slowest of the battle's models would have it.
        """
        try:
            jobs = [self._extension(record, record.slots[position]) for position in positions]
            alone = len(jobs) < len(record.slots)
            self._run(record, jobs, least_wait=_least_wait(slowest) if alone else None, hold=alone)
        except Exception as error:  # noqa: BLE001 - whatever it was, nobody may wait for ever
            await self._give_up(record, error)

    async def stop(self, battle_id: BattleId) -> None:
        """Stop a battle's turn and wait until it is stored."""
        await self._runner.stop(battle_id)

    async def drop(self, battle_ids: Collection[BattleId]) -> None:
        """Stop and forget battles that the ledger has closed."""
        for battle_id in battle_ids:
            await self._runner.stop(battle_id)
            self._keeper.forget(battle_id)
            self._models.release(battle_id)

    async def tell_ledger(self) -> None:
        """Tell the ledger of void battles that it could not be told of before."""
        await self._keeper.tell()

    def _run(
        self,
        record: BattleRecord,
        jobs: list[SlotJob],
        *,
        least_wait: LeastWait | None = None,
        hold: bool = False,
    ) -> None:
        live = LiveTurn(
            jobs,
            stream=self._models.stream,
            clock=self._runner.clock,
            interval=self._interval,
            hold=self._hold or hold,
            least_wait=least_wait,
            reading_pace=self._reading_pace,
        )
        self._records[live] = replace(record, state=BattleState.GENERATING)
        with about_battle(record.id, record.user_texts):
            _note_beginning(record)
            finish = partial(self._finish, record, self._runner.clock.monotonic())
            self._runner.begin(record.id, live, finish, partial(self._give_up, record))

    def _job(self, record: BattleRecord, slot: SlotRecord) -> SlotJob:
        contestant = self._contestants[slot.model_key]
        return SlotJob(slot.position, contestant, conversation(record, slot.position))

    def _extension(self, record: BattleRecord, slot: SlotRecord) -> SlotJob:
        cut = record.turns[-1].replies[slot.position]
        return replace(self._job(record, slot), prefix=cut.text, continues_id=cut.id)

    async def _finish(
        self, record: BattleRecord, began: float, results: tuple[SlotResult, ...]
    ) -> None:
        state = await self._keeper.keep(record, results)
        seconds = round(self._runner.clock.monotonic() - began, 3)
        note("a turn has ended", turn=record.turns[-1].number, state=state.value, seconds=seconds)
        if state is BattleState.VOID:
            self._models.release(record.id)

    async def _give_up(self, record: BattleRecord, error: BaseException) -> None:
        await self._keeper.give_up(record, error)
        self._models.release(record.id)


def _note_beginning(record: BattleRecord) -> None:
    turn = record.turns[-1]
    note("a turn has begun", turn=turn.number, characters=len(turn.prompt))
    note_prompt(turn.prompt)


def _least_wait(slowest: Writing | None) -> LeastWait:
    return LeastWait() if slowest is None else LeastWait(slowest.first_s, slowest.pace)
