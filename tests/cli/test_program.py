"""The `arena` command as a whole."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module", ["torch", "transformers", "gradio", "openai", "sqlalchemy", "numpy", "pyarrow"]
)
def test_importing_the_command_line_does_not_import(module: str) -> None:
    code = f"import arena.cli, sys; sys.exit({module!r} in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_an_unknown_command_is_refused_with_code_2() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "arena", "fight"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "fight" in done.stderr
    assert done.stdout == ""
