"""The wheel, installed into an environment of its own and run in an empty folder."""

import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

from tests.fakes.waiting import wait_until

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as its users' installers do."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (found,) = folder.glob("arena-*.whl")
    return found


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment with the arena from its wheel, and a user with nothing yet."""

    program: Path
    home: Path
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {**kept, "HOME": str(self.home), "OMP_NUM_THREADS": "1"}

    def run(self, *arguments: str) -> str:
        """Run a command to its end and return what it printed."""
        done = subprocess.run(
            [str(self.program), *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Install the wheel alone; what it needs is taken from the environment of the tests."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    packages = folder / "venv" / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*install, "--no-deps", "--no-index", str(wheel)], check=True)
    others = packages / "site-packages" / "others.pth"
    others.write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    made = Installed(folder / "venv" / "bin" / "arena", folder / "home", folder / "empty")
    for one in (made.home, made.folder):
        one.mkdir()
    return made


def test_everything_that_belongs_to_the_package_is_in_the_wheel(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "arena"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    files = listed.stdout.split() or [
        str(file.relative_to(ROOT))
        for file in (ROOT / "arena").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    ]
    packed = set(ZipFile(wheel).namelist())
    assert set(files) - packed == set()
    assert {"arena/catalog/starter/models.yaml", "arena/catalog/starter/arena.yaml"} <= packed


def test_nothing_else_is_in_the_wheel(wheel: Path) -> None:
    packed = ZipFile(wheel).namelist()
    odd = [name for name in packed if not re.match(r"arena/|arena-[\d.]+\.dist-info/", name)]
    assert odd == []
    assert [
        name for name in packed if re.search(r"sqlite3|export-key|chain-key|\.pem$", name)
    ] == []


def test_it_serves_from_an_empty_folder_and_says_where_its_files_are(installed: Installed) -> None:
    with served(installed) as output:
        wait_until(lambda: "Ready: 2 models" in output())
        address = re.findall(r"Ready: 2 models, (\S+)/,", output())[0]
        page = httpx.get(f"{address}/", headers={"accept": "text/html"}, trust_env=False)
        assert page.status_code == httpx.codes.OK
        style = httpx.get(f"{address}/arena-static/battle.css", trust_env=False)
        assert style.status_code == httpx.codes.OK
    config, data = installed.home / ".config" / "arena", installed.home / ".local/share/arena"
    assert f"New: {config / 'models.yaml'}" in output()
    assert f"(from {config / 'models.yaml'})" in output()
    assert f"Votes: {data / 'arena.sqlite3'}" in output()
    assert (config / "arena.yaml").is_file()
    assert list(installed.folder.iterdir()) == []
    assert json.loads(installed.run("leaderboard", "--json"))["votes"] == 0
    assert str(config / "arena.yaml") in installed.run("check")


@contextmanager
def served(installed: Installed) -> "Iterator[Output]":
    """Run `arena serve` in the empty folder."""
    log = installed.home / "output.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(installed.program), "serve", "--port", "0"],
            cwd=installed.folder,
            env=installed.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Output(log, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@dataclass(frozen=True, slots=True)
class Output:
    """What a process has printed so far; fails when it has ended by itself."""

    log: Path
    process: "subprocess.Popen[bytes]"

    def __call__(self) -> str:
        text = self.log.read_text(encoding="utf-8", errors="replace")
        assert self.process.poll() in {None, -signal.SIGTERM, 128 + signal.SIGTERM}, text
        return text
