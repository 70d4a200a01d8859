"""`arena import votes` without a format: what is recognized, said and refused."""

import csv
import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from arena.cli import app
from arena.storage.database import Database
from tests.builders import seed_vote
from tests.fakes.import_files import llmfao_lines

PUBLIC = Path(__file__).parents[1] / "data" / "public_votes"


def bring(database: Database, file: Path, *more: str) -> tuple[int, str, str]:
    arguments = ["import", "votes", str(file), *more, "--database-url", database.url]
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.stdout, result.stderr


def test_what_was_recognized_is_said(database: Database) -> None:
    code, out, err = bring(database, PUBLIC / "lmarena-140k.parquet")

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "Recognized votes of LMArena (33k, 100k, 140k) in Parquet (--format lmarena).",
        "Imported 22 votes on 8 prompts; new: 4 models, 8 annotators.",
    ]


def test_a_set_without_voters_says_what_that_means(database: Database) -> None:
    code, out, _ = bring(database, PUBLIC / "lmarena-55k.csv", "--dry-run")

    assert code == 0
    assert "The file does not say who cast 23 votes: they count as one annotator's" in out


def test_a_format_that_is_named_wins_over_the_shape(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_bytes(b"".join(llmfao_lines("0,8,1,2,58,left,GPT 4,Claude v2")))
    columns = "annotator=worker,verdict=winner,model_a=left,model_b=right"

    code, out, err = bring(database, path, "--format", "arena", "--columns", columns)

    assert (code, out) == (2, "")
    assert err.startswith(f"{path}:2: winner: 'left' is unknown: write one of a_better, ")


def test_a_bad_row_of_parquet_is_named_by_its_number(database: Database, tmp_path: Path) -> None:
    rows = pq.read_table(PUBLIC / "lmarena-140k.parquet").to_pylist()
    rows[4]["winner"] = "perhaps"
    rows[6]["conversation_b"][0]["content"][0]["text"] = "Something else?"
    path = tmp_path / "votes.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)

    code, out, err = bring(database, path)

    assert (code, out.count("\n")) == (2, 1)
    assert err.splitlines() == [
        f"{path}: row 5: winner: 'perhaps' is unknown: write one of model_a, model_b, tie, "
        "tie (bothbad), both_bad",
        f"{path}: row 7: conversation_b: {shown(rows[6]['conversation_b'])} does not ask what "
        "conversation_a asks",
        "Nothing was imported: 2 bad rows. Correct them, or add --skip-bad-rows to import the "
        "others.",
    ]
    assert bring(database, path, "--skip-bad-rows")[1].splitlines()[1].startswith("Imported 20 ")


def shown(value: object) -> str:
    return f"'{' '.join(str(value).split())[:59]}…'"


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_an_export_comes_back_from_every_format_of_files(
    database: Database, tmp_path: Path, kind: str
) -> None:
    seed_vote(database, comment="=1+1", prompts=("=2+2", "'Sure?"))
    seed_vote(database, None, models=("beta", "delta", "alpha"), ranks=(2, 1, 2))
    path = tmp_path / f"votes.{kind}"
    arguments = ["export", "votes", "--output", str(path), "--format", kind]
    CliRunner().invoke(app, [*arguments, "--database-url", database.url])
    other = Database(f"sqlite:///{tmp_path / 'other.sqlite3'}")

    code, out, err = bring(other, path)

    assert (code, err) == (0, "")
    assert "Imported 2 votes on" in out
    again = CliRunner().invoke(app, ["export", "votes", "--database-url", other.url])
    found = list(csv.DictReader(again.stdout.splitlines()))
    assert [(row["prompt"], row["comment"], row["ranking"]) for row in found] == [
        ("'=2+2", "'=1+1", ""),
        (found[1]["prompt"], "", "delta > alpha = beta"),
    ]


def test_probable_twins_are_shown_with_the_way_to_merge(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    votes = (f"{n},8,1,2,58,left,{name},Other" for n, name in enumerate(("gpt4", "gpt‑4")))
    path.write_bytes(b"".join(llmfao_lines(*votes)))

    _, out, _ = bring(database, path, "--dry-run")

    assert (
        "Probably one model: gpt4, gpt‑4. The names differ by width, hyphens, spaces or letter "
        "case alone. They count as different models unless the file gives them one name."
    ) in out


def test_a_compressed_file_says_what_to_do(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv.gz"
    path.write_bytes(gzip.compress(b"secret"))

    code, out, err = bring(database, path)

    assert (code, out) == (2, "")
    assert err == (
        f"{path}: the file is compressed with gzip: decompress it first (gunzip FILE)\n"
        "Nothing was imported.\n"
    )


def test_a_table_of_no_known_shape_is_refused(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("who,what\nme,that\n")

    code, out, err = bring(database, path)

    assert (code, out) == (2, "")
    assert "the file is in no known format; its columns are who, what. Name its format" in err
