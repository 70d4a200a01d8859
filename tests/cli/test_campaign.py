"""`arena campaign check` tells a researcher what is wrong, or how much work a campaign is."""

import json
from pathlib import Path
from textwrap import dedent

import pytest
from typer.testing import CliRunner, Result

from arena.cli import app
from tests.e2e.scripts import catalog, scripted_model
from tests.fakes.campaign_files import write_prompts

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "wizardlm2" / "campaign.yaml"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a catalog and a prompt set."""
    monkeypatch.chdir(tmp_path)
    models = catalog(one=scripted_model("Model One", "Yes."), two=scripted_model("Two", "No."))
    (tmp_path / "models.yaml").write_text(models, encoding="utf-8")
    write_prompts(
        tmp_path,
        {"id": "a", "prompt": "Why is the sky blue?", "category": "reasoning"},
        {"id": "b", "messages": ["天空为什么是蓝色的？请详细解释。", "那晚霞呢？"]},
        {"id": "c", "prompt": "Why is the  SKY blue?", "category": "reasoning"},
    )
    return tmp_path


def write_campaign(folder: Path, more: str = "") -> None:
    text = """\
    name: pilot
    prompts: prompts.jsonl
    models: [one, two]
    protocol: {kind: pairwise}
    """
    (folder / "campaign.yaml").write_text(dedent(text) + more, encoding="utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["campaign", "check", *arguments])


def test_the_summary_says_what_there_is_and_how_much_work_it_is(folder: Path) -> None:
    write_campaign(folder, "overlap: 2\nannotators: [Ada, Bob, Cem]\n")

    result = run("campaign.yaml")

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[:2] == ["pilot: pairwise, overlap 2, reveal never", "2 models: Model One, Two"]
    assert lines[-2:] == [
        "3 items, 6 ballots, 6 comparisons; besides, 0 repeats and 0 checks.",
        "3 annotators, with at most 2 pages each, repeats and checks among them.",
    ]
    assert [line.split() for line in lines if line.startswith("all ")] == [
        ["all", "3", "en:", "2,", "zh:", "1", "1:", "2,", "2:", "1"]
    ]


def test_what_is_missing_is_said_on_stderr(folder: Path) -> None:
    write_campaign(folder, "repeats: 0\n")

    said = run("campaign.yaml").stderr.splitlines()

    assert said[0] == "warning: prompts: 'c' says the same as 'a'"
    assert [line.split(":")[1].strip() for line in said[1:]] == [
        "annotators",
        "check_items",
        "repeats",
        "overlap",
        "guidelines",
    ]


def test_a_model_that_is_disabled_is_said(folder: Path) -> None:
    write_campaign(folder)
    (folder / "models.yaml").write_text(
        catalog(
            one=scripted_model("One", "Yes."),
            two={**scripted_model("Two", "No."), "enabled": False},
        ),
        encoding="utf-8",
    )

    assert "warning: models: two is disabled in models.yaml" in run("campaign.yaml").stderr


def test_faults_of_all_files_go_to_stderr_and_the_exit_code_is_2(folder: Path) -> None:
    write_campaign(folder, "overlap: none\n")
    (folder / "models.yaml").write_text("model: {}\n", encoding="utf-8")
    write_prompts(folder, {"prompt": "a", "category": "law"})

    result = run("campaign.yaml")

    assert (result.exit_code, result.stdout) == (2, "")
    places = [":".join(line.split(":")[:3]) for line in result.stderr.splitlines()]
    assert places == [
        "models.yaml:1: model",
        "campaign.yaml:5: overlap",
        "prompts.jsonl:1: row 1",
    ]


def test_a_faulty_catalog_alone_is_refused_too(folder: Path) -> None:
    write_campaign(folder)
    (folder / "models.yaml").write_text("model: {}\n", encoding="utf-8")

    result = run("campaign.yaml")

    assert result.exit_code == 2
    assert result.stderr.startswith("models.yaml:1: model: unknown key")


def test_a_campaign_file_that_does_not_exist_is_one_sentence() -> None:
    result = run("campaign.yaml")

    assert result.exit_code == 2
    assert result.stderr == "campaign.yaml: cannot be read: No such file or directory\n"


def test_the_json_document_has_the_campaign_and_its_summary(folder: Path) -> None:
    write_campaign(folder, "time_limits: {last_day: 2027-01-31}\n")

    document = json.loads(run("campaign.yaml", "--json").stdout)

    assert document["campaign"]["prompts"][1]["turns"][1] == "那晚霞呢？"
    assert document["campaign"]["time_limits"]["last_day"] == "2027-01-31"
    assert document["summary"] == {
        "prompts": 3,
        "categories": {"reasoning": 2, "-": 1},
        "languages": {"en": 2, "zh": 1},
        "turns": {"1": 2, "2": 1},
        "items": 3,
        "ballots": 3,
        "comparisons": 3,
        "repeats": 0,
        "checks": 0,
        "per_annotator": None,
    }
    assert document["duplicates"] == [{"id": "c", "of": "a", "exact": True}]
    assert (len(document["warnings"]), document["faults"]) == (6 - 1, [])


def test_the_json_document_of_a_refused_file_has_its_faults(folder: Path) -> None:
    write_campaign(folder, "revael: never\n")

    result = run("campaign.yaml", "--json")

    (fault,) = json.loads(result.stdout)["faults"]
    assert (result.exit_code, fault["line"], fault["key"]) == (2, 5, "revael")


def test_the_example_has_ten_prompts_of_each_category_and_nothing_is_missing() -> None:
    result = run(str(EXAMPLE), "--models", str(ROOT / "models.yaml"), "--json")

    document = json.loads(result.stdout)
    summary = document["summary"]
    wanted = ("writing", "coding", "math", "reasoning", "agent", "multilingual")
    assert summary["categories"] == dict.fromkeys(wanted, 10)
    assert summary["languages"]["zh"] >= 10
    assert summary["turns"]["2"] >= 6
    assert (document["warnings"], document["duplicates"]) == ([], [])
