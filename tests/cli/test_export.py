"""`arena export`."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import typer
from sqlalchemy import text
from typer.testing import CliRunner

from arena.cli.export import export, write
from arena.storage.database import Database
from tests.builders import seed_farm, seed_vote

app = typer.Typer()
app.command()(export)


def _run(database: Database, *arguments: str) -> tuple[int, bytes, str]:
    result = CliRunner().invoke(app, [*arguments, "--database-url", database.url])
    return result.exit_code, result.stdout_bytes, result.stderr


def test_a_table_goes_to_standard_output_as_csv(database: Database) -> None:
    seed_vote(database, comment="好")

    code, out, err = _run(database, "votes")

    assert (code, err) == (0, "")
    assert out.startswith(b"vote_id,battle_id,annotator,")
    assert "好".encode() in out
    assert b"anon-" in out


def test_names_jsonl_and_a_file_can_be_asked_for(database: Database, tmp_path: Path) -> None:
    seed_vote(database)
    path = tmp_path / "votes.jsonl"

    code, out, _ = _run(database, "votes", "--format", "jsonl", "--names", "--output", str(path))

    assert (code, out) == (0, b"")
    assert json.loads(path.read_text(encoding="utf-8"))["annotator"] == "ada"
    assert list(tmp_path.glob("*.part")) == []


def test_preferences_and_parquet_can_be_asked_for(database: Database, tmp_path: Path) -> None:
    seed_vote(database)
    path = tmp_path / "preferences.parquet"

    code, _, err = _run(database, "preferences", "--format", "parquet", "--output", str(path))

    assert (code, err) == (0, "")
    (row,) = pq.read_table(path).to_pylist()
    assert row["chosen"] == [{"role": "assistant", "content": "Reply 1 of alpha"}]


def test_a_byte_order_mark_is_written_when_asked_for(database: Database) -> None:
    _, out, _ = _run(database, "pairs", "--bom")

    assert out.startswith(b"\xef\xbb\xbfmodel,opponent,")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["secrets"], "secrets is unknown; choose one of votes, comparisons"),
        (["votes", "--format", "xlsx"], "xlsx is unknown; choose one of csv, jsonl, parquet"),
        (["votes", "--campaign", "spring"], "no campaign is called spring; known: none yet"),
        (["votes", "--format", "jsonl", "--bom"], "--bom is for CSV"),
        (["votes", "--format", "parquet", "--bom"], "--bom is for CSV"),
        (["votes", "--output", "/no/such/directory/votes.csv"], "not a file in an existing"),
        (["votes", "--output", "/"], "not a file in an existing"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(
    database: Database, arguments: list[str], message: str
) -> None:
    code, out, err = _run(database, *arguments)

    assert (code, out) == (2, b"")
    assert message in err


@pytest.mark.parametrize("before", [None, 0o644])
def test_a_file_with_votes_is_for_its_owner_alone(
    database: Database, tmp_path: Path, before: int | None
) -> None:
    seed_vote(database)
    path = tmp_path / "votes.csv"
    if before is not None:
        path.touch(before)

    _run(database, "votes", "--output", str(path))

    assert path.stat().st_mode & 0o777 == 0o600


def test_an_export_that_breaks_leaves_no_file_and_no_error_in_the_data(
    database: Database, tmp_path: Path
) -> None:
    seed_vote(database)
    seed_vote(database)
    with database.writing() as connection:
        connection.execute(text("UPDATE votes SET comment = CAST(x'ff' AS TEXT) WHERE id = 2"))
    path = tmp_path / "votes.csv"
    path.write_text("an earlier export")

    code, _, err = _run(database, "votes", "--output", str(path))
    code_of_pipe, out, _ = _run(database, "votes")

    assert (code, code_of_pipe) == (1, 1)
    assert "the database cannot be used" in err
    assert path.read_text() == "an earlier export"
    assert list(tmp_path.glob("*.part")) == []
    assert b"error" not in out.lower()


def test_a_file_appears_under_its_name_only_when_whole(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    seen: list[list[str]] = []

    def chunks() -> Iterator[bytes]:
        yield b"one"
        seen.append([item.name for item in tmp_path.iterdir()])
        yield b"two"

    write(chunks(), path)

    assert seen == [["votes.csv.part"]]
    assert path.read_bytes() == b"onetwo"


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    link = tmp_path / "null"
    link.symlink_to("/dev/null")

    write([b"gone"], link)

    assert link.is_symlink()
    assert not Path("/dev/null").is_file()


def test_votes_from_one_address_can_be_left_out(database: Database) -> None:
    seed_vote(database)
    seed_farm(database)

    _, out, _ = _run(database, "votes", "--names", "--without-one-address")

    assert out.count(b"\n") == 2
    assert b"ada" in out
