"""How models are packed: the order in which they are placed, and what an unknown one takes."""

import pytest

from arena.domain.byte_sizes import GIB
from arena.domain.conversation import ModelKey
from arena.inference.placement import Footprint, Gpu, Machine, Placement, Stay
from arena.inference.placement.packing import UNKNOWN, Request, pack
from arena.inference.placement.sizes import RAM

TWO_OF_80 = Machine(tuple(Gpu(index, 80 * GIB, 79 * GIB) for index in range(2)), 64 * GIB, 16)
FIRST, SECOND = ModelKey("first"), ModelKey("second")


def request(key: str, gigabytes: int) -> Request:
    footprint = Footprint(weights_bytes=gigabytes * GIB, kv_bytes_per_token=1024, context=4096)
    return Request(ModelKey(key), footprint)


def half_taken(machine: Machine, device: int, *, more: int) -> Placement:
    """What leaves exactly half of a device free, or `more` bytes less."""
    taken = machine.room()[device] - (machine.room()[device] + 1) // 2 + more
    return Placement(key=FIRST, stay=Stay.LOADED, reason="", takes={device: taken})


def test_the_largest_is_placed_first_or_four_models_would_not_fit_two_gpus() -> None:
    """Smallest first, 15 and 30 would lie on one GPU and 35 on the other: 50 finds no room."""
    sizes = {"a": 35, "b": 30, "c": 15, "d": 50}
    placed = pack([request(*item) for item in sizes.items()], TWO_OF_80, limit=None)

    assert placed is not None
    assert [place.key for place in placed] == ["d", "a", "b", "c"]


@pytest.mark.parametrize("device", [1, RAM])
def test_a_model_of_unknown_size_takes_all_of_a_device_that_is_at_least_half_free(
    device: int,
) -> None:
    preference = "cpu" if device == RAM else (device,)
    beside = half_taken(TWO_OF_80, device, more=0)
    placed = pack([Request(SECOND, None, preference)], TWO_OF_80, limit=None, beside=[beside])

    assert placed is not None
    (place,) = placed
    assert place.reason == UNKNOWN
    assert place.takes == {device: (TWO_OF_80.room()[device] + 1) // 2}


@pytest.mark.parametrize("device", [1, RAM])
def test_a_model_of_unknown_size_takes_nothing_of_a_device_that_is_less_than_half_free(
    device: int,
) -> None:
    preference = "cpu" if device == RAM else (device,)
    beside = half_taken(TWO_OF_80, device, more=1)

    assert pack([Request(SECOND, None, preference)], TWO_OF_80, limit=None, beside=[beside]) is None
