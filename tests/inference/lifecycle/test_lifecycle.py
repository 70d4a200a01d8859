"""Models take turns in memory: every pair meets, and no battle loses its models."""

from itertools import combinations
from random import Random

import pytest

from arena.domain.byte_sizes import GIB
from arena.domain.conversation import ModelKey
from arena.inference.backend import ModelState
from arena.inference.placement import Footprint, Gpu, Machine
from tests.inference.lifecycle.worlds import KEYS, PACE, SMALL, world

pytestmark = pytest.mark.anyio


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
