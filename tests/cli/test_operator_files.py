"""A server does not start on a file that is wrong, and says all that is wrong with it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from arena.cli import app
from tests.e2e.scripts import catalog, scripted_model


@pytest.mark.parametrize("configured", [True, False])
def test_a_server_is_refused_with_every_fault_of_arena_yaml_before_it_makes_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, configured: bool
) -> None:
    models = tmp_path / "models.yaml"
    words = tmp_path / ("words.yaml" if configured else "arena.yaml")
    models.write_text(catalog(a=scripted_model("A", "Yes."), b=scripted_model("B", "No.")))
    words.write_text("titel: X\nreveal: sometimes\n", encoding="utf-8")
    if configured:
        monkeypatch.setenv("ARENA_CONFIG", str(words))
    database = tmp_path / "arena.sqlite3"
    line = ["serve", "--models", str(models), "--database-url", f"sqlite:///{database}"]
    result = CliRunner().invoke(app, line)
    assert result.exit_code == 2
    first, second = result.stderr.splitlines()
    assert first.startswith(f"{words}:1: titel: unknown key, did you mean 'title'?")
    assert second.startswith(f"{words}:2: reveal: choose 'after_vote' or 'never'")
    assert not database.exists()


def test_the_option_wins_over_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models, words = tmp_path / "models.yaml", tmp_path / "words.yaml"
    models.write_text("models: {}", encoding="utf-8")
    words.write_text("title: ''", encoding="utf-8")
    monkeypatch.setenv("ARENA_CONFIG", str(tmp_path / "missing.yaml"))
    result = CliRunner().invoke(app, ["serve", "--models", str(models), "--config", str(words)])
    assert result.exit_code == 2
    assert f"{words}:1: title: must not be empty" in result.stderr
    assert "list at least one model" in result.stderr
    assert "missing.yaml" not in result.stderr
