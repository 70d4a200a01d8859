"""Small files in the shapes in which vote sets are published go in as they are."""

import json
from collections import Counter
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from arena.services.exports.columns import ExportTable
from arena.services.importing.containers import vote_file
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.imports import ImportReport, Imports
from arena.services.importing.rows import ExclusionReason
from arena.services.importing.vote_formats import FORMATS, recognized, votes_of_file
from arena.storage.database import Database
from tests.fakes.clock import VirtualClock
from tests.services.importing.imported import rows
from tests.services.importing.recounts import PUBLIC, RECOUNTS, Told

SOURCES = {
    "lmarena-55k.csv": VoteFormat.LMARENA_55K,
    "lmarena-100k.jsonl": VoteFormat.LMARENA,
    "lmarena-140k.parquet": VoteFormat.LMARENA,
    "comparia.jsonl": VoteFormat.COMPARIA,
    "comparia.parquet": VoteFormat.COMPARIA,
    "open-webui.json": VoteFormat.OPEN_WEBUI,
    "alpacaeval.json": VoteFormat.ALPACAEVAL,
    "pandalm.json": VoteFormat.PANDALM,
    "mt-bench.jsonl": VoteFormat.MT_BENCH,
    "wmt11.csv": VoteFormat.WMT,
    "wmt16.csv": VoteFormat.WMT,
    "label-studio.json": VoteFormat.LABEL_STUDIO,
    "argilla.json": VoteFormat.ARGILLA,
    "argilla-flat.jsonl": VoteFormat.ARGILLA,
    "argilla-1.parquet": VoteFormat.ARGILLA,
    "rankings.csv": VoteFormat.ARENA,
}
LLMFAO = PUBLIC.parent / "llmfao" / "crowd-comparisons.csv"


def bring(database: Database, path: Path, columns: dict[str, str] | None = None) -> ImportReport:
    """Import a file in the format that it shows."""
    file = vote_file(path)
    source = recognized(file.table())
    reading = Reading(columns or {}, key=b"key")
    read = partial(votes_of_file, file, source, reading)
    return Imports(database, VirtualClock()).votes(read, source)


def test_every_sample_is_counted_again_and_every_format_has_a_sample() -> None:
    files = {path.name for path in PUBLIC.iterdir()} - {"README.md"}

    assert files == RECOUNTS.keys() == SOURCES.keys()
    assert {*SOURCES.values(), VoteFormat.LLMFAO, VoteFormat.FASTCHAT} == FORMATS.keys()


@pytest.mark.parametrize("name", SOURCES)
def test_a_format_is_told_by_its_shape(name: str) -> None:
    assert recognized(vote_file(PUBLIC / name).table()) is SOURCES[name]


def test_the_crowd_of_llmfao_is_told_by_its_shape() -> None:
    assert recognized(vote_file(LLMFAO).table()) is VoteFormat.LLMFAO


@pytest.mark.parametrize("name", RECOUNTS)
def test_imported_counts_and_board_equal_an_independent_recount(
    database: Database, name: str
) -> None:
    report = bring(database, PUBLIC / name)

    told = [*RECOUNTS[name](name)]
    assert (report.faults, report.repeated) == ((), 0)
    assert report.models == len({model for vote in told for model in vote[1:3]})
    assert report.annotators == len({vote.annotator for vote in told})
    people = Counter(row["annotator"].partition(":")[2] for row in comparisons(database))
    assert people == Counter(vote.annotator for vote in told)
    assert board(database) == recounted(told)
    assert bring(database, PUBLIC / name).already_there == report.votes


def comparisons(database: Database) -> list[dict[str, str]]:
    return rows(database, ExportTable.COMPARISONS)


def board(database: Database) -> dict[tuple[str, str], tuple[int, int, int, int]]:
    """Wins, losses, ties and both bad by model and opponent."""
    columns = ("wins", "losses", "ties", "both_bad")
    return {
        (row["model"], row["opponent"]): tuple(int(row[column]) for column in columns)  # type: ignore[misc]
        for row in rows(database, ExportTable.PAIRS)
    }


