"""docs/engine.md names a guard and a test for every pitfall, and they exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_, _, PITFALLS = (ROOT / "docs/engine.md").read_text(encoding="utf-8").partition("## Pitfalls")
TABLE = [
    line.split("|")[1:4]
    for line in PITFALLS.splitlines()
    if line.startswith("| ") and not line.startswith("| pitfall")
]
SOURCES = "\n".join(
    path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")
)


@pytest.mark.parametrize(("pitfall", "guard", "tests"), TABLE)
def test_every_pitfall_has_a_guard_and_a_test(pitfall: str, guard: str, tests: str) -> None:
    for place in re.findall(r"`([\w/]+\.py:\w+)`", guard):
        file, _, name = place.partition(":")
        path = ROOT / file if file.startswith("arena/") else ROOT / "arena/engine" / file
        assert re.search(rf"(def|class) {name}\b", path.read_text(encoding="utf-8")), place
    named = re.findall(r"`(test_\w+)`", tests)
    assert named or tests.strip().startswith("none"), pitfall
    for name in named:
        assert f"def {name}(" in SOURCES, name
