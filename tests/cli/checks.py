"""`arena check` on small catalogs, with an engine that is a script."""

import sys
from pathlib import Path
from textwrap import dedent

import pytest
import typer
from typer.testing import CliRunner, Result

from arena.cli import check as check_module
from arena.cli.check import check

TWO_MODELS = """\
models:
  one:
    name: Model One
    backend: scripted
    script: {replies: [hello]}
  two:
    name: Model Two
    backend: openai
    base_url: https://host/v1
    model: two-large
    api_key_env: TWO_KEY
    system_prompt: Be brief.
"""
LOCAL = """\
models:
  local:
    name: Local
    backend: local
    source: ./weights
    prompt_format: llama-2
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "models.yaml"
    path.write_text(dedent(text), encoding="utf-8")
    return path


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.command("check")(check)
    return CliRunner().invoke(app, list(arguments))


def engine(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    file = folder / "engine.py"
    file.write_text(script, encoding="utf-8")
    monkeypatch.setattr(check_module, "ENGINE_PROGRAM", (sys.executable, str(file)))
