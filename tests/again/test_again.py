"""What failed once gets a second run only where it is little."""

import json
from pathlib import Path

import pytest

from tests.again import __main__ as again
from tests.again.__main__ import MOST, failed, refusal

PASSES, FAILS = "def test_one():\n    pass\n", "def test_one():\n    assert False\n"


def record(folder: Path, *tests: str) -> Path:
    """Write what pytest writes after a run in which these failed."""
    path = folder / "lastfailed"
    path.write_text(json.dumps(dict.fromkeys(tests, True)), encoding="utf-8")
    return path


def test_the_record_of_pytest_tells_what_failed(tmp_path: Path) -> None:
    assert failed(record(tmp_path, "b.py::test", "a.py::test")) == ["a.py::test", "b.py::test"]
    assert failed(tmp_path / "none") == []


@pytest.mark.parametrize("count", [0, MOST + 1])
def test_none_or_many_get_no_second_run(count: int) -> None:
    assert refusal([f"a.py::test_{number}" for number in range(count)])


def test_a_few_get_one() -> None:
    assert refusal(["a.py::test"] * MOST) is None


@pytest.mark.parametrize(
    ("code", "ends_with", "said"),
    [(PASSES, 0, "UNSTEADY, to be mended"), (FAILS, 1, "FAILED TWICE")],
)
def test_what_passes_alone_is_named_and_what_fails_again_fails(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    code: str,
    ends_with: int,
    said: str,
) -> None:
    test = tmp_path / "test_written.py"
    test.write_text(code, encoding="utf-8")
    monkeypatch.setattr(again, "LAST_FAILED", record(tmp_path, f"{test}::test_one"))
    assert again.main() == ends_with
    assert f"{said}: {test}::test_one" in capsys.readouterr().out
