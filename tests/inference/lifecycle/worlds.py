"""Models that take turns in the memory of a machine, in virtual time."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from arena.domain.byte_sizes import GIB
from arena.domain.conversation import ModelKey
from arena.inference.backend import ModelState
from arena.inference.lifecycle import Lifecycle, LifecycleTimings
from arena.inference.placement import Footprint, Gpu, Machine, Placement
from arena.inference.placement.sizes import DevicePreference
from tests.fakes.clock import VirtualClock

PACE = LifecycleTimings(tick_s=1, leave_s=2, load_s=60, rotate_s=100, hold_s=300)
LOADING_S = 10
ROOM_FOR_TWO = Machine((Gpu(0, 24 * GIB, 24 * GIB),), 64 * GIB, 8)
SMALL = Footprint(weights_bytes=8 * GIB, kv_bytes_per_token=1024, context=2048)
KEYS = tuple(map(ModelKey, "abcd"))


class FakeModel:
    """Loads for ten virtual seconds; writes down what happens, and what is loaded at once."""

    def __init__(self, key: ModelKey, clock: VirtualClock, world: "World") -> None:
        self._key = key
        self._clock = clock
        self._world = world
        self._since = 0.0
        self._running = False
        self.placement: Placement | None = None
        self.breaks = False
        self.given_up = False

    @property
    def runs(self) -> bool:
        """Whether its engine holds memory."""
        return self._running and self.state is not ModelState.FAILED

    @property
    def state(self) -> ModelState:
        """LOADING until its time has come."""
        if not self._running:
            return ModelState.STOPPED
        if self._clock.monotonic() - self._since < LOADING_S:
            return ModelState.LOADING
        return ModelState.FAILED if self.breaks else ModelState.READY

    def assign(self, placement: Placement) -> None:
        """Remember where."""
        assert not self._running
        self.placement = placement

    async def start(self) -> None:
        """Begin; nothing else may be loading, and it must fit."""
        assert ModelState.LOADING not in self._world.states().values()
        self._running, self._since = True, self._clock.monotonic()
        self._world.events.append(f"+{self._key}")
        self._world.check_room()

    async def close(self) -> None:
        """Unload; a model in use never hears this."""
        assert self._key not in self._world.used
        if self._running:
            self._running = False
            self._world.events.append(f"-{self._key}")


class World:
    """A lifecycle over fake models on an invented machine."""

    def __init__(
        self,
        footprints: Mapping[ModelKey, Footprint | None],
        machine: Machine = ROOM_FOR_TWO,
        preferences: Mapping[ModelKey, DevicePreference] | None = None,
    ) -> None:
        self.clock = VirtualClock()
        self.events: list[str] = []
        self.used: set[ModelKey] = set()
        self.footprints = dict(footprints)
        self.machine = machine
        self.others = {gpu.index: 0 for gpu in machine.gpus}
        self.models = {key: FakeModel(key, self.clock, self) for key in footprints}
        self.lifecycle = Lifecycle(
            self.models,
            machine=machine,
            measure=self.measure,
            clock=self.clock,
            preferences=preferences,
            timings=PACE,
            look=self.look,
        )

    async def look(self) -> Machine:
        """The machine as nvidia-smi sees it: less what is loaded, and what others hold."""
        taken = dict(self.others)
        for key, placement in self.lifecycle.resident.items():
            for device, octets in placement.takes.items():
                taken[device] = taken.get(device, 0) + octets * self.models[key].runs
        gpus = (
            replace(gpu, free_bytes=max(gpu.free_bytes - taken[gpu.index], 0))
            for gpu in self.machine.gpus
        )
        return replace(self.machine, gpus=tuple(gpus))

    async def measure(self, key: ModelKey) -> Footprint | None:
        return self.footprints[key]

    def states(self) -> dict[ModelKey, ModelState]:
        return {key: model.state for key, model in self.models.items()}

    def ready(self) -> frozenset[ModelKey]:
        return frozenset(key for key, state in self.states().items() if state is ModelState.READY)

    def drawable(self) -> frozenset[ModelKey]:
        seen = {key: self.lifecycle.seen(key, state) for key, state in self.states().items()}
        return frozenset(key for key, state in seen.items() if state is ModelState.READY)

    def check_room(self) -> None:
        room = self.machine.room()
        for placement in self.lifecycle.resident.values():
            for device, octets in placement.takes.items():
                room[device] -= octets
        assert min(room.values()) >= 0, "a device is overfull"

    async def pass_s(self, seconds: float) -> None:
        await self.clock.settle()
        await self.clock.advance(seconds)

    async def battle(self) -> frozenset[ModelKey]:
        """Everybody who can be drawn answers for a moment."""
        drawn = self.drawable()
        for key in drawn:
            with self.lifecycle.answering(key):
                pass
        return drawn


@asynccontextmanager
async def world(
    footprints: Mapping[ModelKey, Footprint | None],
    machine: Machine = ROOM_FOR_TWO,
    preferences: Mapping[ModelKey, DevicePreference] | None = None,
) -> AsyncGenerator[World, None]:
    made = World(footprints, machine, preferences)
    await made.lifecycle.start()
    try:
        yield made
    finally:
        await made.lifecycle.close()
