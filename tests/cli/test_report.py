"""`arena report`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from arena.cli import app
from arena.domain.campaign import ProtocolKind
from arena.storage.database import Database
from tests.builders import seed_vote, seed_votes
from tests.fakes.archived_campaigns import archive_of, judged_campaign
from tests.fakes.changed_archives import changed, replacing


def _run(database: Database, *arguments: str) -> tuple[int, str, str]:
    line = ["report", *arguments, "--database-url", database.url]
    result = CliRunner().invoke(app, line)
    return result.exit_code, result.stdout, result.stderr


def test_a_report_with_its_figures_is_written(database: Database, tmp_path: Path) -> None:
    seed_votes(database, wins=3, losses=1)
    seed_vote(database, prompts=("My mail is ada@example.org",))
    folder = tmp_path / "report"

    code, out, err = _run(database, "--output", str(folder), "--licence", "CC0")

    assert (code, err) == (0, "")
    assert out.startswith(f"{folder}: 5 ballots on 2 models, 2 figures.")
    assert "1 place may hold personal data (1 email): look at" in out
    assert (folder / "figures" / "model-01.pdf").read_bytes().startswith(b"%PDF-")
    assert "data:image/svg+xml;base64," in (folder / "report.html").read_text()
    assert "- CC0" in (folder / "data-card.md").read_text()


def test_an_archive_gives_the_report_of_its_campaign(database: Database, tmp_path: Path) -> None:
    desk = judged_campaign(database, ProtocolKind.ALL_AT_ONCE, judged=4)
    archive = archive_of(desk, tmp_path / "spring.zip")
    folders = [tmp_path / name for name in ("stored", "archived")]

    stored = _run(database, "--campaign", "spring", "--output", str(folders[0]))
    archived = _run(database, "--archive", str(archive), "--output", str(folders[1]))

    assert (stored[0], archived[0]) == (0, 0), archived
    for name in ("models", "pairs", "ratings"):
        texts = [(folder / "tables" / f"{name}.tex").read_text() for folder in folders]
        assert texts[0] == texts[1]


def test_what_cannot_be_reported_is_said_in_a_sentence(database: Database, tmp_path: Path) -> None:
    desk = judged_campaign(database, ProtocolKind.ALL_AT_ONCE, judged=2)
    changed(archive_of(desk, tmp_path / "changed.zip"), "replies.jsonl", replacing("says", "said"))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("kept")
    folder = str(tmp_path / "new")
    for arguments, words in (
        (("--output", str(tmp_path / "full")), "the folder is not empty"),
        (("--output", str(tmp_path / "full" / "file")), "not a folder"),
        (("--output", str(tmp_path / "no" / "new")), "not a folder"),
        (("--output", folder, "--campaign", "autumn"), "no campaign is called autumn"),
        (("--output", folder, "--category", "poetry"), "nothing to report"),
        (("--output", folder, "--archive", str(tmp_path / "no.zip")), "there is no such file"),
        (("--output", folder, "--archive", str(tmp_path / "changed.zip")), "was changed"),
        (("--output", folder, "--archive", "a.zip", "--campaign", "b"), "leave --campaign out"),
    ):
        code, _, err = _run(database, *arguments)
        assert (code, words in err) == (2, True), (arguments, err)
    assert not Path(folder).exists()
    assert [one.name for one in (tmp_path / "full").iterdir()] == ["file"]


@pytest.mark.parametrize("option", ["--output"])
def test_the_folder_must_be_named(database: Database, option: str) -> None:
    code, _, err = _run(database)
    assert code == 2
    assert option in err
