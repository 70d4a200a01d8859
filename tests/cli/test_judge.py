"""`arena judge`: verdicts of a file beside the votes of a database."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from arena.cli.judge import judge
from arena.domain.verdict import Verdict
from arena.storage.database import Database
from tests.builders import seed_battle, seed_vote

app = typer.Typer()
app.command()(judge)
HEAD = "battle_id,model_a,model_b,verdict"


def run(database: Database, file: Path, *arguments: str) -> tuple[int, str, str]:
    named = [str(file), "--database-url", database.url]
    result = CliRunner().invoke(app, [*named, *arguments])
    return result.exit_code, result.stdout, result.stderr


def written(folder: Path, *rows: str) -> Path:
    file = folder / "verdicts.csv"
    file.write_text("\n".join([HEAD, *rows]), encoding="utf-8")
    return file


def document(database: Database, file: Path, *arguments: str) -> Any:
    code, out, err = run(database, file, *arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


@pytest.fixture
def voted(database: Database) -> list[str]:
    """Forty battles: `alpha` wins three of four, of prompts and people of their own."""
    return [
        seed_vote(
            database,
            Verdict.B_BETTER if number % 4 == 0 else Verdict.A_BETTER,
            annotator=f"annotator-{number % 10}",
            prompts=(f"Prompt {number}",),
            category="math" if number % 2 else "writing",
        ).battle_id
        for number in range(40)
    ]


def test_a_judge_is_compared_with_people_and_helps_where_nobody_voted(
    database: Database, voted: list[str], tmp_path: Path
) -> None:
    more = [seed_battle(database, prompts=(f"Other {number}",)).battle_id for number in range(200)]
    rows = [f"{one},alpha,beta,{'b' if n % 4 == 0 else 'a'}_better" for n, one in enumerate(voted)]
    rows += [f"{one},alpha,beta,{'b' if n % 4 == 0 else 'a'}_better" for n, one in enumerate(more)]
    file = written(tmp_path, *rows)

    found = document(database, file)

    assert (found["shared"], found["others"], found["left_out"]) == (40, 200, 0)
    assert [one["category"] for one in found["agreement"]] == ["all", "math", "writing"]
    assert found["agreement"][0]["same"]["share"] == 1.0
    (pair,) = found["pairs"]
    assert (pair["model"], pair["opponent"], pair["people_rate"]) == ("alpha", "beta", 0.75)
    assert pair["rate"] == pytest.approx(0.75)
    assert pair["high"] - pair["low"] < pair["people_high"] - pair["people_low"]
    _, out, _ = run(database, file)
    assert "40 comparisons of people that the judge judged too, 200 of the judge alone" in out
    assert "It is no vote." in out


def test_nothing_of_a_judge_is_stored(database: Database, voted: list[str], tmp_path: Path) -> None:
    before = Path(database.url.removeprefix("sqlite:///")).read_bytes()

    run(database, written(tmp_path, f"{voted[0]},alpha,beta,tie"))

    assert Path(database.url.removeprefix("sqlite:///")).read_bytes() == before


def test_a_verdict_counts_from_the_side_that_the_judge_saw_first(
    database: Database, voted: list[str], tmp_path: Path
) -> None:
    file = written(tmp_path, f"{voted[1]},beta,alpha,b_better")

    assert document(database, file)["agreement"][0]["same"]["share"] == 1.0


def test_both_orders_tell_position_bias_and_count_once(
    database: Database, voted: list[str], tmp_path: Path
) -> None:
    file = written(
        tmp_path,
        f"{voted[1]},alpha,beta,a_better",
        f"{voted[1]},beta,alpha,b_better",
        f"{voted[2]},alpha,beta,a_better",
        f"{voted[2]},beta,alpha,a_better",
    )

    found = document(database, file)

    assert found["shared"] == 2
    assert found["position"] == {"asked_twice": 2, "consistent": 1, "first": 1, "second": 0}
    assert found["agreement"][0]["same"]["share"] == 0.5


def test_what_the_filter_leaves_out_and_unknown_battles_are_counted(
    database: Database, voted: list[str], tmp_path: Path
) -> None:
    rows = [f"{one},alpha,beta,tie" for one in voted]
    file = written(tmp_path, *rows, "nowhere,alpha,beta,tie", f"{voted[0]},alpha,gamma,tie")

    found = document(database, file, "--category", "math")

    assert (found["shared"], found["left_out"]) == (20, 22)


def test_bad_rows_are_all_named(database: Database, voted: list[str], tmp_path: Path) -> None:
    file = written(
        tmp_path,
        f"{voted[0]},alpha,beta,better",
        f"{voted[1]},alpha,alpha,tie",
        ",alpha,beta,tie",
        f"{voted[2]},alpha,beta,tie",
        f"{voted[2]},alpha,beta,a_better",
    )

    code, out, err = run(database, file)

    assert (code, out) == (2, "")
    for words in (
        "write one of a_better",
        "is the same as model_a",
        "is empty",
        "in line 5 already",
    ):
        assert words in err
    assert "Nothing was compared: 4 bad rows." in err


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"battle_id,verdict\n1,tie\n", "the file has no column model_a, model_b"),
        (b"a\0b", "no text"),
    ],
)
def test_a_file_that_is_none_is_refused(
    database: Database, tmp_path: Path, content: bytes, sentence: str
) -> None:
    file = tmp_path / "verdicts.csv"
    file.write_bytes(content)

    code, _, err = run(database, file)

    assert code == 2
    assert sentence in err
