"""`arena campaign members`, as it is typed."""

import csv
import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from arena.cli import app
from arena.storage.database import Database
from tests.fakes.campaigns import NAME, CampaignDesk, planned


def run(database: Database, *arguments: str) -> Result:
    line = ["campaign", "members", *arguments, "--database-url", database.url]
    return CliRunner().invoke(app, line)


@pytest.fixture
def joined(database: Database) -> Database:
    """A campaign with a member who has judged nothing."""
    desk = CampaignDesk(database)
    desk.open(planned())
    desk.person("Ada")
    return database


def test_the_list_is_csv_on_standard_output(joined: Database) -> None:
    result = run(joined, NAME)

    (row,) = csv.DictReader(result.stdout.splitlines())
    assert (result.exit_code, result.stderr) == (0, "")
    assert (row["annotator"], row["external_id"], row["judged"]) == ("Ada", "", "0")


def test_json_has_the_same(joined: Database) -> None:
    document = json.loads(run(joined, NAME, "--json").stdout)

    (row,) = document["members"]
    assert (document["campaign"], row["annotator"], row["external_id"]) == (NAME, "Ada", None)
    assert row["joined_at"] == "2026-03-01T09:00:00.000000Z"


def test_a_file_is_for_its_owner_alone(joined: Database, tmp_path: Path) -> None:
    path = tmp_path / "members.csv"

    result = run(joined, NAME, "--output", str(path))

    assert (result.exit_code, result.stdout) == (0, "")
    assert path.read_bytes() == run(joined, NAME).stdout_bytes
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("winter",), "there is no campaign 'winter'"),
        ((NAME, "--output", "no/such/list.csv"), "not a file in an existing directory"),
        ((NAME, "--json", "--output", "list.csv"), "leave out --json"),
    ],
)
def test_what_cannot_be_done_is_said(
    joined: Database, arguments: tuple[str, ...], words: str
) -> None:
    result = run(joined, *arguments)

    assert (result.exit_code, result.stdout, words in result.stderr) == (2, "", True)
