"""Whoever changes an archive is found out, with or without new checksums."""

import json
from pathlib import Path
from random import Random
from zipfile import ZipFile

import pytest

from arena.services.campaigns.archive.reading import open_archive
from arena.services.campaigns.archive.refusals import BadArchive
from arena.services.campaigns.archive.verifying import Verification
from tests.fakes.archived_campaigns import plain_figure
from tests.fakes.campaigns import HandClock
from tests.fakes.changed_archives import Change, changed, contents, forged, replacing, written


def faults(archive: Path) -> list[str]:
    with open_archive(archive) as opened:
        return list(Verification(HandClock(), figure_of=plain_figure).faults(opened))


def test_an_archive_as_it_was_written_has_no_fault(archive: Path) -> None:
    assert faults(archive) == []


def test_one_changed_byte_in_any_file_is_found(archive: Path) -> None:
    files = contents(archive)
    for name, content in files.items():
        if not content or name == "SHA256SUMS":
            continue
        middle = len(content) // 2
        other = bytes([content[middle] ^ 1])
        one = {**files, name: content[:middle] + other + content[middle + 1 :]}
        written(archive, one)
        assert faults(archive) == [f"{name}: was changed: its checksum is another one"]


def test_one_changed_digit_in_the_checksums_is_found(archive: Path) -> None:
    def flipped(content: bytes) -> bytes:
        return bytes([ord("0") if content[0] != ord("0") else ord("1")]) + content[1:]

    assert len(faults(changed(archive, "SHA256SUMS", flipped))) == 1


def test_bytes_added_to_an_empty_file_and_missing_and_new_files_are_found(archive: Path) -> None:
    files = contents(archive)
    del files["figures/1.svg"]
    files |= {"figures/9.svg": b"<svg/>", "address_hours.jsonl": b"\n"}

    assert faults(written(archive, files)) == [
        "figures/1.svg: is missing",
        "figures/9.svg: has no checksum",
        "address_hours.jsonl: was changed: its checksum is another one",
    ]


def test_a_changed_byte_of_the_zip_file_itself_is_found(archive: Path) -> None:
    right, random = archive.read_bytes(), Random(3)
    unnoticed = []
    ends = {place for place in range(1, len(right)) if right[place : place + 2] == b"PK"}
    places = {*random.sample(range(len(right)), 150), *(place - 1 for place in ends)}
    for place in sorted(places):
        wrong = bytearray(right)
        wrong[place] ^= random.choice([128, 1 << random.randrange(8)])
        archive.write_bytes(wrong)
        try:
            with open_archive(archive) as opened:
                if not list(opened.faults()) and opened.is_as_written():
                    unnoticed.append(place)
        except BadArchive:
            continue

    assert unnoticed == []


def test_an_archive_that_another_program_packed_is_told_of(archive: Path) -> None:
    files = contents(archive)
    with ZipFile(archive, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)

    assert [line.partition(":")[0] for line in faults(archive)] == ["the zip file"]


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("leaderboard.json", replacing('"wins": ', '"wins": 1'), "leaderboard.json: "),
        ("leaderboard.csv", replacing("m0,Model 0,", "m0,Model 0,1"), "leaderboard.csv: row 2"),
        ("comparisons.jsonl", replacing('"slot_a":0', '"slot_a":1'), "comparisons.jsonl:1: is not"),
        ("figures/1.csv", replacing("[0", "[1"), "figures/1.csv: row 2, column 2: is"),
        ("campaign.json", replacing('"overlap":2', '"overlap":3'), ""),
        ("prompts.jsonl", replacing("Question 1", "Question 2"), "campaign.json: version 1"),
    ],
)
def test_a_forgery_with_new_checksums_is_found(
    archive: Path, name: str, change: Change, told: str
) -> None:
    found = faults(forged(archive, name, change))

    assert found
    assert found[0].startswith(told)


def test_a_removed_ballot_changes_comparisons_and_board(archive: Path) -> None:
    def without_one(content: bytes) -> bytes:
        lines = [json.loads(line) for line in content.splitlines()]
        repeated = {line["repeat_of"] for line in lines}
        gone = next(
            place
            for place, line in enumerate(lines)
            if line["purpose"] == "judged" and line["assignment_id"] not in repeated
        )
        return b"".join(
            content.splitlines(keepends=True)[place] for place in range(len(lines)) if place != gone
        )

    found = faults(forged(archive, "ballots.jsonl", without_one))

    assert {line.split(":")[0] for line in found} >= {"comparisons.jsonl", "leaderboard.json"}
