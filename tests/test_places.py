"""Where an arena keeps its files where nothing says so."""

from pathlib import Path

import pytest

from arena.catalog.starter import begin_with_starter, starter_catalog
from arena.places import OWN, Places, places_in, users_places

ROOT = Path(__file__).parents[1]


@pytest.fixture
def users(tmp_path: Path) -> Places:
    return Places(tmp_path / "config" / "models.yaml", tmp_path / "data" / "arena.sqlite3")


@pytest.mark.parametrize("file", ["models.yaml", "db/arena.sqlite3"])
def test_a_folder_with_a_catalog_or_with_votes_is_an_arenas_own(
    tmp_path: Path, users: Places, file: str
) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()
    assert places_in(tmp_path, users) == OWN
    assert OWN.database_url == "sqlite:///db/arena.sqlite3"


def test_anywhere_else_files_go_where_this_user_keeps_them(tmp_path: Path, users: Places) -> None:
    assert places_in(tmp_path, users) == users
    assert users.database_url == f"sqlite:///{tmp_path}/data/arena.sqlite3"


def test_the_users_folders_are_those_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    found = users_places()
    assert found.models == tmp_path / "config" / "arena" / "models.yaml"
    assert found.database == tmp_path / "data" / "arena" / "arena.sqlite3"


def test_a_new_arena_begins_with_the_files_that_come_along(users: Places) -> None:
    assert begin_with_starter(users.models)
    assert users.models.read_bytes() == (ROOT / "models.yaml").read_bytes()
    words = users.models.with_name("arena.yaml")
    assert words.read_bytes() == (ROOT / "arena.yaml").read_bytes()


def test_what_an_operator_has_written_stays(users: Places) -> None:
    users.models.parent.mkdir()
    users.models.write_text("mine", encoding="utf-8")
    assert not begin_with_starter(users.models)
    users.models.unlink()
    words = users.models.with_name("arena.yaml")
    words.write_text("title: Mine", encoding="utf-8")
    assert begin_with_starter(users.models)
    assert words.read_text(encoding="utf-8") == "title: Mine"


def test_the_starter_is_a_catalog_that_is_there() -> None:
    assert starter_catalog().is_file()
