"""What no image and no commit may hold: votes, keys, passwords."""

import re
import subprocess
from pathlib import Path

import pytest

from arena.services.pseudonyms import export_key_path
from arena.settings import Settings
from arena.storage.database import Database
from arena.storage.open_files import beside
from arena.storage.saved_copies import copy_name, upgrade_copy_name
from arena.storage.serving_lock import lock_path
from tests.builders import NOON

ROOT = Path(__file__).parents[1]
DOCKER = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
GIT = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def patterns(lines: list[str]) -> list[str]:
    return [line for line in lines if line and not line.startswith("#")]


def in_dockers_spelling(pattern: str) -> str:
    """A line of .gitignore as .dockerignore has it: without a slash it holds at any depth."""
    taken_back, pattern = pattern.startswith("!"), pattern.removeprefix("!").rstrip("/")
    anchored = pattern.removeprefix("/") if "/" in pattern else f"**/{pattern}"
    return f"!{anchored}" if taken_back else anchored


def is_left_out(path: str) -> bool:
    """Docker's rule: the last pattern that fits the path or a folder above it decides."""
    left_out = False
    for pattern in patterns(DOCKER):
        if re.fullmatch(_expression(pattern.removeprefix("!")), path):
            left_out = not pattern.startswith("!")
    return left_out


def _expression(pattern: str) -> str:
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?|\[[^]]*\])", pattern)
    text = "".join(
        parts.get(piece, piece if piece.startswith("[") else re.escape(piece)) for piece in pieces
    )
    return f"{text}(?:/.*)?"


def written_files() -> list[Path]:
    """Everything that an arena with the default settings writes beside its database."""
    url = Settings().database_url
    database = Database(url)
    path = database.path
    return [
        *(path, *beside(path), Path(f"{path}-journal"), lock_path(url)),
        *(copy_name(path, NOON), upgrade_copy_name(path, "0001", NOON)),
        *(export_key_path(database).absolute(), path.with_name("chain-key")),
        *(path.with_name("admin-password"), path.with_name("votes.csv"), path.with_name("old.bak")),
    ]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that has nothing but our .gitignore: this tree may be none, as in an image."""
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    (folder / ".gitignore").write_text("\n".join(GIT), encoding="utf-8")
    return folder


def git_leaves_out(repository: Path, path: str) -> bool:
    command = ["git", "-C", str(repository), "check-ignore", "-q", path]
    code = subprocess.run(command, check=False).returncode
    assert code in {0, 1}
    return code == 0


def test_every_line_of_gitignore_is_in_dockerignore() -> None:
    wanted = {in_dockers_spelling(pattern) for pattern in patterns(GIT)}
    assert wanted - set(patterns(DOCKER)) == set()
    assert len(wanted) > 10


def test_nothing_that_an_arena_writes_gets_into_an_image_or_a_commit(repository: Path) -> None:
    for file in written_files():
        path = file.relative_to(Path.cwd()).as_posix()
        assert is_left_out(path), path
        assert git_leaves_out(repository, path), path


@pytest.mark.parametrize(
    "path",
    ["arena.sqlite3", "backups/arena.sqlite3-wal", ".env", ".env.local", "tls/arena.key", "db/x/y"],
)
def test_secrets_elsewhere_are_left_out_too(path: str, repository: Path) -> None:
    assert is_left_out(path)
    assert git_leaves_out(repository, path)


@pytest.mark.parametrize(
    "path", ["db/README.md", "db/schema.sql", "arena/cli/export.py", "models.yaml", "Makefile"]
)
def test_what_an_image_needs_is_in_it(path: str, repository: Path) -> None:
    assert (ROOT / path).is_file()
    assert not is_left_out(path)
    assert not git_leaves_out(repository, path)
