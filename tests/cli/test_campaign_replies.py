"""`arena campaign generate` and `status`, and `arena import replies`, as they are typed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from arena.cli import app
from arena.storage.database import Database
from tests.e2e.scripts import catalog, scripted_model
from tests.fakes.campaign_files import write_prompts
from tests.fakes.stored_campaigns import open_campaign, store_campaign, texts


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a catalog of two models."""
    monkeypatch.chdir(tmp_path)
    write_models(tmp_path)
    return tmp_path


def write_models(folder: Path, **script: object) -> None:
    models = catalog(
        one=scripted_model("Model One", "Yes, it is so.", script=script),
        two=scripted_model("Model Two", "No, it is not so.", enabled=False),
    )
    (folder / "models.yaml").write_text(models, encoding="utf-8")


@pytest.fixture
def pilot(database: Database) -> Database:
    store_campaign(database, "Why?", ["How?", "And then?"], imported=["gpt-4"])
    return database


def run(database: Database, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--database-url", database.url])


def test_a_campaign_is_stored_once_and_its_replies_are_generated(
    folder: Path, database: Database
) -> None:
    write_prompts(folder, {"id": "a", "prompt": "Why?"})
    text = "name: spring\nprompts: prompts.jsonl\nmodels: [one, two]\n"
    file = folder / "campaign.yaml"
    file.write_text(f"{text}protocol: {{kind: pairwise}}\n", encoding="utf-8")

    first = run(database, "campaign", "create", "campaign.yaml")
    again = run(database, "campaign", "create", "campaign.yaml")
    file.write_text(f"{text}protocol: {{kind: pairwise}}\noverlap: 2\n", encoding="utf-8")
    changed = run(database, "campaign", "create", "campaign.yaml")
    file.write_text(f"{text}protocol: {{kind: all_at_once}}\n", encoding="utf-8")
    refused = run(database, "campaign", "create", "campaign.yaml")

    assert first.stdout.splitlines() == [
        "spring: version 1 stored, 1 prompt for 2 models.",
        "Next: arena campaign generate 'spring'",
    ]
    assert again.stdout == "spring: stored already, version 1.\n"
    assert changed.stdout == "spring: version 2 stored, 1 prompt for 2 models.\n"
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith("'spring' is stored with other protocol.kind")
    assert run(database, "campaign", "generate", "spring").exit_code == 0


def test_generating_says_what_was_done_and_what_is_missing(pilot: Database) -> None:
    result = run(pilot, "campaign", "generate", "pilot")

    lines = result.stdout.splitlines()
    assert (result.exit_code, texts(pilot)["two", "p2", 2]) == (0, "No, it is not so.")
    assert lines[0].startswith("one: 3 replies written in ")
    assert lines[0].endswith("0 reused.")
    assert lines[2] == "pilot: created, 2 prompts"
    assert [line.split() for line in lines if line.startswith(("model", "one  ", "gpt-4"))] == [
        ["model", "whole", "cut", "empty", "failed", "missing"],
        ["one", "3", "0", "0", "0", "0"],
        ["gpt-4", "(imported)", "0", "0", "0", "0", "3"],
    ]
    assert lines[-4:] == [
        "missing: gpt-4, prompt p1, turn 1",
        "missing: gpt-4, prompt p2, turn 1",
        "missing: gpt-4, prompt p2, turn 2",
        "Import what is missing: arena import replies FILE --campaign 'pilot'",
    ]


def test_without_a_terminal_the_progress_is_plain_lines_on_stderr(pilot: Database) -> None:
    lines = run(pilot, "campaign", "generate", "pilot").stderr.splitlines()

    assert lines[0] == "one (1 of 2): 0 of 3"
    assert lines[-1].startswith("two (2 of 2): 3 of 3, ")


def test_the_json_document_has_counts_and_every_reply_that_is_not_whole(pilot: Database) -> None:
    run(pilot, "campaign", "generate", "pilot")

    document = json.loads(run(pilot, "campaign", "generate", "pilot", "--json").stdout)

    assert [one["requests"] for one in document["generated"]] == [0, 0]
    assert document["models"][0] == {
        "key": "one",
        "name": "The one",
        "imported": False,
        "missing": 0,
        "failed": 0,
        "empty": 0,
        "cut": 0,
        "whole": 3,
    }
    assert document["replies"][0] == {
        "model": "gpt-4",
        "prompt": "p1",
        "turn": 1,
        "status": "missing",
        "error": None,
    }
    status = json.loads(run(pilot, "campaign", "status", "pilot", "--json").stdout)
    assert status == {key: value for key, value in document.items() if key != "generated"}


def test_cut_replies_are_listed_and_repeated_with_a_larger_budget(pilot: Database) -> None:
    assert run(pilot, "campaign", "generate", "pilot", "--max-new-tokens", "2").exit_code == 0

    said = run(pilot, "campaign", "status", "pilot").stdout
    assert "cut: one, prompt p2, turn 2\n" in said
    assert "Ask again: arena campaign generate 'pilot' --again cut --max-new-tokens N\n" in said
    again = ("--again", "cut", "--max-new-tokens", "50")
    assert run(pilot, "campaign", "generate", "pilot", *again).exit_code == 0
    assert "cut: " not in run(pilot, "campaign", "status", "pilot").stdout


def test_failed_replies_are_listed_with_their_cause_and_the_exit_code_is_1(
    folder: Path, pilot: Database
) -> None:
    write_models(folder, fail_at_token=1)

    result = run(pilot, "campaign", "generate", "pilot", "--only", "one")

    assert result.exit_code == 1
    assert (
        "failed: one, prompt p1, turn 1: BrokenReply: scripted failure at token 1\n"
        in result.stdout
    )
    assert "Ask again: arena campaign generate 'pilot' --again failed\n" in result.stdout
    write_models(folder)
    assert run(pilot, "campaign", "generate", "pilot", "--again", "failed").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody"], "there is no campaign 'nobody'; known: pilot\n"),
        (["pilot", "--again", "whole"], "--again whole is unknown; choose of failed, cut, empty\n"),
        (["pilot", "--only", ","], "--only needs a value\n"),
        (
            ["pilot", "--only", "gpt-4"],
            "'pilot' generates no replies of gpt-4; it does of: one, two\n",
        ),
        (
            ["pilot", "--models", "none.yaml"],
            "none.yaml: cannot be read: No such file or directory\n",
        ),
    ],
)
def test_bad_input_is_one_sentence(pilot: Database, arguments: list[str], said: str) -> None:
    result = run(pilot, "campaign", "generate", *arguments)

    assert (result.exit_code, result.stderr) == (2, said)