def recounted(told: list[Told]) -> dict[tuple[str, str], tuple[int, int, int, int]]:
    pairs: dict[tuple[str, str], Counter[str]] = {}
    for _, a, b, outcome in told:
        mirrored = {"a": "b", "b": "a"}.get(outcome, outcome)
        pairs.setdefault((a.lower(), b.lower()), Counter())[outcome] += 1
        pairs.setdefault((b.lower(), a.lower()), Counter())[mirrored] += 1
    return {
        pair: (found["a"], found["b"], found["tie"], found["bad"]) for pair, found in pairs.items()
    }


def test_the_same_votes_come_from_parquet_and_from_json_lines(database: Database) -> None:
    first = bring(database, PUBLIC / "comparia.jsonl")
    again = bring(database, PUBLIC / "comparia.parquet")

    assert (first.votes, again.votes, again.already_there) == (18, 0, 18)
    times = {row["created_at"] for row in rows(database, ExportTable.VOTES)}
    assert min(times) == "2024-10-21T08:40:00.000000Z"


@pytest.mark.parametrize(
    ("name", "reason", "left_out"),
    [
        ("lmarena-55k.csv", ExclusionReason.FAILED_REPLY, 1),
        ("lmarena-100k.jsonl", ExclusionReason.NOT_BLIND, 1),
        ("comparia.parquet", ExclusionReason.NO_VERDICT, 2),
        ("open-webui.json", ExclusionReason.OTHER_EVENT, 2),
        ("alpacaeval.json", ExclusionReason.NO_VERDICT, 2),
        ("wmt11.csv", ExclusionReason.NO_VERDICT, 1),
        ("argilla-flat.jsonl", ExclusionReason.NO_VERDICT, 1),
    ],
)
def test_rows_that_are_no_votes_are_left_out_with_the_reason(
    database: Database, name: str, reason: ExclusionReason, left_out: int
) -> None:
    assert bring(database, PUBLIC / name).left_out == {reason: left_out}


def test_a_set_without_voters_is_one_annotators_and_says_so(database: Database) -> None:
    report = bring(database, PUBLIC / "lmarena-55k.csv")

    assert (report.annotators, report.unsigned) == (1, report.votes)
    assert {row["annotator"] for row in rows(database, ExportTable.ANNOTATORS)} == {
        "lmarena-55k:unknown"
    }


def test_messages_in_parts_are_read_without_their_pictures(database: Database) -> None:
    bring(database, PUBLIC / "lmarena-140k.parquet")

    texts = {row["text"] for row in rows(database, ExportTable.REPLIES)}
    source = pq.read_table(PUBLIC / "lmarena-140k.parquet").to_pylist()
    assert texts == {
        message["content"][0]["text"]
        for row in source
        for side in ("conversation_a", "conversation_b")
        for message in row[side]
        if message["role"] == "assistant"
    }


def test_answers_of_open_webui_stand_as_they_stood(database: Database) -> None:
    bring(database, PUBLIC / "open-webui.json")

    shown = {(row["model_a"], row["model_b"]) for row in rows(database, ExportTable.VOTES)}
    feedback = json.loads((PUBLIC / "open-webui.json").read_text(encoding="utf-8"))
    stood = {
        tuple(one["snapshot"]["chat"]["chat"]["models"])
        for one in feedback
        if one["snapshot"] and len(one["snapshot"]["chat"]["chat"]["models"]) == 2
        if one["data"]["sibling_model_ids"]
    }
    assert stood <= shown


def test_no_address_of_an_annotator_is_kept(database: Database, tmp_path: Path) -> None:
    task = json.loads((PUBLIC / "label-studio.json").read_text(encoding="utf-8"))[1]
    task["annotations"][0]["completed_by"] = "invented@example.org"
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps([task]), encoding="utf-8")

    bring(database, path)

    people = rows(database, ExportTable.ANNOTATORS)
    assert not any("@" in person["annotator"] for person in people)
    assert any(person["annotator"].startswith("label-studio:visitor-") for person in people)
