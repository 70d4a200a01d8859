"""Files that only look like archives are refused in a sentence."""

import json
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from arena.services.campaigns.archive.importing import ArchiveImports
from arena.services.campaigns.archive.reading import open_archive
from arena.services.campaigns.archive.refusals import BadArchive
from arena.storage.database import Database
from tests.fakes.campaigns import HandClock
from tests.fakes.changed_archives import contents, forged, written

pytestmark = pytest.mark.parametrize("kind", ["pairwise"], indirect=True)


def refusal(archive: Path, database: Database) -> str:
    with pytest.raises(BadArchive) as refused, open_archive(archive) as opened:
        ArchiveImports(database, HandClock()).store(opened)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    "name", ["../evil.sh", "/etc/passwd", "C:\\evil", "figures/../../x.svg", "figures/", "a\nb"]
)
def test_no_file_has_a_name_of_its_own(archive: Path, database: Database, name: str) -> None:
    written(archive, {**contents(archive), name: b""})

    assert refusal(archive, database).startswith("it has a file ")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(archive: Path, database: Database) -> None:
    with ZipFile(archive, "a") as file:
        file.writestr("README.md", "another")

    assert refusal(archive, database) == "it has two files 'README.md'"


def test_a_zip_bomb_is_refused_before_it_grows(archive: Path, database: Database) -> None:
    written(archive, {**contents(archive), "ballots.jsonl": bytes(2**24)})

    assert "zip bomb" in refusal(archive, database)


def test_an_endless_line_is_refused(
    archive: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("arena.services.campaigns.archive.reading.LONGEST_LINE_BYTES", 1000)
    forged(archive, "prompts.jsonl", lambda content: content.replace(b"\n", b" "))

    assert "a line is longer" in refusal(archive, database)


def test_what_is_no_zip_file_or_no_archive_is_refused(archive: Path, database: Database) -> None:
    whole = archive.read_bytes()
    for content in (b"", b"PK", whole[: len(whole) // 2], b"\0" * 1000):
        archive.write_bytes(content)
        assert "no readable zip file" in refusal(archive, database)
    with ZipFile(archive, "w", ZIP_DEFLATED) as file:
        file.writestr("README.md", "hello")
    assert "no archive of a campaign" in refusal(archive, database)


def test_an_archive_of_the_future_is_refused(archive: Path, database: Database) -> None:
    forged(archive, "versions.json", lambda content: content.replace(b": 1,", b": 2,", 1))

    assert "format 1" in refusal(archive, database)


def test_a_wrong_type_is_named_with_its_line_and_field(archive: Path, database: Database) -> None:
    for name, field, value in (
        ("ballots.jsonl", "ordering", "01"),
        ("ballots.jsonl", "visible_s", "12"),
        ("ballots.jsonl", "vote", 3),
        ("ballots.jsonl", "reserved_at", "yesterday"),
        ("ballots.jsonl", "state", "won"),
        ("ballots.jsonl", "surprise", 1),
        ("prompts.jsonl", "turns", {"a": 1}),
        ("replies.jsonl", "status", None),
        ("annotators.jsonl", "answers", [1]),
        ("campaign.json", "versions", "none"),
    ):
        before = archive.read_bytes()
        forged(archive, name, partial(_with, field, value))
        assert refusal(archive, database).startswith(f"{name}:1: {field}"), (name, field)
        archive.write_bytes(before)


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("ballots.jsonl", "prompt", 99),
        ("ballots.jsonl", "prompt", 10**30),
        ("ballots.jsonl", "ordering", [0, 0]),
        ("ballots.jsonl", "ordering", [-1, 7]),
        ("ballots.jsonl", "annotator", "anon-nobody"),
        ("ballots.jsonl", "purpose", "check"),
        ("ballots.jsonl", "vote", None),
        ("ballots.jsonl", "repeat_of", "nothing"),
        ("ballots.jsonl", "scroll_depth", 7.5),
        ("ballots.jsonl", "scroll_depths", [1, 7.5]),
        ("ballots.jsonl", "reserved_at", "2026-03-01T09:00:00"),
        ("items.jsonl", "prompt", 99),
        ("items.jsonl", "models", []),
        ("models.jsonl", "position", 5),
        ("replies.jsonl", "position", 9),
        ("prompts.jsonl", "turns", []),
        ("prompts.jsonl", "number", 2),
        ("prompts.jsonl", "difficulty", 10**30),
        ("campaign.json", "versions", []),
        ("campaign.json", "name", " "),
        ("campaign.json", "overlap", 10**30),
        ("annotators.jsonl", "annotator", "anon-somebody"),
    ],
)
def test_what_cannot_be_is_refused(
    archive: Path, database: Database, name: str, field: str, value: Any
) -> None:
    forged(archive, name, partial(_with, field, value))

    assert refusal(archive, database)


def test_nested_json_without_end_is_refused(archive: Path, database: Database) -> None:
    forged(archive, "campaign.json", lambda _: b"[" * 100_000)

    assert refusal(archive, database).startswith("campaign.json:1: ")


def _with(field: str, value: Any, content: bytes) -> bytes:
    """Return a file with another value in a field of its first line."""
    first, _, others = content.partition(b"\n")
    return json.dumps(json.loads(first) | {field: value}).encode() + b"\n" + others
