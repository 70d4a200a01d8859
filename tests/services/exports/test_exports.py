"""Exports: rights, pseudonyms, files that are written as they are read, and boards."""

import re
import stat
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import TypeAlias

import pytest
from sqlalchemy import QueuePool

from arena.domain.accounts import AnnotatorId, Caller
from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.errors import NotAllowed
from arena.domain.verdict import Verdict
from arena.services.board.details import DetailedBoard, detailed_board
from arena.services.board.worker_process import StatisticsFailed
from arena.services.exports.columns import Column, ExportTable
from arena.services.exports.exports import Exports
from arena.services.exports.formats import Batches, ExportFormat, csv_chunks, jsonl_chunks
from arena.services.exports.options import ExportOptions
from arena.services.exports.parquet import parquet_chunks
from arena.services.pseudonyms import Pseudonyms, export_key, export_key_path
from arena.statistics.win_rate import Pair
from arena.storage.database import Database
from tests.builders import ADMIN, ANNOTATOR, seed_vote, seed_votes
from tests.services.exports.files import TEXT, read_csv, score_newest_vote

Writer: TypeAlias = Callable[[Sequence[Column], Batches], Iterator[bytes]]


@pytest.mark.parametrize("caller", [None, ANNOTATOR])
def test_only_an_admin_gets_a_file_and_others_are_refused_before_it_begins(
    exports: Exports, caller: Caller | None
) -> None:
    with pytest.raises(NotAllowed):
        exports.file_for(caller, "votes", ExportOptions())
    with pytest.raises(NotAllowed):
        exports.file_for(caller, "no such table", ExportOptions())


def test_an_admin_gets_the_file_and_an_unknown_table_raises(exports: Exports) -> None:
    assert b"".join(exports.file_for(ADMIN, "votes", ExportOptions())).startswith(b"vote_id,")
    with pytest.raises(ValueError, match="no such table"):
        exports.file_for(ADMIN, "no such table", ExportOptions())


def test_annotators_are_pseudonyms_unless_names_are_asked_for(
    database: Database, exports: Exports
) -> None:
    seed_vote(database, annotator="Ada Lovelace")
    seed_vote(database, annotator="Ada Lovelace")
    seed_vote(database, annotator="Grace Hopper")

    hidden = [row["annotator"] for row in read_csv(b"".join(exports.file(ExportTable.VOTES)))]
    named = read_csv(b"".join(exports.file(ExportTable.VOTES, ExportOptions(names=True))))

    assert hidden[0] == hidden[1] != hidden[2]
    assert all(re.fullmatch("anon-[0-9a-f]{12}", name) for name in hidden)
    assert [row["annotator"] for row in named] == ["Ada Lovelace"] * 2 + ["Grace Hopper"]
    for table in ExportTable:
        assert b"Lovelace" not in b"".join(exports.file(table))


def test_a_pseudonym_depends_on_the_key() -> None:
    one, other = Pseudonyms(b"one"), Pseudonyms(b"other")

    assert one.of(AnnotatorId(1)) == Pseudonyms(b"one").of(AnnotatorId(1))
    assert len({one.of(AnnotatorId(1)), one.of(AnnotatorId(2)), other.of(AnnotatorId(1))}) == 3


def test_the_key_is_made_once_beside_the_database_and_is_private(database: Database) -> None:
    path = export_key_path(database)

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: export_key(path), range(40)))

    assert len(keys) == 1
    assert len(keys.pop()) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.name == "export-key"
    assert sorted(item.name for item in path.parent.glob("export-key*")) == ["export-key"]


@pytest.mark.parametrize("write", [csv_chunks, jsonl_chunks, parquet_chunks])
def test_batches_are_read_as_chunks_are_taken(write: Writer) -> None:
    taken = 0

    def batches() -> Iterator[list[list[str]]]:
        nonlocal taken
        for taken in range(1, 101):  # noqa: B007
            yield [[f"{number} {'x' * 1000}" for number in range(1000)], ["y"] * 1000]

    chunks = write(TEXT, batches())
    next(chunks)
    second = next(chunks)

    assert second
    assert taken < 40


@pytest.mark.parametrize("write", [csv_chunks, jsonl_chunks, parquet_chunks])
def test_an_error_on_the_way_is_raised_and_not_written(write: Writer) -> None:
    def batches() -> Iterator[list[list[str]]]:
        yield [["whole"], ["row"]]
        raise RuntimeError("disk gone")

    written: list[bytes] = []
    with pytest.raises(RuntimeError, match="disk gone"):
        written.extend(write(TEXT, batches()))

    assert b"gone" not in b"".join(written)


