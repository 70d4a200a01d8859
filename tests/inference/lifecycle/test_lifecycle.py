"""Models take turns in memory: every pair meets, and no battle loses its models."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import combinations
from random import Random

import pytest

from arena.domain.byte_sizes import GIB
from arena.domain.conversation import ModelKey
from arena.inference.backend import ModelState
from arena.inference.lifecycle import Lifecycle, LifecycleTimings
from arena.inference.placement import Footprint, Gpu, Machine, Placement
from arena.inference.placement.sizes import DevicePreference
from tests.fakes.clock import VirtualClock

pytestmark = pytest.mark.anyio

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


async def test_the_first_that_fit_are_loaded_one_after_another() -> None:
    async with world(dict.fromkeys(KEYS, SMALL)) as here:
        await here.pass_s(5)
        assert here.states()[ModelKey("a")] is ModelState.LOADING
        assert here.lifecycle.seen(ModelKey("d"), ModelState.STOPPED) is ModelState.LOADING
        await here.pass_s(40)
        assert here.events == ["+a", "+b"]
        assert here.ready() == {"a", "b"}
        assert here.lifecycle.note(ModelKey("a")) == "GPU 0"
        assert here.lifecycle.note(ModelKey("c")) == "waits for its turn"
        assert here.lifecycle.seen(ModelKey("d"), ModelState.STOPPED) is ModelState.STOPPED


async def test_every_pair_meets_in_time_while_people_play() -> None:
    async with world(dict.fromkeys(KEYS, SMALL)) as here:
        met: set[frozenset[ModelKey]] = set()
        for _ in range(200):
            await here.pass_s(10)
            met |= {frozenset(pair) for pair in combinations(sorted(await here.battle()), 2)}
        assert met == {frozenset(pair) for pair in combinations(KEYS, 2)}


async def test_nothing_moves_while_nobody_plays() -> None:
    async with world(dict.fromkeys(KEYS, SMALL)) as here:
        await here.pass_s(2000)
        assert here.events == ["+a", "+b"]


async def test_nothing_moves_when_everything_fits() -> None:
    async with world(dict.fromkeys(KEYS[:2], SMALL)) as here:
        for _ in range(100):
            await here.pass_s(20)
            await here.battle()
        assert here.events == ["+a", "+b"]


async def test_the_models_of_an_open_battle_stay_until_its_hold_ends() -> None:
    async with world(dict.fromkeys(KEYS, SMALL)) as here:
        await here.pass_s(40)
        assert here.lifecycle.hold("battle", KEYS[:2])
        here.used = set(KEYS[:2])
        await here.battle()
        await here.pass_s(250)
        assert here.events == ["+a", "+b"]
        here.used = set()
        await here.pass_s(300)
        assert len(here.events) > 2


async def test_a_released_battle_frees_its_models_at_once() -> None:
    async with world(dict.fromkeys(KEYS, SMALL)) as here:
        await here.pass_s(40)
        here.lifecycle.hold("battle", KEYS[:2])
        await here.pass_s(120)
        assert len(here.events) == 2
        here.lifecycle.release("battle")
        here.lifecycle.release("battle")
        await here.pass_s(60)
        assert len(here.events) > 2


async def test_models_in_constant_use_still_make_room_for_the_others() -> None:
    async with world(dict.fromkeys(KEYS, SMALL)) as here:
        seen: set[ModelKey] = set()
        for number in range(300):
            await here.pass_s(10)
            drawn = await here.battle()
            here.lifecycle.hold(f"battle {number}", sorted(drawn))
            here.lifecycle.release(f"battle {number - 5}")  # voted on after fifty seconds
            seen |= drawn
        assert seen == set(KEYS)


async def test_a_model_that_answers_is_never_evicted() -> None:
    async with world(dict.fromkeys(KEYS, SMALL)) as here:
        await here.pass_s(40)
        here.used = {ModelKey("a")}
        with here.lifecycle.answering(ModelKey("a")):
            await here.battle()
            await here.pass_s(1000)
            assert "-a" not in here.events
            assert "-b" in here.events


async def test_a_battle_of_evicted_models_brings_them_back() -> None:
    async with world(dict.fromkeys(KEYS, SMALL)) as here:
        await here.pass_s(40)
        wanted = (ModelKey("c"), ModelKey("d"))
        assert not here.lifecycle.hold("battle", wanted)
        await here.pass_s(60)
        assert here.ready() == set(wanted)
        assert here.lifecycle.hold("battle", wanted)


async def test_a_wanted_model_takes_the_place_of_the_one_longest_unused() -> None:
    async with world(dict.fromkeys(KEYS, SMALL)) as here:
        await here.pass_s(40)
        with here.lifecycle.answering(ModelKey("a")):
            pass
        here.lifecycle.hold("battle", [ModelKey("d")])
        await here.pass_s(40)
        assert here.events == ["+a", "+b", "-b", "+d"]


async def test_a_model_that_is_about_to_leave_is_drawn_no_more_but_may_still_be_claimed() -> None:
    async with world(dict.fromkeys(KEYS, SMALL)) as here:
        await here.pass_s(40)
        here.lifecycle.hold("battle", [ModelKey("d")])
        await here.pass_s(1.5)
        assert here.drawable() == {"b"}
        here.lifecycle.hold("quick", [ModelKey("a")])  # drawn just before
        here.used = {ModelKey("a")}
        await here.pass_s(60)
        assert here.events == ["+a", "+b", "-b", "+d"]


async def test_a_model_that_fails_to_load_does_not_hold_up_the_others() -> None:
    async with world(dict.fromkeys(KEYS, SMALL)) as here:
        here.models[ModelKey("a")].breaks = True
        await here.pass_s(60)
        assert here.ready() == {"b"}


async def test_a_model_that_can_never_be_loaded_is_loaded_once_and_no_other_leaves_for_it() -> None:
    broken = ModelKey("a")
    async with world(dict.fromkeys(KEYS, SMALL)) as here:
        here.models[broken].breaks = here.models[broken].given_up = True
        met: set[frozenset[ModelKey]] = set()
        for _ in range(200):
            await here.pass_s(10)
            met |= {frozenset(pair) for pair in combinations(sorted(await here.battle()), 2)}
        assert here.events.count("+a") == 1
        assert met == {frozenset(pair) for pair in combinations(KEYS[1:], 2)}
        assert here.lifecycle.note(broken) == ""
        assert here.lifecycle.hold("battle", [broken])  # asking it says why it is not there


async def test_memory_that_another_program_has_taken_is_seen_before_a_load() -> None:
    async with world(dict.fromkeys(KEYS[:1], SMALL)) as here:
        here.others[0] = 20 * GIB
        await here.pass_s(60)
        assert here.events == []
        assert "needs 9.5 GiB on GPU 0 and has 3.9 GiB" in here.lifecycle.note(KEYS[0])
        here.others[0] = 0
        await here.pass_s(90)
        assert here.events == ["+a"]
        assert here.ready() == {"a"}


async def test_models_in_memory_stay_there_when_another_program_takes_the_rest() -> None:
    async with world(dict.fromkeys(KEYS[:2], SMALL)) as here:
        await here.pass_s(40)
        here.others[0] = 24 * GIB
        here.models[KEYS[1]].breaks = True  # so that the machine is looked at again
        for _ in range(30):
            await here.pass_s(10)
            await here.battle()
        assert here.events == ["+a", "+b"]
        plan = here.lifecycle.plan
        assert plan is not None
        assert plan.possible == KEYS[:2]


async def test_a_refused_model_is_never_loaded_and_says_why() -> None:
    huge = Footprint(weights_bytes=300 * GIB, kv_bytes_per_token=1024, context=2048)
    async with world({ModelKey("huge"): huge, ModelKey("a"): SMALL}) as here:
        await here.pass_s(60)
        assert here.events == ["+a"]
        assert "are missing" in here.lifecycle.note(ModelKey("huge"))
        assert here.lifecycle.hold("battle", [ModelKey("huge")])


async def test_a_downloaded_model_is_measured_and_makes_room_for_others() -> None:
    async with world({ModelKey("hub"): None, ModelKey("other"): None}) as here:
        await here.pass_s(5)
        here.footprints = dict.fromkeys(here.footprints, SMALL)
        await here.pass_s(60)
        assert here.ready() == {"hub", "other"}
        here.check_room()


async def test_a_model_that_fails_before_its_size_is_known_is_placed_anew_by_its_size() -> None:
    two = Machine((Gpu(0, 24 * GIB, 24 * GIB), Gpu(1, 24 * GIB, 24 * GIB)), 64 * GIB, 8)
    wide = Footprint(weights_bytes=30 * GIB, kv_bytes_per_token=1024, context=2048)
    hub = ModelKey("hub")
    async with world({hub: None}, two) as here:
        here.models[hub].breaks = True
        await here.pass_s(5)
        assert here.lifecycle.resident[hub].gpus == (0,)
        here.footprints[hub] = wide
        await here.pass_s(10)
        here.models[hub].breaks = False
        await here.pass_s(20)
        assert here.events == ["+hub", "-hub", "+hub"]
        assert here.lifecycle.resident[hub].gpus == (0, 1)
        assert here.ready() == {hub}


async def test_models_that_cannot_be_downloaded_do_not_bar_those_that_can() -> None:
    gated, other = ModelKey("gated"), ModelKey("other")
    async with world({gated: None, other: None}) as here:
        here.models[gated].breaks = True
        await here.pass_s(60)
        assert here.ready() == {other}
        assert here.lifecycle.note(gated) == "GPU 0"


async def test_a_model_that_cannot_be_measured_is_loaded_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Unmeasurable(World):
        """A machine whose disk cannot be read."""

        async def measure(self, key: ModelKey) -> Footprint | None:
            """Fail."""
            raise PermissionError(key)

    here = Unmeasurable({ModelKey("a"): None})
    await here.lifecycle.start()
    await here.pass_s(60)
    assert here.ready() == {"a"}
    assert "cannot be measured" in caplog.text
    await here.lifecycle.close()


async def test_a_battle_of_two_that_never_fit_together_is_not_told_to_wait() -> None:
    large = Footprint(weights_bytes=15 * GIB, kv_bytes_per_token=1024, context=2048)
    async with world(dict.fromkeys(KEYS[:2], large)) as here:
        await here.pass_s(60)
        assert here.lifecycle.hold("battle", KEYS[:2])


async def test_models_that_never_fit_together_still_take_turns() -> None:
    large = Footprint(weights_bytes=15 * GIB, kv_bytes_per_token=1024, context=2048)
    async with world(dict.fromkeys(KEYS[:2], large)) as here:
        seen: set[ModelKey] = set()
        for _ in range(60):
            await here.pass_s(10)
            seen |= await here.battle()
        assert seen == {"a", "b"}


async def test_a_large_model_on_all_gpus_makes_room_for_two_small_ones_and_back() -> None:
    two = Machine((Gpu(0, 80 * GIB, 80 * GIB), Gpu(1, 80 * GIB, 80 * GIB)), 64 * GIB, 8)
    large = Footprint(weights_bytes=125 * GIB, kv_bytes_per_token=1024, context=2048)
    small = Footprint(weights_bytes=40 * GIB, kv_bytes_per_token=1024, context=2048)
    sizes = {ModelKey("large"): large, ModelKey("s1"): small, ModelKey("s2"): small}
    async with world(sizes, two) as here:
        met: set[frozenset[ModelKey]] = set()
        for _ in range(100):
            await here.pass_s(10)
            met.add(await here.battle())
        assert frozenset({"s1", "s2"}) in met
        assert frozenset({"large"}) in met


@pytest.mark.parametrize("seed", range(10))
async def test_whatever_people_do_nothing_is_overfull_and_no_model_in_use_leaves(seed: int) -> None:
    random = Random(seed)
    sizes = {
        key: Footprint(
            weights_bytes=random.choice([2, 8, 12, 19]) * GIB,
            kv_bytes_per_token=random.choice([0, 1024]),
            context=2048,
        )
        for key in KEYS
    }
    async with world(sizes) as here:
        owners: dict[str, tuple[float, frozenset[ModelKey]]] = {}
        for number in range(120):
            await here.pass_s(random.choice([0.5, 5, 60]))
            drawn = sorted(await here.battle())[:2]
            now = here.clock.monotonic()
            if drawn and random.random() < 0.5:
                here.lifecycle.hold(str(number), drawn)
                owners[str(number)] = (now + PACE.hold_s, frozenset(drawn))
            elif owners and random.random() < 0.5:
                owner = random.choice(sorted(owners))
                here.lifecycle.release(owner)
                del owners[owner]
            here.used = {k for until, keys in owners.values() if until > now + 61 for k in keys}
        assert len(here.events) > 2
        here.check_room()


async def test_closing_in_the_middle_of_a_load_leaves_no_task() -> None:
    async with world(dict.fromkeys(KEYS, SMALL)) as here:
        await here.pass_s(3)
    await here.lifecycle.close()
    assert here.lifecycle._task is None
