"""Every command that is given a database of no use: one sentence, and nothing made or changed."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from arena.cli import app
from arena.domain.campaign import ProtocolKind
from arena.storage.database import Database
from tests.e2e.scripts import catalog, scripted_model
from tests.fakes.archived_campaigns import archive_of, judged_campaign
from tests.fakes.campaign_files import write_prompts
from tests.fakes.import_files import llmfao_lines

TIE = "0,8,1,2,58,tie,GPT 4,Claude v2"

COMMANDS: Mapping[str, Sequence[str]] = {
    "serve": ("--models", "models.yaml", "--port", "0"),
    "leaderboard": ("--json",),
    "figure": ("--output", "figure.svg"),
    "report": ("--output", "report"),
    "judge": ("verdicts.csv",),
    "plan": ("--pilot",),
    "export": ("votes",),
    "migrate": (),
    "backup": ("copy.sqlite3",),
    "verify": (),
    "import votes": ("votes.csv", "--format", "llmfao"),
    "import campaign": ("archive.zip",),
    "import replies": ("replies.jsonl", "--campaign", "pilot"),
    "admin set-password": ("--password", "long enough"),
    "annotator add": ("Ada",),
    "annotator invite": ("Ada",),
    "annotator list": (),
    "annotator disable": ("Ada",),
    "annotator set-password": ("Ada", "--password", "long enough"),
    "annotator sessions": (),
    "annotator sign-out": ("Ada",),
    "annotator erase": ("Ada", "--yes"),
    "campaign create": ("campaign.yaml",),
    "campaign generate": ("pilot",),
    "campaign status": ("pilot",),
    "campaign open": ("pilot",),
    "campaign pause": ("pilot",),
    "campaign close": ("pilot",),
    "campaign exclude": ("pilot", "Ada", "--reason", "guesses"),
    "campaign export": ("pilot",),
    "campaign members": ("pilot",),
}
"""Every command with a database, and what else it needs."""

MAKERS = {
    *("serve", "migrate", "import votes", "import campaign"),
    "admin set-password",
    *("annotator add", "annotator invite", "campaign create"),
}
"""Those that may make a database."""


@pytest.fixture(scope="module")
def archive(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of a campaign."""
    folder = tmp_path_factory.mktemp("archive")
    path = folder / "arena.sqlite3"
    shutil.copy(migrated_file, path)
    database = Database(f"sqlite:///{path}")
    desk = judged_campaign(database, ProtocolKind.PAIRWISE, judged=2)
    found = archive_of(desk, folder / "archive.zip")
    database.close()
    return found


