"""A person who waits for a model reads how far it is, and the log is not flooded with it."""

from pathlib import Path

import pytest

from arena.domain.byte_sizes import size_text
from arena.engine.hub.progress import DownloadProgress, duration
from arena.engine.loading.loader import ModelLoader
from arena.engine.loading.progress import EVERY_S, ThrottledReport, weights_reported
from tests.fakes.catalogs import hub_row

GIB = 2**30


class Seconds:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_download_is_told_with_its_speed_and_what_is_left() -> None:
    clock = Seconds()
    progress = DownloadProgress(int(13.5 * GIB), clock=clock)
    assert progress.text(3 * GIB).endswith(
        "downloading 3.0 of 13.5 GiB (22 %), waiting for the hub"
    )
    clock.now += 2
    said = progress.text(3 * GIB + 170_000_000)
    assert said == "downloading 3.2 of 13.5 GiB (23 %), 85 MB/s, about 2 min left"


def test_the_speed_is_that_of_the_last_seconds() -> None:
    clock = Seconds()
    progress = DownloadProgress(2 * GIB, clock=clock)
    progress.text(0)
    clock.now += 1
    assert "MB/s" in progress.text(GIB)
    for _ in range(20):
        clock.now += 1
        said = progress.text(GIB)
    assert said == "downloading 1.0 of 2.0 GiB (50 %), waiting for the hub"


def test_a_whole_download_is_being_checked() -> None:
    said = DownloadProgress(2**20, clock=Seconds()).text(2**20)
    assert said == "downloading 1.0 of 1.0 MiB (100 %), checking"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (59, "59 s"), (119, "2 min"), (7000, "117 min"), (9000, "2 h")],
)
def test_durations_are_rough(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_sizes_have_the_unit_that_suits_them() -> None:
    assert (size_text(5 * 2**20), size_text(3 * GIB // 2)) == ("5.0 MiB", "1.5 GiB")


def test_of_one_step_a_text_is_told_once_in_a_while() -> None:
    said: list[str] = []
    clock = Seconds()
    tell = ThrottledReport(said.append, clock=clock)
    for percent in range(3):
        tell(f"downloading {percent} %")
    clock.now += EVERY_S
    tell("downloading 3 %")
    tell("loading weights")
    assert said == ["downloading 0 %", "downloading 3 %", "loading weights"]


def test_loading_is_told_in_percent_of_the_tensors(random_checkpoint: Path) -> None:
    said: list[str] = []
    row = hub_row("x").model_copy(update={"source": str(random_checkpoint)})
    with weights_reported(said.append):
        ModelLoader().load(row)
    assert said[0].startswith("loading weights (0 % of ")
    percents = [int(text.split("(")[1].split(" ")[0]) for text in said]
    assert percents == sorted(set(percents))
    assert percents[-1] > 80
    ModelLoader().load(row)
    assert len(said) == len(percents), "the hook is gone"
