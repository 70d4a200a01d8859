"""Models in vLLM go onto 1, 2, 4, ... GPUs and onto no CPU."""

from arena.domain.byte_sizes import GIB
from arena.domain.conversation import ModelKey
from arena.inference.placement import Footprint, Gpu, Machine, Stay, plan
from arena.inference.placement.sizes import DevicePreference

BIG = ModelKey("big")


def machine(gpus: int, gigabytes: int = 24) -> Machine:
    card = gigabytes * GIB
    return Machine(tuple(Gpu(index, card, card) for index in range(gpus)), 500 * GIB, 16)


def planned(gpus: int, weights: int, devices: DevicePreference = "auto") -> tuple[Stay, int, str]:
    """Where a model of so many gigabytes is, on how many GPUs, and why."""
    footprint = Footprint(weights_bytes=weights * GIB, kv_bytes_per_token=1024, context=4096)
    made = plan({BIG: footprint}, machine(gpus), {BIG: devices}, {BIG})
    place = made.placements[BIG]
    return place.stay, len(place.gpus), place.reason


def test_a_model_that_fits_three_gpus_gets_four() -> None:
    assert planned(4, 50)[:2] == (Stay.LOADED, 4)


def test_a_model_that_fits_three_of_three_gpus_is_refused() -> None:
    stay, gpus, reason = planned(3, 50)
    assert (stay, gpus) == (Stay.REFUSED, 0)
    assert reason.startswith("vLLM spreads a model over 1, 2, 4, ... GPUs: needs ")


def test_the_gpus_of_its_row_are_its_operator_s_affair() -> None:
    assert planned(3, 50, (0, 1, 2))[:2] == (Stay.LOADED, 3)


def test_a_small_model_has_one_gpu() -> None:
    assert planned(4, 8)[:2] == (Stay.LOADED, 1)


def test_without_a_gpu_there_is_no_vllm() -> None:
    assert planned(0, 8) == (Stay.REFUSED, 0, "vLLM needs a GPU, and this machine has none")


def test_a_gpu_that_cannot_be_planned_stands_beside_that() -> None:
    words = "AMD's GPUs (ROCm) are here, and only NVIDIA's can be planned"
    made = plan({BIG: None}, Machine((), 8 * GIB, 2, (words,)), tensor_parallel={BIG})
    assert made.placements[BIG].reason.endswith(f"has none ({words})")


def test_a_cache_without_room_for_the_context_shortens_it() -> None:
    footprint = Footprint(weights_bytes=15 * GIB, kv_bytes_per_token=2**17, context=131_072)
    place = plan({BIG: footprint}, machine(1), {}, {BIG}).placements[BIG]
    assert place.shortened_context == place.cache_tokens
    small = Footprint(weights_bytes=GIB, kv_bytes_per_token=1024, context=4096)
    assert plan({BIG: small}, machine(1), {}, {BIG}).placements[BIG].shortened_context is None
