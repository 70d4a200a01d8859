"""The planner on invented machines: nothing over capacity, nobody forgotten, numbers for a no."""

from collections.abc import Mapping
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.byte_sizes import GIB
from arena.domain.conversation import ModelKey
from arena.inference.placement import Footprint, Gpu, Machine, Placement, Plan, Stay, plan
from arena.inference.placement.packing import settled
from arena.inference.placement.sizes import MIN_CACHE_TOKENS, RAM, DevicePreference

KIB, MIB = 2**10, 2**20


def model(size: float, kv_kib: int, context: int = 4096, *, growth: int = 1) -> Footprint:
    return Footprint(
        weights_bytes=int(size * GIB),
        kv_bytes_per_token=kv_kib * KIB,
        context=context,
        cpu_growth=growth,
    )


SEVEN = model(12.6, 512)
EIGHT = model(15.0, 128, 8192)
SEVENTY = model(131.4, 320)
MIXTRAL = model(262.0, 224, 65536)
COMMAND = model(193.6, 256, 131072)


def machine(count: int, gigabytes: int, *, ram: int = 64) -> Machine:
    total = {24: 24_564, 80: 81_559}[gigabytes] * MIB  # of an RTX 4090 and an H100
    gpus = tuple(Gpu(index, total, total - GIB // 2) for index in range(count))
    return Machine(gpus, ram * GIB, 16)


ONE_SMALL, TWO_LARGE, EIGHT_LARGE = machine(1, 24), machine(2, 80), machine(8, 80, ram=1000)
NO_GPU = Machine((), 21 * GIB, 2)
MACHINES = {"1x24": ONE_SMALL, "2x80": TWO_LARGE, "8x80": EIGHT_LARGE, "none": NO_GPU}


def planned(
    on: Machine, preferences: Mapping[str, DevicePreference] | None = None, /, **models: Footprint
) -> Plan:
    footprints = {ModelKey(key): footprint for key, footprint in models.items()}
    return plan(
        footprints, on, {ModelKey(k): preference for k, preference in (preferences or {}).items()}
    )


def stays(made: Plan) -> dict[str, Stay]:
    return {key: place.stay for key, place in made.placements.items()}


def taken(placements: list[Placement]) -> dict[int, int]:
    total: dict[int, int] = {}
    for place in placements:
        for device, octets in place.takes.items():
            total[device] = total.get(device, 0) + octets
    return total


def loaded(made: Plan) -> list[Placement]:
    return [place for place in made.placements.values() if place.stay is Stay.LOADED]


def test_two_models_that_fit_one_gpu_singly_take_turns_and_never_meet() -> None:
    made = planned(ONE_SMALL, seven=SEVEN, eight=EIGHT)
    assert stays(made) == {"seven": Stay.LOADED, "eight": Stay.ON_DEMAND}
    assert made.apart == (frozenset({"seven", "eight"}),)
    assert set(made.meetings) == {frozenset({"seven"}), frozenset({"eight"})}


def test_what_is_too_large_is_refused_with_the_missing_bytes() -> None:
    place = planned(ONE_SMALL, large=SEVENTY).placements[ModelKey("large")]
    assert place.stay is Stay.REFUSED
    room = ONE_SMALL.room()[0]
    assert place.missing_bytes == SEVENTY.gpu_bytes(MIN_CACHE_TOKENS, 1) - room
    assert place.reason == "needs 134.3 GiB on GPU 0 and has 22.8 GiB: 111.5 GiB are missing"


def test_small_models_share_out_over_the_gpus() -> None:
    made = planned(TWO_LARGE, seven=SEVEN, eight=EIGHT)
    assert made.all_together
    assert {place.gpus for place in made.placements.values()} == {(0,), (1,)}


def test_a_large_model_lies_on_as_few_gpus_as_hold_it() -> None:
    assert planned(TWO_LARGE, large=SEVENTY).placements[ModelKey("large")].gpus == (0, 1)
    assert len(planned(EIGHT_LARGE, huge=MIXTRAL).placements[ModelKey("huge")].gpus) == 4


def test_a_shorter_cache_is_better_than_one_gpu_more() -> None:
    place = planned(EIGHT_LARGE, large=SEVENTY).placements[ModelKey("large")]
    assert len(place.gpus) == 2
    assert place.cache_tokens == 24 * 1024


def test_with_too_little_memory_caches_shrink_so_that_more_models_are_loaded_at_once() -> None:
    made = planned(machine(1, 80), **{f"seven{number}": SEVEN for number in range(9)})
    assert len(loaded(made)) == 4
    assert made.cache_limit == 8 * 1024


def test_a_large_context_shortens_the_cache_rather_than_refuse_the_model() -> None:
    machine_of_three = machine(3, 80)
    place = planned(machine_of_three, command=COMMAND).placements[ModelKey("command")]
    assert place.stay is Stay.LOADED
    assert place.cache_tokens is not None
    assert MIN_CACHE_TOKENS <= place.cache_tokens < COMMAND.context
    assert "context shortened from 131,072" in place.reason


def test_eight_gpus_hold_two_large_ones_and_several_small_ones() -> None:
    smalls = {f"small{i}": SEVEN for i in range(6)}
    made = planned(EIGHT_LARGE, wizard=SEVENTY, llama=SEVENTY, **smalls)
    assert made.all_together
    assert made.apart == ()


def test_the_whole_line_up_takes_turns_on_eight_gpus_and_every_pair_can_meet() -> None:
    many = {f"seven{i}": SEVEN for i in range(9)}
    large = {f"seventy{i}": SEVENTY for i in range(4)}
    made = planned(EIGHT_LARGE, wizard=MIXTRAL, command=COMMAND, **large, **many)
    assert not made.all_together
    assert made.apart == ()
    assert len(made.meetings) == 15 * 14 // 2


def test_without_a_gpu_models_run_in_main_memory_and_auto_ones_in_float32() -> None:
    tiny = model(0.008, 4, 1024, growth=2)
    made = planned(NO_GPU, demo_a=tiny, demo_b=tiny, eight=EIGHT)
    assert made.all_together
    assert {place.where for place in made.placements.values()} == {"CPU"}
    assert "16.4 MiB of weights" in made.placements[ModelKey("demo_a")].reason
    assert planned(NO_GPU, large=SEVENTY).placements[ModelKey("large")].stay is Stay.REFUSED


def test_a_wish_is_granted_or_refused() -> None:
    made = planned(TWO_LARGE, {"here": (1,), "both": (0, 1), "away": (7,)},
                   here=SEVEN, both=EIGHT, away=SEVEN)  # fmt: skip
    assert made.placements[ModelKey("here")].gpus == (1,)
    assert made.placements[ModelKey("both")].gpus == (0, 1)
    away = made.placements[ModelKey("away")]
    assert (away.stay, away.reason) == (Stay.REFUSED, "this machine has no GPU 7")


def test_a_model_that_asks_for_the_cpu_takes_no_gpu() -> None:
    made = planned(TWO_LARGE, {"cpu": "cpu"}, cpu=model(1, 16, growth=2))
    assert made.placements[ModelKey("cpu")].takes.keys() == {RAM}


def test_an_unknown_size_is_said_and_takes_what_is_left_of_the_emptiest_gpu() -> None:
    footprints = {ModelKey("hub"): None, ModelKey("seven"): SEVEN}
    made = plan(footprints, TWO_LARGE)
    hub = made.placements[ModelKey("hub")]
    assert (hub.stay, hub.reason) == (Stay.LOADED, "size unknown until downloaded")
    assert hub.gpus != made.placements[ModelKey("seven")].gpus
    assert settled(hub, SEVEN).takes[hub.gpus[0]] < 20 * GIB


def test_unknown_sizes_come_one_after_another_on_one_gpu() -> None:
    made = plan({ModelKey("one"): None, ModelKey("two"): None}, ONE_SMALL)
    assert stays(made) == {"one": Stay.LOADED, "two": Stay.ON_DEMAND}


def test_the_cache_shrinks_before_a_model_must_wait() -> None:
    generous = planned(machine(1, 80), a=SEVEN)
    crowded = planned(machine(1, 80), a=SEVEN, b=SEVEN, c=SEVEN, d=SEVEN)
    assert crowded.all_together
    a = ModelKey("a")
    assert (crowded.placements[a].cache_tokens or 0) < (generous.placements[a].cache_tokens or 0)


@pytest.mark.parametrize(
    ("gigabytes", "footprint", "tokens"),
    [
        (24, EIGHT, 40 * 1024),
        (80, SEVEN, 112 * 1024),
        (80, EIGHT, 256 * 1024),
    ],
)
def test_a_gpu_s_memory_becomes_cache_until_more_is_of_no_use(
    gigabytes: int, footprint: Footprint, tokens: int
) -> None:
    place = planned(machine(1, gigabytes), one=footprint).placements[ModelKey("one")]
    assert place.cache_tokens == tokens
    assert place.cache_bytes == (tokens + 256) * footprint.kv_bytes_per_token


def test_main_memory_keeps_the_short_cache_of_a_cpu() -> None:
    place = planned(NO_GPU, one=model(0.5, 12)).placements[ModelKey("one")]
    assert place.cache_tokens == 32 * 1024


def test_planning_twice_gives_the_same_plan() -> None:
    args = {"seven": SEVEN, "eight": EIGHT, "large": SEVENTY}
    assert planned(TWO_LARGE, **args) == planned(TWO_LARGE, **args)


FOOTPRINTS = st.builds(
    model,
    size=st.floats(0.01, 300),
    kv_kib=st.integers(0, 1024),
    context=st.sampled_from([1024, 4096, 32768, 131072]),
    growth=st.sampled_from([1, 2]),
)
WISHES: st.SearchStrategy[DevicePreference] = st.sampled_from(
    ["auto", "auto", "cpu", (0,), (1, 0), (9,)]
)
ROWS = st.lists(st.tuples(st.none() | FOOTPRINTS, WISHES), max_size=6)


@pytest.mark.parametrize("on", MACHINES.values(), ids=MACHINES)
@given(rows=ROWS)
def test_whatever_is_asked_no_device_is_overfull_and_every_model_has_an_answer(
    on: Machine, rows: list[tuple[Footprint | None, DevicePreference]]
) -> None:
    keys = [ModelKey(f"m{number}") for number in range(len(rows))]
    preferences = {key: preference for key, (_, preference) in zip(keys, rows, strict=True)}
    made = plan({k: f for k, (f, _) in zip(keys, rows, strict=True)}, on, preferences)
    room = on.room()
    assert list(made.placements) == keys
    assert all(octets <= room[device] for device, octets in taken(loaded(made)).items())
    for key, place in made.placements.items():
        assert (place.stay is Stay.REFUSED) == (not place.takes)
        assert all(octets <= room[device] for device, octets in place.takes.items())
        preference = preferences[key]
        if place.takes and not isinstance(preference, str):
            assert place.gpus == tuple(sorted(preference))
        if place.takes and (preference == "cpu" or not on.gpus):
            assert place.gpus == ()


@pytest.mark.parametrize("on", MACHINES.values(), ids=MACHINES)
@given(rows=st.lists(FOOTPRINTS, min_size=2, max_size=5))
def test_every_pair_meets_or_is_known_to_stay_apart(on: Machine, rows: list[Footprint]) -> None:
    made = plan({ModelKey(f"m{n}"): footprint for n, footprint in enumerate(rows)}, on)
    pairs = {frozenset(pair) for pair in combinations(made.possible, 2)}
    assert pairs == {m for m in made.meetings if len(m) == 2} | set(made.apart)
    assert frozenset().union(*made.meetings) == frozenset(made.possible) or len(made.possible) == 1
    for meeting in made.meetings:
        placed = made.add(sorted(meeting), ())
        assert placed is not None
        assert all(n <= on.room()[device] for device, n in taken(list(placed)).items())
