"""Models that cannot be loaded, fetched or measured hold up no others."""

from itertools import combinations

import pytest

from arena.domain.byte_sizes import GIB
from arena.domain.conversation import ModelKey
from arena.inference.placement import Footprint, Gpu, Machine
from tests.inference.lifecycle.worlds import KEYS, SMALL, World, world

pytestmark = pytest.mark.anyio


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
