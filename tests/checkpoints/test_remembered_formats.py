"""A number format that was measured once stays the model's on that machine."""

from pathlib import Path

import pytest

from arena.checkpoints.remembered_formats import RememberedFormats
from arena.checkpoints.step_shape import StepShape

SHAPE = StepShape(hidden=576, inner=1536, words=49_152, layers=30)


def never() -> str:
    raise AssertionError("it is known already")


def test_a_format_is_measured_once(tmp_path: Path) -> None:
    formats = RememberedFormats(tmp_path / "formats", "this processor")
    assert formats.recall(SHAPE, lambda: "bfloat16") == "bfloat16"
    assert RememberedFormats(tmp_path / "formats", "this processor").recall(SHAPE, never) == (
        "bfloat16"
    )
    assert len(list((tmp_path / "formats").iterdir())) == 1


def test_another_shape_or_machine_is_measured_for_itself(tmp_path: Path) -> None:
    RememberedFormats(tmp_path, "one").recall(SHAPE, lambda: "bfloat16")
    other = StepShape(hidden=960, inner=2560, words=49_152, layers=32)
    assert RememberedFormats(tmp_path, "one").recall(other, lambda: "float32") == "float32"
    assert RememberedFormats(tmp_path, "two").recall(SHAPE, lambda: "float32") == "float32"


@pytest.mark.parametrize("content", [b"", b"int3\n", b"\xff\xfe"])
def test_what_cannot_be_read_is_measured_again_and_replaced(tmp_path: Path, content: bytes) -> None:
    formats = RememberedFormats(tmp_path, "this processor")
    formats.recall(SHAPE, lambda: "bfloat16")
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert formats.recall(SHAPE, lambda: "float32") == "float32"
    assert formats.recall(SHAPE, never) == "float32"


def test_a_folder_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "arena").write_text("a file where the folder should be", encoding="utf-8")
    formats = RememberedFormats(tmp_path / "arena" / "formats", "this processor")
    assert formats.recall(SHAPE, lambda: "bfloat16") == "bfloat16"


def test_formats_lie_with_the_caches_of_whoever_runs_the_engine(tmp_path: Path) -> None:
    formats = RememberedFormats.of_user({"XDG_CACHE_HOME": str(tmp_path)})
    assert formats.folder == tmp_path / "arena" / "number-formats"
    assert "torch" in formats.machine