@pytest.fixture(autouse=True)
def folder(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with all that the commands read."""
    shutil.copy(archive, tmp_path / "archive.zip")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARENA_DATABASE_URL", raising=False)
    models = catalog(a=scripted_model("A", "Yes."), b=scripted_model("B", "No."))
    (tmp_path / "models.yaml").write_text(models, encoding="utf-8")
    (tmp_path / "votes.csv").write_bytes(b"".join(llmfao_lines(TIE)))
    verdict = "battle_id,model_a,model_b,verdict\nb1,a,b,tie\n"
    (tmp_path / "verdicts.csv").write_text(verdict, encoding="utf-8")
    (tmp_path / "replies.jsonl").write_text('{"prompt": "a", "reply": "Yes."}\n', encoding="utf-8")
    write_prompts(tmp_path, name="pilot.jsonl")
    terms = "name: pilot\nprompts: pilot.jsonl\nmodels: [a, b]\nprotocol: {kind: pairwise}\n"
    (tmp_path / "campaign.yaml").write_text(terms, encoding="utf-8")
    return tmp_path


def run(command: str, url: str) -> tuple[int, str, str]:
    line = [*command.split(), *COMMANDS[command], "--database-url", url]
    result = CliRunner().invoke(app, line)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def with_database(group: Any, name: str = "") -> set[str]:
    """Names of all commands that take a database."""
    inner = getattr(group, "commands", {})
    found = {one for key, sub in inner.items() for one in with_database(sub, f"{name} {key}")}
    mine = {"database_url"} & {parameter.name for parameter in group.params}
    return found | ({name.strip()} if mine else set())


def test_no_command_with_a_database_is_forgotten_here() -> None:
    assert with_database(typer.main.get_command(app)) == set(COMMANDS)


def text(path: Path) -> None:
    path.write_text("not a database, but long enough to be taken for one " * 100)


def damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa1" * len(content[4096:])
    path.write_bytes(content)


def damaged_aside(path: Path) -> None:
    """Where no board and no export looks."""
    with closing(sqlite3.connect(path)) as ours:
        asked = "SELECT rootpage FROM sqlite_master WHERE name = 'sessions'"
        ((page,),) = ours.execute(asked)
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xa1" * 4096
    path.write_bytes(content)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:8192])


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE places (name TEXT)")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


@dataclass(frozen=True, slots=True)
class Fault:
    """What was done to the file, and what is said of it."""

    make: Callable[[Path], None]
    code: int
    sentence: str


FAULTS = {
    "text": Fault(text, 1, "is no SQLite database"),
    "damaged": Fault(damaged, 1, "is damaged"),
    "damaged aside": Fault(damaged_aside, 1, "is damaged"),
    "cut off": Fault(cut_off, 1, "is damaged"),
    "another program's": Fault(foreign, 2, "database of another program"),
    "newer": Fault(newer, 1, "newer version of the arena"),
    "directory": Fault(directory, 2, "is no file"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_of_no_use_is_one_sentence(
    command: str, fault: str, folder: Path, migrated_file: Path
) -> None:
    path, what = folder / "arena.sqlite3", FAULTS[fault]
    shutil.copy(migrated_file, path)
    what.make(path)
    before = path.read_bytes() if path.is_file() else None

    code, out, err = run(command, f"sqlite:///{path}")

    assert what.sentence in err
    assert (code, out, err.count("\n")) == (what.code, "", 1)
    after = path.read_bytes() if path.is_file() else None
    assert fault == "newer" or after == before


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("url", ["postgresql://arena:secret@db", "sqlite://", "nonsense"])
def test_an_address_of_no_database_of_ours_is_refused_by_every_command(
    command: str, url: str
) -> None:
    code, out, err = run(command, url)

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "write sqlite:///db/arena.sqlite3" in err
    assert "secret" not in err


@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - MAKERS))
def test_a_command_that_reads_makes_no_database(command: str, folder: Path) -> None:
    before = sorted(folder.iterdir())

    code, out, err = run(command, f"sqlite:///{folder}/typo/arena.sqlite3")

    assert (code, out) == (2, "")
    assert err == f"no arena database at {folder}/typo/arena.sqlite3\n"
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("command", sorted(MAKERS - {"serve"}))
def test_a_command_that_writes_makes_one_for_its_owner_alone(command: str, folder: Path) -> None:
    path = folder / "new" / "arena.sqlite3"

    code, _, err = run(command, f"sqlite:///{path}")

    assert (code, err) == (0, "")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("option", ["--category", "--campaign", "--baseline", "--group"])
def test_bytes_that_are_no_text_are_one_sentence(option: str, migrated_file: Path) -> None:
    """Python hands them over as halves of characters, which the database cannot take."""
    line = ["leaderboard", option, "\udcff", "--database-url", f"sqlite:///{migrated_file}"]
    result = CliRunner().invoke(app, line)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)


UNPRIVILEGED = ("setpriv", "--bounding-set", "-all", "--inh-caps", "-all")
"""Root writes what it may not, unless it gives up its capabilities."""


@pytest.mark.skipif(
    os.geteuid() == 0 and shutil.which(UNPRIVILEGED[0]) is None, reason="root may write anything"
)
@pytest.mark.parametrize("command", ["leaderboard", "serve", "admin set-password"])
def test_a_database_that_may_only_be_read_is_one_sentence(
    command: str, folder: Path, migrated_file: Path
) -> None:
    place = folder / "shelf"
    place.mkdir()
    path = place / "arena.sqlite3"
    shutil.copy(migrated_file, path)
    path.chmod(0o400)
    place.chmod(0o500)
    line = [*command.split(), *COMMANDS[command], "--database-url", f"sqlite:///{path}"]
    prefix = UNPRIVILEGED if os.geteuid() == 0 else ()

    done = subprocess.run(
        [*prefix, sys.executable, "-m", "arena", *line],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )

    place.chmod(0o700)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert str(path) in done.stderr
    assert [file.name for file in place.iterdir()] == [path.name]
