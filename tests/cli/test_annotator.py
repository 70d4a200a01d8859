"""`arena annotator`: personal links at the command line."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from arena.cli import app
from arena.domain.accounts import AccountRole, Caller
from arena.inference.clock import SystemClock
from arena.services.accounts import Accounts
from arena.services.people import People
from arena.storage.database import Database
from tests.fakes.passwords import CHEAP_PASSWORDS


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
    assert lines[-1].split() == ["Ada", "disabled", "no", "never", "0"]


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


PASSWORD = "spring tides at noon"


def test_an_annotator_gets_a_password_without_ever_having_been_invited() -> None:
    run("add", "Ada")

    result = run("set-password", "Ada", "--password", PASSWORD)

    assert (result.exit_code, result.stdout) == (0, "Ada can sign in by password now.\n")
    (ada,) = json.loads(run("list", "--json").stdout)["annotators"]
    assert (ada["name"], ada["state"], ada["password"]) == ("Ada", "no_link", True)


@pytest.mark.parametrize(
    ("name", "password", "fault"),
    [
        ("Ada", "short", "a password needs at least 8 characters"),
        ("Ada", "password1", "among the first that everybody tries"),
        ("Bob", PASSWORD, "no annotator is called Bob"),
        ("admin", PASSWORD, "no annotator is called admin"),
    ],
)
def test_a_password_that_is_none_and_an_unknown_name_are_refused(
    name: str, password: str, fault: str
) -> None:
    run("add", "Ada")

    result = run("set-password", name, "--password", password)

    assert result.exit_code == 2
    assert fault in result.stderr


def test_who_is_signed_in_is_listed_and_signed_out_all_at_once_or_one_session(folder: Path) -> None:
    run("invite", "Ada", "Bob")
    assert run("sessions").stdout == "No session is open.\n"
    signed_in(folder, "Ada", "Ada", "Bob")
    found = json.loads(run("sessions", "Ada", "--json").stdout)["sessions"]
    assert [one["name"] for one in found] == ["Ada", "Ada"]

    one = run("sign-out", "Ada", "--session", found[0]["session"])
    again = run("sign-out", "Ada", "--session", found[0]["session"])
    everything = run("sign-out", "Ada")

    assert one.stdout == "Ended 1 session.\n"
    assert again.exit_code == 2
    assert "no open session" in again.stderr
    assert everything.stdout == "Ended 1 session.\n"
    assert [line.split()[1] for line in run("sessions").stdout.splitlines()[3:]] == ["Bob"]


def test_one_session_is_of_one_annotator() -> None:
    run("invite", "Ada", "Bob")

    result = run("sign-out", "Ada", "Bob", "--session", "0")

    assert result.exit_code == 2
    assert "name one" in result.stderr


def signed_in(folder: Path, *names: str) -> None:
    """Open a session for each name, as a password would."""
    database = Database(f"sqlite:///{folder}/arena.sqlite3")
    clock = SystemClock()
    accounts = Accounts(
        database, clock, session_length=timedelta(hours=1), passwords=CHEAP_PASSWORDS
    )
    for person in (one for name in names for one in People(database, clock).find([name])):
        accounts.open_session(Caller(person.id, person.name, AccountRole.ANNOTATOR))
    database.close()
