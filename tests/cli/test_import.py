"""`arena import votes`, as it is typed."""

import csv
import json
import sqlite3
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from arena.cli import app
from arena.storage.database import Database
from tests.builders import seed_vote
from tests.fakes.import_files import (
    LLMFAO_HEADER,
    fastchat_chat,
    fastchat_vote,
    json_lines,
    judgment,
    llmfao_lines,
)

LLMFAO = Path(__file__).parents[1] / "data" / "llmfao" / "crowd-comparisons.csv"
TIE = "0,8,1,2,58,tie,GPT 4,Claude v2"


def run(url: str, *arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [*arguments, "--database-url", url])
    return result.exit_code, result.stdout, result.stderr


def bring(database: Database, file: Path, kind: str, *more: str) -> tuple[int, str, str]:
    return run(database.url, "import", "votes", str(file), "--format", kind, *more)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "votes.csv"
    path.write_bytes(b"".join(llmfao_lines(TIE)))
    return path


@pytest.fixture(scope="module")
def crowd(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of an arena with the whole crowd of LLMFAO, imported once for this module."""
    path = tmp_path_factory.mktemp("crowd") / "arena.sqlite3"
    path.write_bytes(migrated_file.read_bytes())
    url = f"sqlite:///{path}"
    code, out, err = run(url, "import", "votes", str(LLMFAO), "--format", "llmfao")
    assert (code, err) == (0, "")
    assert out == "Imported 8931 votes on 13 prompts; new: 59 models, 124 annotators.\n"
    return url


def test_the_board_of_an_imported_crowd_is_what_a_naive_recount_says(crowd: str) -> None:
    code, out, _ = run(crowd, "leaderboard", "--json")

    board = json.loads(out)
    rates, decisive, left = recounted()
    assert (code, board["votes"], len(board["models"])) == (0, 8931, 59)
    assert board["side_bias"]["decisive"] == decisive
    assert board["side_bias"]["share"] == left
    assert round(left, 3) == 0.533
    told = {(pair["model"], pair["opponent"]): pair["rate"] for pair in board["pairs"]}
    assert told == {(key(a), key(b)): rate for (a, b), rate in rates.items()}


def recounted() -> tuple[dict[tuple[str, str], float | None], int, float]:
    """W/(W+L) of every ordered pair that met, decisive votes, and the share won by the left."""
    wins: Counter[tuple[str, str]] = Counter()
    met, sides = set(), Counter[str]()
    with LLMFAO.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            left, right = row["left"], row["right"]
            met |= {(left, right), (right, left)}
            sides[row["winner"]] += 1
            wins[left, right] += row["winner"] == "left"
            wins[right, left] += row["winner"] == "right"
    rates = {}
    for a, b in met:
        together = wins[a, b] + wins[b, a]
        rates[a, b] = wins[a, b] / together if together else None
    decisive = sides["left"] + sides["right"]
    return rates, decisive, sides["left"] / decisive


def key(name: str) -> str:
    """What the names of this one file give: letters, digits and dots, the rest as one dash."""
    kept = "".join(letter if letter.isalnum() or letter == "." else " " for letter in name.lower())
    return "-".join(kept.split())


def test_the_crowd_comes_once_and_says_so_the_second_time(crowd: str) -> None:
    code, out, _ = run(crowd, "import", "votes", str(LLMFAO), "--format", "llmfao")

    assert code == 0
    assert out.splitlines() == [
        "Imported 0 votes on 0 prompts; new: 0 models, 0 annotators.",
        "8931 votes are already there.",
    ]


def test_an_export_is_imported(database: Database, tmp_path: Path) -> None:
    seed_vote(database, comment="=1+1")
    exported = tmp_path / "votes.csv"
    run(database.url, "export", "votes", "--output", str(exported))
    url = f"sqlite:///{tmp_path / 'other.sqlite3'}"

    code, out, _ = run(url, "import", "votes", str(exported), "--format", "arena")

    assert (code, out.split(";")[0]) == (0, "Imported 1 vote on 1 prompt")


def test_judgments_of_mt_bench_are_imported(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "human.jsonl"
    path.write_bytes(b"".join(json_lines([judgment(), judgment(turn=2), judgment()])))

    code, out, _ = bring(database, path, "mt-bench")

    assert code == 0
    assert "Imported 2 votes on 1 prompt; new: 2 models, 1 annotator." in out
    assert "1 row repeats an earlier row of the file." in out


def test_a_fastchat_log_says_what_was_left_out(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "2023-11-14-conv.json"
    events = [
        fastchat_chat("c1", "vicuna-13b", ("Hi", "Yo"), 2.0),
        fastchat_vote(),
        fastchat_vote("rightvote", labels=("### Model A: vicuna-13b", "### Model B: koala-13b")),
        fastchat_vote(conversations=("c3", "c4"), labels=("vicuna-13b", "koala-13b")),
        fastchat_vote(conversations=("c5", "c6"), texts=(("Hi", "Yo"), ("Hi", ""))),
    ]
    path.write_bytes(b"".join(json_lines(events)))

    code, out, _ = bring(database, path, "fastchat")

    assert (code, out.splitlines()) == (
        0,
        [
            "Imported 1 vote on 1 prompt; new: 2 models, 1 annotator.",
            "Left out 1 row, which is no vote on two models.",
            "Left out 1 row, which was cast after the reveal.",
            "Left out 1 row, which names the models before the vote.",
            "Left out 1 row, which is on an empty or failed reply.",
        ],
    )
    with sqlite3.connect(database.engine.url.database or "") as connection:
        assert "203.0.113.7" not in "\n".join(connection.iterdump())
    connection.close()


def test_contradictory_votes_of_a_fastchat_battle_are_named_and_not_imported(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "conv.json"
    kinds = ("leftvote", "rightvote", "tievote", "bothbad_vote", "leftvote")
    other = fastchat_vote(conversations=("c3", "c4"))
    path.write_bytes(b"".join(json_lines([*map(fastchat_vote, kinds), other])))

    code, out, err = bring(database, path, "fastchat")
    skipping = bring(database, path, "fastchat", "--skip-bad-rows")

    assert (code, out) == (2, "")
    assert err.splitlines() == [
        *(
            f"{path}:{line}: type: '{kind}' contradicts line 1, which says 'leftvote' of the same "
            "battle: keep one of the two"
            for line, kind in enumerate(kinds[1:4], start=2)
        ),
        "Nothing was imported: 3 bad rows. Correct them, or add --skip-bad-rows to import the "
        "others.",
    ]
    assert skipping[0] == 0
    assert "Imported 1 vote" in skipping[1]
    assert "Skipped: 3 bad rows." in skipping[1]


def test_columns_may_have_other_names(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("who,outcome,model_a,model_b,prompt\neve,tie,a,b,Why?\n")

    code, out, _ = bring(database, path, "arena", "--columns", "annotator=who, verdict=outcome")

    assert (code, "Imported 1 vote" in out) == (0, True)


def test_prompts_beside_the_votes_of_llmfao_are_used(database: Database, file: Path) -> None:
    (file.parent / "prompts.jsonl").write_text('{"id": 8, "text": "Argue!", "type": "reflexion"}\n')

    bring(database, file, "llmfao")

    _, out, _ = run(database.url, "export", "votes")
    (row,) = csv.DictReader(out.splitlines())
    assert (row["prompt"], row["category"]) == ("Argue!", "reflexion")


def test_a_dry_run_keeps_nothing(database: Database, file: Path) -> None:
    code, out, _ = bring(database, file, "llmfao", "--dry-run")

    assert (code, out.splitlines()) == (
        0,
        [
            "Would import 1 vote on 1 prompt; new: 2 models, 1 annotator.",
            "Dry run: nothing was kept.",
        ],
    )
    assert json.loads(run(database.url, "leaderboard", "--json")[1])["votes"] == 0


def test_a_taken_key_is_told_with_the_way_to_merge(database: Database, file: Path) -> None:
    seed_vote(database, models=("gpt-4", "beta"))

    _, out, _ = bring(database, file, "llmfao", "--dry-run")
    _, merged, _ = bring(database, file, "llmfao", "--merge-models")

    assert (
        "GPT 4: another model here has the key that this name gives, so it is imported as "
        "gpt-4.llmfao. If both are the same model, import with --merge-models."
    ) in out
    assert merged == "Imported 1 vote on 1 prompt; new: 1 model, 1 annotator.\n"


def test_bad_rows_are_named_with_line_column_value_and_change(
    database: Database, file: Path
) -> None:
    file.write_text(f"{LLMFAO_HEADER}\n0,8,1,2,58,maybe,GPT 4,Claude v2\n0,8\n")

    code, out, err = bring(database, file, "llmfao")

    assert (code, out) == (2, "")
    assert err.splitlines() == [
        f"{file}:2: winner: 'maybe' is unknown: write one of left, right, tie",
        f"{file}:3: 2 cells where the header has 8: put cells with commas or line breaks in "
        "double quotes",
        "Nothing was imported: 2 bad rows. Correct them, or add --skip-bad-rows to import the "
        "others.",
    ]


def test_of_very_many_bad_rows_the_first_are_named_and_the_others_counted(
    database: Database, file: Path
) -> None:
    file.write_text(f"{LLMFAO_HEADER}\n" + "0,8\n" * 60)

    _, _, err = bring(database, file, "llmfao")

    assert err.count("2 cells where") == 50
    assert "and 10 more bad rows" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "elo"], "--format elo is unknown; choose one of auto, arena, llmfao, mt-b"),
        (["--format", "llmfao", "--campaign", " "], "--campaign needs a name"),
        (["--format", "llmfao", "--columns", "winner"], "write OURS=THEIRS,OURS=THEIRS"),
        (["--format", "llmfao", "--columns", "a=b,a=c"], "each of ours once"),
        (["--format", "llmfao", "--columns", "a=b"], "this format has no column a; it has id"),
        (["--format", "llmfao", "--columns", "winner=who"], "there is no column who; there are"),
        (["--format", "arena"], "there is no column annotator; there are id, prompt"),
        (["--format", "fastchat", "--columns", "ip=who"], "--columns is for CSV"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(
    database: Database, file: Path, arguments: list[str], message: str
) -> None:
    code, out, err = run(database.url, "import", "votes", str(file), *arguments)

    assert (code, out) == (2, "")
    assert message in " ".join(err.replace("│", " ").split())


@pytest.mark.parametrize("missing", ["nowhere.csv", "."])
def test_a_file_that_is_not_there_is_refused(
    database: Database, tmp_path: Path, missing: str
) -> None:
    code, _, err = bring(database, tmp_path / missing, "llmfao")

    assert (code, err) == (2, f"{tmp_path / missing}: there is no such file\n")


def test_a_file_that_is_no_database_is_a_failure(file: Path, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be taken for one " * 40)

    code, _, err = run(f"sqlite:///{path}", "import", "votes", str(file), "--format", "llmfao")

    assert code == 1
    assert "the database cannot be used" in err