def test_replies_are_imported(folder: Path, pilot: Database) -> None:
    file = folder / "gpt-4.json"
    outputs = [{"instruction": "Why?", "output": "Because.", "generator": "gpt4"}]
    file.write_text(json.dumps(outputs), encoding="utf-8")
    import_it = ("import", "replies", str(file), "--campaign", "pilot", "--model", "gpt-4")

    trial = run(pilot, *import_it, "--dry-run")
    result = run(pilot, *import_it)
    again = run(pilot, *import_it, "--format", "alpacaeval")

    assert trial.stdout == (
        "Would import 1 reply of gpt-4 to 1 prompt.\nDry run: nothing was kept.\n"
    )
    assert (result.exit_code, result.stdout) == (0, "Imported 1 reply of gpt-4 to 1 prompt.\n")
    assert again.stdout.splitlines()[1] == "1 reply is already there."
    assert texts(pilot) == {("gpt-4", "p1", 1): "Because."}


def test_bad_rows_are_named_and_nothing_is_imported(folder: Path, pilot: Database) -> None:
    file = folder / "mine.jsonl"
    file.write_text('{"prompt": "p9", "reply": "a"}\n\n{"prompt": "p1"}\n', encoding="utf-8")

    result = run(pilot, "import", "replies", str(file), "--campaign", "pilot")

    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        f"{file}:1: prompt: 'p9' is the id of no prompt of the campaign: correct it, or "
        "remove the row",
        f"{file}:3: reply: is empty: write the reply, or `turns` with one for each turn",
        "Nothing was imported: 2 bad rows.",
    ]


def test_a_campaign_that_was_opened_takes_no_replies(folder: Path, pilot: Database) -> None:
    open_campaign(pilot)
    file = folder / "mine.jsonl"
    file.write_text('{"prompt": "p1", "reply": "a"}\n', encoding="utf-8")

    imported = run(pilot, "import", "replies", str(file), "--campaign", "pilot")
    generated = run(pilot, "campaign", "generate", "pilot")

    assert imported.stderr == "'pilot' is open: its replies are final\nNothing was imported.\n"
    assert (imported.exit_code, generated.exit_code) == (2, 2)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--format", "csv"], "--format csv is unknown; choose one of auto, jsonl, alpacaeval, "),
        ([], "none.jsonl: there is no such file\n"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    pilot: Database, more: list[str], said: str
) -> None:
    result = run(pilot, "import", "replies", "none.jsonl", "--campaign", "pilot", *more)

    assert result.exit_code == 2
    assert result.stderr.startswith(said)
