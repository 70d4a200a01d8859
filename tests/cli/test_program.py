"""The `arena` command as a whole."""

import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def imported() -> set[str]:
    """Return all modules that the command line imports."""
    code = "import arena.cli, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = set(done.stdout.split())
    assert "arena.cli" in found
    return found


@pytest.mark.parametrize(
    "module", ["torch", "transformers", "gradio", "openai", "sqlalchemy", "numpy", "pyarrow"]
)
def test_importing_the_command_line_does_not_import(imported: set[str], module: str) -> None:
    assert module not in imported


def test_an_unknown_command_is_refused_with_code_2() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "arena", "fight"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "fight" in done.stderr
    assert done.stdout == ""
