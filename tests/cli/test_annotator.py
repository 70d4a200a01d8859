"""`arena annotator`: personal links at the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from arena.cli import app


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, where the database is made."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARENA_DATABASE_URL", f"sqlite:///{tmp_path}/arena.sqlite3")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["annotator", *arguments])


def test_who_is_invited_gets_an_account_and_a_link_under_the_address() -> None:
    result = run("invite", "Ada", "Bob", "--group", "pilot", "--address", "https://arena.example/")

    assert result.exit_code == 0
    names, links = zip(*(line.split("\t") for line in result.stdout.splitlines()), strict=True)
    assert names == ("Ada", "Bob")
    assert all(link.startswith("https://arena.example/join/") for link in links)
    assert len(set(links)) == 2
    listed = json.loads(run("list", "--json").stdout)["annotators"]
    assert [(one["name"], one["group"], one["state"]) for one in listed] == [
        ("Ada", "pilot", "invited"),
        ("Bob", "pilot", "invited"),
    ]


def test_many_are_invited_at_once_from_a_csv_file(folder: Path) -> None:
    (folder / "people.csv").write_text("﻿name,group\nAda,linguists\nBob,\n", encoding="utf-8")

    result = run("invite", "--csv", "people.csv", "--group", "others", "--json")

    invited = json.loads(result.stdout)["annotators"]
    assert [(one["name"], one["group"]) for one in invited] == [
        ("Ada", "linguists"),
        ("Bob", "others"),
    ]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("who\nAda\n", "the first line needs a column called name"),
        ("name,group\nAda,x\n,y\n", "people.csv:3: the name is empty"),
    ],
)
def test_a_file_that_names_nobody_is_refused(folder: Path, content: str, fault: str) -> None:
    (folder / "people.csv").write_text(content, encoding="utf-8")

    result = run("invite", "--csv", "people.csv")

    assert result.exit_code == 2
    assert fault in result.stderr
    assert not (folder / "arena.sqlite3").exists()


def test_an_account_can_be_added_before_it_is_invited_and_disabled_after_it() -> None:
    assert run("add", "Ada").stdout == "Added Ada.\n"
    assert "Nobody has been invited yet" in run("list").stdout
    run("invite", "Ada")
    assert run("disable", "Ada").stdout == "Disabled Ada.\n"

    lines = run("list").stdout.splitlines()
    assert lines[-1].split() == ["Ada", "disabled", "never", "0"]


def test_faults_end_with_code_2_and_a_sentence() -> None:
    for arguments, sentence in (
        (["invite"], "name at least one annotator"),
        (["add", "admin"], "kept for the arena's own accounts"),
    ):
        result = run(*arguments)
        assert result.exit_code == 2
        assert sentence in result.stderr
    run("add", "Ada")
    assert "no annotator is called Bob" in run("disable", "Bob").stderr
