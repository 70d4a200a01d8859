"""Which PyTorch `make run` takes: without a GPU the small one, if it can be had."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "scripts" / "torch-index.sh"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or Path("/proc/driver/nvidia/version").exists(),
    reason="the choice is made on Linux without an NVIDIA GPU",
)


class _Index(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/cpu/torch/" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def index() -> Iterator[str]:
    """An index of packages that knows torch."""
    server = HTTPServer(("127.0.0.1", 0), _Index)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/cpu"
    server.shutdown()
    thread.join()
    server.server_close()


def chosen(index: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script; programs in `folder` come first."""
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", str(SCRIPT), sys.executable, index],
        env={**os.environ, "PATH": path, "no_proxy": "*", **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


def program(folder: Path, name: str, code: int) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\nexit {code}\n")
    file.chmod(0o755)


def test_without_a_gpu_it_is_the_build_for_cpus(index: str, tmp_path: Path) -> None:
    program(tmp_path, "nvidia-smi", 9)
    done = chosen(index, tmp_path)
    assert done.stdout.strip() == index
    assert "PyTorch for CPUs comes from" in done.stderr


def test_with_a_gpu_it_is_pypis(index: str, tmp_path: Path) -> None:
    program(tmp_path, "nvidia-smi", 0)
    done = chosen(index, tmp_path)
    assert done.stdout == ""
    assert "from PyPI, with CUDA" in done.stderr


def test_an_index_that_does_not_answer_is_said_and_passed_over(index: str, tmp_path: Path) -> None:
    program(tmp_path, "nvidia-smi", 9)
    done = chosen(f"{index}/nowhere", tmp_path)
    assert done.stdout == ""
    assert "does not answer" in done.stderr


@pytest.mark.parametrize(
    ("given", "installs"),
    [
        ("TORCH_INDEX=", []),
        ("TORCH_INDEX=https://mirror.example/cpu", ["https://mirror.example/cpu"]),
    ],
)
def test_an_index_that_is_given_is_taken(given: str, installs: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    (folder / "scripts").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "scripts/torch-index.sh"):
        (folder / name).write_bytes((ROOT / name).read_bytes())
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path / "asked"}\n')
    python.chmod(0o755)
    subprocess.run(["make", ".venv/.installed", given], cwd=folder, check=True, timeout=60)
    asked = (tmp_path / "asked").read_text()
    torch = [line for line in asked.splitlines() if "torch==" in line]
    assert [line.split("--index-url ")[1].split()[0] for line in torch] == installs
    assert asked.splitlines()[-1].endswith("--editable .")
