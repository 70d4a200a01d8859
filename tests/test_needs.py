"""Tests are told apart by what they need, so that `make unit` stays quick."""

from pathlib import Path

import pytest

from tests.needs import NEEDS, ROOT, needs_of, place_of, unwanted_markers

HERE = Path(__file__)


def test_a_fixture_and_what_it_uses_tell_of_a_browser() -> None:
    assert list(needs_of(HERE, "test", ("tmp_path", "open_tab", "browser"))) == ["browser"]
    assert list(needs_of(HERE, "test", ("tmp_path",))) == []


def test_whatever_starts_the_arena_needs_a_server() -> None:
    assert "server" in needs_of(ROOT / "tests" / "e2e" / "test_quiet_log.py")


def test_an_imported_module_tells_of_an_engine() -> None:
    assert "engine" in needs_of(ROOT / "tests" / "engine" / "test_process.py")


def test_a_single_slow_test_does_not_make_its_file_slow() -> None:
    file, name = ROOT / "tests/services/board/test_odd_boards.py", "test_nothing_that_a_few_people"

    assert list(needs_of(file, f"{name}_vote_raises")) == ["slow"]
    assert list(needs_of(file)) == []


def test_what_takes_longest_comes_first_and_quick_tests_last() -> None:
    assert sorted(([], ["slow"], ["engine", "slow"], ["browser", "server"]), key=place_of) == [
        ["browser", "server"],
        ["engine", "slow"],
        ["slow"],
        [],
    ]


def test_files_run_in_that_order(request: pytest.FixtureRequest) -> None:
    """Also where pytest-xdist gives them out: it would sort them by their number of tests."""
    assert not request.config.option.loadscopereorder
    places: dict[Path, int] = {}
    for item in request.session.items:
        needs = {mark.name for mark in item.iter_markers()}.intersection(NEEDS)
        places[item.path] = min(place_of(needs), places.get(item.path, len(NEEDS)))
    assert list(places.values()) == sorted(places.values())


@pytest.mark.parametrize(
    ("expression", "unwanted"),
    [
        ("not browser and not slow", {"browser", "slow"}),
        ("not engine", {"engine"}),
        ("not engine or slow", set()),
        ("slow", set()),
        ("", set()),
    ],
)
def test_only_a_list_of_exclusions_leaves_files_out(expression: str, unwanted: set[str]) -> None:
    assert unwanted_markers(expression) == unwanted


@pytest.mark.parametrize("marker", NEEDS)
def test_what_the_rules_name_is_there(marker: str, pytestconfig: pytest.Config) -> None:
    need = NEEDS[marker]
    ours = [name for name in need.modules if name.startswith(("arena.", "tests."))]
    files = [ROOT / name.replace(".", "/") for name in ours]

    assert [file for file in files if not (file.with_suffix(".py").exists() or file.is_dir())] == []
    assert [test for test in need.tests if not _is_there(test)] == []
    assert any(line.startswith(f"{marker}:") for line in pytestconfig.getini("markers"))


def _is_there(test: str) -> bool:
    file, _, name = test.partition("::")
    path = ROOT / file
    return path.exists() and (not name or f"def {name}(" in path.read_text(encoding="utf-8"))