@pytest.mark.parametrize("kind", ExportFormat)
def test_a_closed_export_gives_its_connection_back(
    database: Database, exports: Exports, kind: ExportFormat
) -> None:
    seed_votes(database, wins=3)
    assert isinstance(database.engine.pool, QueuePool)
    batches = exports.batches(ExportTable.VOTES)
    next(batches)
    assert database.engine.pool.checkedout() == 1
    batches.close()
    assert database.engine.pool.checkedout() == 0

    chunks = exports.file(ExportTable.VOTES, ExportOptions(format=kind))
    next(chunks)
    chunks.close()

    assert database.engine.pool.checkedout() == 0


def test_the_leaderboard_and_pairs_carry_the_numbers_of_the_board(
    database: Database, exports: Exports
) -> None:
    seed_votes(database, wins=3, losses=1, ties=1)
    seed_vote(database, recognised=True)

    (alpha, _) = read_csv(b"".join(exports.file(ExportTable.LEADERBOARD)))
    (pair, mirrored) = read_csv(b"".join(exports.file(ExportTable.PAIRS)))

    assert (alpha["model"], alpha["name"], alpha["pooled_rate"]) == (
        "alpha",
        "Name of alpha",
        "0.75",
    )
    assert (alpha["recognised"], alpha["battles"], alpha["void_battles"]) == ("1", "6", "0")
    assert (pair["rate"], pair["decisive"], pair["interval"]) == ("0.75", "4", "")
    assert (pair["state"], pair["annotators"], pair["plan"]) == ("too few", "1", "too few")
    assert (mirrored["model"], mirrored["rate"]) == ("beta", "0.25")


def test_files_of_boards_have_the_intervals_and_ratings_of_the_page(
    database: Database, exports: Exports
) -> None:
    for annotator, prompt in product(range(9), range(9)):
        alpha_first = (annotator + prompt // 2) % 2 == 0
        seed_vote(
            database,
            Verdict.B_BETTER
            if alpha_first == ((annotator + prompt) % 4 == 0)
            else Verdict.A_BETTER,
            models=("alpha", "beta") if alpha_first else ("beta", "alpha"),
            annotator=f"annotator-{annotator}",
            prompts=(f"Prompt {prompt}",),
        )
    details = detailed_board(database, BoardFilter())
    alpha, pair = ModelKey("alpha"), Pair(ModelKey("alpha"), ModelKey("beta"))
    rate, rating = details.rates.pairs[pair], details.ratings.ratings[0]
    assert rate.interval is not None
    assert rating.interval is not None

    (first, _) = read_csv(b"".join(exports.file(ExportTable.PAIRS)))
    (model, _) = read_csv(b"".join(exports.file(ExportTable.LEADERBOARD)))

    assert (float(first["low"]), float(first["high"])) == (rate.interval.low, rate.interval.high)
    assert first["holds"] == "for annotators and prompts like these"
    assert (first["annotators"], first["prompts"]) == ("9", "9")
    assert float(first["agreement"]) == details.pair_agreement[pair].share
    assert (model["model"], float(model["rating_low"])) == (alpha, rating.interval.low)
    assert (model["rank"], model["rank_worst"], model["standing"]) == ("1", "1", "rated")


def test_a_board_that_cannot_be_computed_is_an_error_and_not_an_empty_file(
    database: Database,
) -> None:
    def fail(_: BoardFilter) -> DetailedBoard:
        raise StatisticsFailed("the worker ended with code -9")

    exports = Exports(database, pseudonyms=Pseudonyms(b"key"), detailed=fail)

    with pytest.raises(StatisticsFailed):
        b"".join(exports.file(ExportTable.PAIRS))


def test_a_campaign_keeps_what_belongs_to_it_in_every_table(
    database: Database, exports: Exports
) -> None:
    seed_vote(database, annotator="ada")
    seed_vote(database, annotator="bob", campaign="spring", models=("beta", "gamma"))
    score_newest_vote(database)

    found = {
        table: read_csv(b"".join(exports.file(table, ExportOptions(names=True, campaign="spring"))))
        for table in ExportTable
    }

    sizes = {table: len(rows) for table, rows in found.items()}
    expected = dict.fromkeys(ExportTable, 1)
    two = (ExportTable.REPLIES, ExportTable.LEADERBOARD, ExportTable.PAIRS)
    assert sizes == expected | dict.fromkeys(two, 2)
    for table in (ExportTable.VOTES, ExportTable.COMPARISONS, ExportTable.BATTLES):
        assert (found[table][0]["campaign"], found[table][0]["annotator"]) == ("spring", "bob")
    assert found[ExportTable.ANNOTATORS][0]["annotator"] == "bob"
    assert [row["model"] for row in found[ExportTable.LEADERBOARD]] == ["beta", "gamma"]


def test_an_unknown_campaign_has_empty_tables(database: Database, exports: Exports) -> None:
    seed_vote(database)

    for table in ExportTable:
        assert read_csv(b"".join(exports.file(table, ExportOptions(campaign="autumn")))) == []
