"""Imports: whole or not at all, once and not twice."""

import tracemalloc
from collections.abc import Iterator

import pytest

from arena.services.exports.columns import ExportTable
from arena.services.importing.files import csv_table
from arena.services.importing.formats import Reading, UnreadableFile, VoteFormat
from arena.services.importing.imports import Imports
from arena.services.importing.vote_formats import votes_of_table
from arena.storage.database import Database
from tests.builders import seed_battle
from tests.fakes.clock import VirtualClock
from tests.fakes.import_files import as_lines, llmfao_lines
from tests.services.importing.imported import LEFT, TIE, bring, count, rows
from tests.services.importing.reading import read

TABLES = ("models", "annotators", "battles", "slots", "turns", "replies", "flags", "votes")


def is_empty(database: Database) -> bool:
    return not any(count(database, table) for table in TABLES)


def test_the_same_file_again_adds_nothing_and_a_longer_one_what_is_new(database: Database) -> None:
    bring(database, llmfao_lines(TIE))

    again = bring(database, llmfao_lines(TIE))
    longer = bring(database, llmfao_lines(TIE, LEFT))

    assert (again.votes, again.already_there, again.models, again.annotators) == (0, 1, 0, 0)
    assert (longer.votes, longer.already_there, longer.models, longer.annotators) == (1, 1, 0, 1)
    assert count(database, "votes") == 2


def test_a_row_that_comes_twice_is_one_vote(database: Database) -> None:
    report = bring(database, llmfao_lines(TIE, LEFT, TIE))

    assert (report.votes, report.repeated, report.faults) == (2, 1, ())


def test_one_bad_row_refuses_the_whole_file_and_every_bad_row_is_named(database: Database) -> None:
    lines = llmfao_lines(TIE, "1,8,1,2,58,maybe,GPT 4,GPT 4", "2,8,1,2,,tie,GPT 4,Claude v2")

    report = bring(database, lines)

    assert report.refused
    assert [(fault.line, fault.column, fault.value) for fault in report.faults] == [
        (3, "right", "GPT 4"),
        (3, "winner", "maybe"),
        (4, "worker", ""),
    ]
    assert is_empty(database)


def test_the_other_rows_are_imported_when_bad_ones_are_to_be_skipped(database: Database) -> None:
    lines = llmfao_lines(TIE, "1,8,1,2,58,maybe,GPT 4,Claude v2")

    report = bring(database, lines, skip_bad_rows=True)

    assert (report.votes, len(report.faults), report.refused) == (1, 1, False)


def test_votes_that_contradict_each_other_are_named_and_none_of_them_is_imported(
    database: Database,
) -> None:
    lines = llmfao_lines(TIE, LEFT, TIE.replace("tie", "left"), TIE.replace("tie", "right"))

    refused = bring(database, lines)
    skipped = bring(database, lines, skip_bad_rows=True)

    assert [(fault.line, fault.value) for fault in refused.faults] == [(4, "left"), (5, "right")]
    assert "contradicts line 2, which says 'tie'" in refused.faults[0].change
    assert skipped.votes == 1
    assert [row["verdict"] for row in rows(database, ExportTable.VOTES)] == ["a_better"]


def test_a_vote_that_contradicts_a_stored_one_is_a_bad_row(database: Database) -> None:
    bring(database, llmfao_lines(TIE))

    report = bring(database, llmfao_lines(TIE.replace("tie", "left"), LEFT))

    assert report.refused
    assert "this arena has another vote on the battle external:llmfao:" in report.faults[0].change
    assert count(database, "votes") == 1


def test_a_battle_that_is_open_here_takes_no_vote_from_a_file(database: Database) -> None:
    open_battle = seed_battle(database).battle_id
    header = "battle_id,annotator,verdict,model_a,model_b,prompt\n"

    report = bring(
        database, as_lines(f"{header}{open_battle},eve,tie,alpha,beta,Why?\n"), VoteFormat.ARENA
    )

    assert "without a vote" in report.faults[0].change
    assert count(database, "votes") == 0


def test_ids_that_another_file_used_for_other_models_are_a_bad_row(database: Database) -> None:
    header = "battle_id,annotator,verdict,model_a,model_b,prompt\n"
    bring(database, as_lines(f"{header}1,eve,tie,alpha,beta,Why?\n"), VoteFormat.ARENA)

    report = bring(database, as_lines(f"{header}1,eve,tie,gamma,delta,How?\n"), VoteFormat.ARENA)

    assert "give it an id of its own" in report.faults[0].change


def test_a_dry_run_says_the_same_and_keeps_nothing(database: Database) -> None:
    lines = llmfao_lines(TIE, LEFT)

    dry = bring(database, lines, dry_run=True)

    assert is_empty(database)
    assert dry == bring(database, lines)


def test_an_interrupted_import_leaves_nothing(database: Database) -> None:
    def interrupt(done: int, total: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring(database, llmfao_lines(TIE, LEFT), progress=interrupt)

    assert is_empty(database)
    assert bring(database, llmfao_lines(TIE, LEFT)).votes == 2


def test_a_file_that_breaks_off_leaves_nothing(database: Database) -> None:
    def broken() -> Iterator[bytes]:
        yield from llmfao_lines(TIE)
        raise OSError("disk gone")

    with pytest.raises(OSError, match="disk gone"):
        Imports(database, VirtualClock()).votes(
            lambda: votes_of_table(csv_table(broken()), VoteFormat.LLMFAO, Reading()),
            VoteFormat.LLMFAO,
        )

    assert is_empty(database)


def test_a_file_is_checked_without_keeping_its_texts(database: Database) -> None:
    header = b"annotator,verdict,model_a,model_b,prompt\n"
    long = b"x" * 200_000

    def lines() -> Iterator[bytes]:
        yield header
        for number in range(100):
            yield b"eve,tie,a,b,%d %s\n" % (number, long)
        yield b"eve,perhaps,a,b,Why?\n"

    tracemalloc.start()
    report = Imports(database, VirtualClock()).votes(
        lambda: votes_of_table(csv_table(lines()), VoteFormat.ARENA, Reading()), VoteFormat.ARENA
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (report.refused, len(report.faults)) == (True, 1)
    assert peak < 20 * len(long)


def test_a_file_that_changes_while_it_is_read_is_not_imported(database: Database) -> None:
    versions = iter((llmfao_lines(TIE, LEFT), llmfao_lines(TIE)))

    with pytest.raises(UnreadableFile, match="was changed while it was read"):
        Imports(database, VirtualClock()).votes(
            lambda: read(VoteFormat.LLMFAO, next(versions)), VoteFormat.LLMFAO
        )

    assert is_empty(database)


def test_progress_is_told_from_nothing_to_all(database: Database) -> None:
    told: list[tuple[int, int]] = []

    bring(database, llmfao_lines(TIE, LEFT), progress=lambda *at: told.append(at))

    assert told == [(0, 2), (2, 2)]


def test_an_unreadable_file_is_not_imported_even_in_part(database: Database) -> None:
    with pytest.raises(UnreadableFile):
        bring(database, [*llmfao_lines(TIE), b"\xff\xfe\n"], skip_bad_rows=True)

    assert is_empty(database)
