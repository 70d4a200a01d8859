"""Keeps the right models in memory: carries out the policy's steps, one load at a time."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType

from arena.domain.conversation import ModelKey
from arena.inference.backend import ModelState
from arena.inference.cancellation import cancel_and_wait
from arena.inference.clock import Clock
from arena.inference.lifecycle.claims import Claims
from arena.inference.lifecycle.policy import (
    Situation,
    Step,
    filling,
    next_meeting,
    room_for,
    turn_for,
)
from arena.inference.lifecycle.ports import LifecycleTimings, Loadable, Look, Measure
from arena.inference.lifecycle.view import MachineView
from arena.inference.placement.packing import settled
from arena.inference.placement.planning import Meeting, Plan, plan
from arena.inference.placement.sizes import DevicePreference, Footprint, Machine, Placement, Stay

logger = logging.getLogger(__name__)


class Lifecycle:
    """Owner of all models that share this machine's memory, from `start` to `close`."""

    def __init__(
        self,
        models: Mapping[ModelKey, Loadable],
        *,
        machine: Machine,
        measure: Measure,
        clock: Clock,
        preferences: Mapping[ModelKey, DevicePreference] | None = None,
        tensor_parallel: Collection[ModelKey] = (),
        timings: LifecycleTimings | None = None,
        look: Look | None = None,
    ) -> None:
        self._models = models
        self._measure = measure
        self._clock = clock
        self._preferences = preferences or {}
        self._in_vllm = tensor_parallel
        self._timings = timings or LifecycleTimings()
        self._view = MachineView(machine, look, clock, self._timings.look_s)
        self._unloadable: set[ModelKey] = set()
        self._claims = Claims(self._timings.hold_s)
        self._footprints: dict[ModelKey, Footprint | None] = {}
        self._resident: dict[ModelKey, Placement] = {}
        self._leaving: frozenset[ModelKey] = frozenset()
        self._wanted: list[Meeting] = []
        self._measured_in: set[tuple[ModelKey, ModelState]] = set()
        self._met: dict[Meeting, float] = {}
        self._rotated_s = clock.monotonic()
        self._task: asyncio.Task[None] | None = None
        self._busy = False
        self._unloading: asyncio.Task[None] | None = None
        self.plan: Plan | None = None

    @property
    def keys(self) -> frozenset[ModelKey]:
        """The models that it loads and unloads."""
        return frozenset(self._models)

    @property
    def resident(self) -> Mapping[ModelKey, Placement]:
        """Where the models are that are in memory or on their way there."""
        return MappingProxyType(self._resident)

    async def start(self) -> None:
        """Begin to load; returns at once. Idempotent."""
        if self._task is None:
            self._busy = True
            self._task = asyncio.create_task(self._run(), name="lifecycle")

    async def close(self) -> None:
        """Stop loading and evicting; the models themselves are closed by their owner."""
        task, self._task, self._busy = self._task, None, False
        await cancel_and_wait(task)
        if self._unloading is not None:
            await asyncio.wait([self._unloading])

    def seen(self, key: ModelKey, state: ModelState) -> ModelState:
        """Return a model's state as the drawing of pairs should see it.

        LOADING while it is about to leave, or while models still come into memory: try again soon.
        """
        about_to_change = state is ModelState.STOPPED and self._busy and key in self._models
        return ModelState.LOADING if about_to_change or key in self._leaving else state

    def note(self, key: ModelKey) -> str:
        """Say where a model is or why it is not in memory, for the administrator."""
        if key in self._unloadable:
            return ""
        if self.plan is None or key not in self.plan.placements:
            return "waiting for the plan"
        place = self._resident.get(key)
        if place is not None:
            return place.where
        planned = self.plan.placements[key]
        return planned.reason if planned.stay is Stay.REFUSED else "waits for its turn"

    @contextmanager
    def answering(self, key: ModelKey) -> Iterator[None]:
        """Keep a model in memory for as long as it answers."""
        with self._claims.answering(key, self._clock.monotonic()):
            yield

    def hold(self, owner: str, keys: Collection[ModelKey]) -> bool:
        """Keep a battle's models in memory, or bring them back; whether all are there now.

        Models that this machine can never load, or not together, count as there: asking them says
        why they are not.
        """
        self._claims.hold(owner, keys, self._clock.monotonic())
        if self.plan is None:
            return not set(keys) & set(self._models)
        meeting = frozenset(key for key in keys if key in self.plan.possible)
        if not meeting <= set(self._resident):
            if self.plan.add(meeting, ()) is None:
                return True
            self._wanted.append(meeting)
            return False
        return all(self._models[key].state is not ModelState.LOADING for key in meeting)

    def release(self, owner: str) -> None:
        """End a battle's hold on its models. May be called from any thread."""
        self._claims.release(owner)

    async def _run(self) -> None:
        for key in self._models:
            self._footprints[key] = await self._measured(key)
        self._make_plan()
        while True:
            try:
                await self._learn_sizes()
                self._drop_unloadable()
                step = await self._considered_step()
                self._busy = step is not None
                if step is not None:
                    await self._carry_out(step)
            except Exception:
                logger.exception("a model could not be loaded or unloaded")
            await self._pass_tick()

    async def _measured(self, key: ModelKey) -> Footprint | None:
        try:
            return await self._measure(key)
        except Exception:
            logger.exception("model %s cannot be measured", key)
            return None

    def _make_plan(self) -> None:
        known = {key: one for key, one in self._footprints.items() if key not in self._unloadable}
        self.plan = made = plan(known, self._view.machine, self._preferences, self._in_vllm)
        for key, place in made.placements.items():
            level = logging.WARNING if place.stay is Stay.REFUSED else logging.INFO
            logger.log(level, "model %s: %s, %s (%s)", key, place.stay, place.where, place.reason)

    def _drop_unloadable(self) -> None:
        """Plan without models that can never be loaded: no other shall make room for them."""
        lost = {key for key in self._resident if self._models[key].given_up}
        for key in lost:
            del self._resident[key]  # its engine has ended
        if lost:
            self._unloadable |= lost
            self._wanted = [meeting for meeting in self._wanted if not meeting & lost]
            self._make_plan()

    async def _considered_step(self) -> Step | None:
        """Choose a step, and once more if the machine turns out to have changed before a load."""
        step = self._next_step()
        placements = self.plan.placements.values() if self.plan else ()
        waits = self._view.is_old and any(place.missing_bytes for place in placements)
        loads = step is not None and bool(step.load)
        if (loads or waits) and await self._view.has_changed(self._resident.values()):
            self._make_plan()
            return self._next_step()
        return step

    def _next_step(self) -> Step | None:
        """Choose a step: evict what cannot stay, load what is asked for, has room or is due."""
        assert self.plan is not None  # noqa: S101  (made before the first step)
        situation = self._situation()
        refused = [k for k in situation.idle(()) if self.plan.placements[k].stay is Stay.REFUSED]
        if refused:
            return Step(evict=tuple(refused))
        self._wanted = [
            meeting
            for meeting in dict.fromkeys(self._wanted)
            if meeting <= situation.in_use and not meeting <= set(self._resident)
        ]
        for meeting in self._wanted:
            step = room_for(self.plan, meeting, situation)
            if step is not None:
                return step
        return filling(self.plan, situation) or self._rotation(self.plan, situation)

    def _rotation(self, made: Plan, situation: Situation) -> Step | None:
        if self._clock.monotonic() - self._rotated_s < self._timings.rotate_s:
            return None
        used = situation.last_used or {}
        if self._resident and not any(used.get(k, -1.0) >= self._rotated_s for k in self._resident):
            return None
        waiting = [*self._wanted, next_meeting(made, self._met, self._resident)]
        return turn_for(made, waiting[0], situation) if waiting[0] else None

    def _situation(self) -> Situation:
        in_use = self._claims.in_use(self._clock.monotonic())
        return Situation(dict(self._resident), in_use, self._claims.last_used)

    async def _carry_out(self, step: Step) -> None:
        patience_s = self._timings.hold_s if step.drain else 0.0
        if not step.evict or await self._evict(frozenset(step.evict), patience_s):
            for placement in step.load:
                await self._load(placement)
        self._rotated_s = self._clock.monotonic()

    async def _evict(self, keys: frozenset[ModelKey], patience_s: float) -> bool:
        """Drain and unload models; return whether all have left within `patience_s`."""
        self._leaving = keys
        left_s = patience_s - self._timings.leave_s
        try:
            await self._clock.sleep(self._timings.leave_s)
            if not await self._wait_while(lambda: keys & self._situation().in_use, left_s):
                return False
            for key in keys:
                logger.info("model %s makes room", key)
                await self._unload(key)
        finally:
            self._leaving = frozenset()
        return True

    async def _unload(self, key: ModelKey) -> None:
        """Unload a model, shielded: an engine whose shutdown is cancelled would be left behind."""
        self._unloading = asyncio.create_task(self._models[key].close())
        await asyncio.shield(self._unloading)
        del self._resident[key]

    async def _load(self, placement: Placement) -> None:
        key = placement.key
        model = self._models[key]
        logger.info("loading model %s: %s, %s", key, placement.where, placement.reason)
        self._resident[key] = placement
        model.assign(placement)
        await model.start()
        await self._wait_while(lambda: model.state is ModelState.LOADING, self._timings.load_s)

    async def _learn_sizes(self) -> None:
        """Measure what was loaded before its size could be known, once it has been downloaded."""
        for key in tuple(self._resident):
            state = self._models[key].state
            asked = self._footprints[key] is not None or (key, state) in self._measured_in
            if not asked and state is not ModelState.LOADING:
                self._measured_in.add((key, state))
                await self._learn(key)

    async def _learn(self, key: ModelKey) -> None:
        """Plan again with a size; a model that did not fit where it was is placed once more."""
        footprint = await self._measured(key)
        if footprint is None:
            self._take_back_room(key)
            return
        self._footprints[key] = footprint
        self._resident[key] = settled(self._resident[key], footprint)
        self._make_plan()
        if self._models[key].state is not ModelState.READY:
            await self._unload(key)

    def _take_back_room(self, key: ModelKey) -> None:
        """Free the room reserved for a model that could not be downloaded, such as a gated one."""
        if self._models[key].state is ModelState.FAILED:
            place = self._resident[key]
            self._resident[key] = replace(place, takes=dict.fromkeys(place.takes, 0))

    async def _wait_while(self, busy: Callable[[], object], within_s: float) -> bool:
        """Wait as long as `busy()` is true; return whether that ended within `within_s`."""
        give_up_s = self._clock.monotonic() + within_s
        while busy():
            if self._clock.monotonic() >= give_up_s:
                return False
            await self._pass_tick()
        return True

    async def _pass_tick(self) -> None:
        """Wait a little, and note which models are together now."""
        await self._clock.sleep(self._timings.tick_s)
        now = self._clock.monotonic()
        ready = {key for key in self._resident if self._models[key].state is ModelState.READY}
        for meeting in self.plan.meetings if self.plan else ():
            if meeting <= ready:
                self._met[meeting] = now
