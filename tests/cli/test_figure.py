"""`arena figure`."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from arena.cli.figure import figure
from arena.storage.database import Database
from arena.web.common.texts import load_texts
from tests.builders import seed_votes
from tests.web.leaderboard.boards import varied_votes

MAGIC = {"svg": b"<?xml", "png": b"\x89PNG\r\n", "pdf": b"%PDF-", "csv": b"model,model_name,"}
KNOWN = ", ".join(sorted(load_texts().by_language))

app = typer.Typer()
app.command()(figure)


def _run(database: Database, output: Path, *arguments: str) -> tuple[int, str, str]:
    named = ["--output", str(output), "--database-url", database.url]
    result = CliRunner().invoke(app, [*arguments, *named])
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("ending", MAGIC)
def test_the_ending_of_the_file_says_what_it_is(
    database: Database, tmp_path: Path, ending: str
) -> None:
    seed_votes(database, wins=3, losses=1)
    file = tmp_path / f"figure.{ending}"
    assert _run(database, file)[0] == 0
    assert file.read_bytes().startswith(MAGIC[ending])


def test_without_a_baseline_the_model_with_the_best_rate_is_shown(
    database: Database, tmp_path: Path
) -> None:
    seed_votes(database, models=("alpha", "beta"), wins=1, losses=3)
    file = tmp_path / "figure.csv"
    _, out, _ = _run(database, file)
    assert [row.split(",")[0] for row in file.read_text().splitlines()] == ["model", "beta"]
    assert "against 1 opponent, 4 votes" in out


def test_a_baseline_and_a_filter_choose_what_is_drawn(database: Database, tmp_path: Path) -> None:
    seed_votes(database, wins=2, category="math")
    seed_votes(database, wins=5, category="writing")
    file = tmp_path / "figure.csv"
    _run(database, file, "--baseline", "beta", "--category", "math")
    row = dict(zip(*(line.split(",") for line in file.read_text().splitlines()[:2]), strict=False))
    assert (row["model"], row["opponent"], row["losses"]) == ("beta", "alpha", "2")


def test_its_words_are_in_the_language_that_is_asked_for(
    database: Database, tmp_path: Path
) -> None:
    seed_votes(database, wins=2)
    files = [tmp_path / f"{language}.csv" for language in ("en", "zh")]
    for file in files:
        _run(database, file, "--locale", file.stem)
    english, chinese = (file.read_text(encoding="utf-8") for file in files)
    assert "votes" in english
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("figure.gif", (), "ends in none of .svg, .png, .pdf, .csv"),
        ("figure.svg", ("--locale", "xx"), f"there are no words in xx; known: {KNOWN}"),
        ("figure.svg", ("--baseline", "gamma"), "no model has the key gamma; known: alpha, beta"),
        ("figure.svg", ("--category", "poetry"), "there is no vote under these filters"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_sentence(
    database: Database, tmp_path: Path, name: str, arguments: tuple[str, ...], sentence: str
) -> None:
    seed_votes(database, wins=1)
    code, _, err = _run(database, tmp_path / name, *arguments)
    assert code == 2
    assert sentence in err
    assert not (tmp_path / name).exists()


def test_a_folder_that_is_not_there_is_a_sentence(database: Database, tmp_path: Path) -> None:
    seed_votes(database, wins=1)
    code, _, err = _run(database, tmp_path / "nowhere" / "figure.csv")
    assert (code, err.strip()) == (
        1,
        f"{tmp_path / 'nowhere' / 'figure.csv'} cannot be written: No such file or directory",
    )


def test_several_models_are_panels_with_chosen_opponents(
    database: Database, tmp_path: Path
) -> None:
    seed_votes(database, wins=2)
    seed_votes(database, models=("beta", "gamma"), wins=3, ties=1)
    file = tmp_path / "figure.csv"

    both = ("--baseline", "beta", "--baseline", "alpha")
    _, out, _ = _run(database, file, *both, "--opponent", "beta", "--opponent", "gamma")

    rows = [row.split(",")[:3:2] for row in file.read_text().splitlines()[1:]]
    assert rows == [["beta", "gamma"], ["alpha", "beta"]]
    assert "Name of beta against 1 opponent" in out
    assert "Name of alpha against 1 opponent" in out


def test_a_figure_of_one_column_is_84_mm_wide(database: Database, tmp_path: Path) -> None:
    seed_votes(database, wins=2)
    file = tmp_path / "figure.svg"

    plain = ("--no-titles", "--no-notes", "--grey")
    _run(database, file, "--width", "one", *plain)

    svg = file.read_text(encoding="utf-8")
    assert 'width="238.1' in svg  # points
    assert "All votes" not in svg
    assert "#1f5fa8" not in svg


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("rates", "rates of 3 models, 80 votes"),
        ("matrix", "matrix of 3 models, 80 votes"),
        ("ratings", "ratings of 3 models, 80 votes"),
    ],
)
def test_all_models_are_drawn_in_other_ways(
    database: Database, tmp_path: Path, subject: str, said: str
) -> None:
    for pair in (("alpha", "beta"), ("beta", "gamma")):
        varied_votes(database, pair, 40)

    code, out, _ = _run(database, tmp_path / "figure.svg", "--of", subject)

    assert code == 0
    assert said in out
    assert (tmp_path / "figure.svg").read_bytes().startswith(MAGIC["svg"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--of", "rates", "--baseline", "m0"), "--of rates shows all models"),
        (("--of", "matrix", "--width", "one"), "a matrix of 31 models does not fit"),
        (("--of", "ratings"), "no model has a rating under these filters"),
    ],
)
def test_what_cannot_be_drawn_of_all_models_is_said_in_a_sentence(
    database: Database, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    for number in range(30):
        seed_votes(database, models=(f"m{number}", f"m{number + 1}"), wins=1)

    code, _, err = _run(database, tmp_path / "figure.svg", *arguments)

    assert code == 2
    assert sentence in err
    assert not (tmp_path / "figure.svg").exists()


def test_opponents_with_too_few_votes_or_too_many_models_are_refused(
    database: Database, tmp_path: Path
) -> None:
    for number in range(7):
        seed_votes(database, models=(f"m{number}", "other"), wins=1)
    file = tmp_path / "figure.svg"

    assert "nothing to draw" in _run(database, file, "--least", "2")[2]
    seven = [word for number in range(7) for word in ("--baseline", f"m{number}")]
    assert "at most 6 models" in _run(database, file, *seven)[2]
    assert not file.exists()
