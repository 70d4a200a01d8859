"""Imports: whole or not at all, once and not twice, under the rules of the ledger."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from arena.domain.board import BoardFilter
from arena.domain.errors import NotAllowed
from arena.domain.reply import FlagKind
from arena.domain.verdict import Reason, Verdict
from arena.services.accounts import Accounts
from arena.services.board.details import detailed_board
from arena.services.exports.columns import ExportTable
from arena.services.exports.exports import Exports
from arena.services.exports.options import ExportOptions
from arena.services.importing.formats import Reading, UnreadableFile, VoteFormat
from arena.services.importing.imports import ImportOptions, ImportReport, Imports
from arena.services.importing.storing import CampaignRuns, Progress
from arena.services.pseudonyms import Pseudonyms
from arena.storage.database import Database
from tests.builders import seed_battle, seed_vote
from tests.fakes.campaigns import NAME, CampaignDesk, planned
from tests.fakes.clock import VirtualClock
from tests.fakes.import_files import as_lines, json_lines, judgment, llmfao_lines
from tests.fakes.passwords import CHEAP_PASSWORDS
from tests.fakes.playground import DatabaseMaker

UNEQUAL_ITEMS = Path(__file__).parents[2] / "data" / "agreement" / "unequal-items.csv"

TIE = "0,8,1,2,58,tie,GPT 4,Claude v2"
LEFT = "0,8,1,2,83,left,GPT 4,Claude v2"


def bring(
    database: Database,
    lines: Sequence[bytes],
    source: VoteFormat = VoteFormat.LLMFAO,
    *,
    progress: Progress = lambda _done, _total: None,
    **how: Any,
) -> ImportReport:
    options = ImportOptions(**how)
    return Imports(database, VirtualClock()).votes(
        lines, source, Reading(), options, progress=progress
    )


def exported(database: Database, table: ExportTable, *, names: bool = False) -> bytes:
    exports = Exports(
        database,
        pseudonyms=Pseudonyms(b"key"),
    )
    return b"".join(exports.file(table, ExportOptions(names=names)))


def rows(database: Database, table: ExportTable) -> list[dict[str, str]]:
    content = exported(database, table, names=True).decode()
    return list(csv.DictReader(io.StringIO(content, newline="")))


def count(database: Database, table: str) -> int:
    with database.reading() as connection:
        return int(connection.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one())


TABLES = ("models", "annotators", "battles", "slots", "turns", "replies", "flags", "votes")


def is_empty(database: Database) -> bool:
    return not any(count(database, table) for table in TABLES)


PLAYED = len(Verdict) + 7
"""Votes of `played`."""


@pytest.fixture
def played(new_database: DatabaseMaker) -> Database:
    """An arena with votes of every kind."""
    database = new_database()
    for verdict in Verdict:
        seed_vote(database, verdict)
    seed_vote(database, prompts=("=1+1", "Sure?", "Really?"), comment='-1, "so"\nsaid he')
    seed_vote(database, prompts=("你好",), language="zh", category="chat", reading_s=4.25)
    seed_vote(database, recognised=True, annotator="bob")
    seed_vote(database, reply_flags={0: [FlagKind.IDENTITY_LEAK]})
    seed_vote(database, reply_flags={1: [FlagKind.TRUNCATED]}, fingerprint="2")
    seed_vote(database, reasons=((0, Reason.USEFUL), (1, Reason.UNSAFE)))
    seed_vote(database, None, models=("beta", "delta", "alpha"), ranks=(2, 1, 2))
    return database


def test_an_export_comes_back_as_the_same_table(
    played: Database, new_database: DatabaseMaker
) -> None:
    content = exported(played, ExportTable.VOTES)
    other = new_database()

    report = bring(other, content.splitlines(keepends=True), VoteFormat.ARENA)

    assert (report.votes, report.models, report.annotators, report.faults) == (PLAYED, 3, 2, ())
    before, after = rows(played, ExportTable.VOTES), rows(other, ExportTable.VOTES)
    for row in (*before, *after):
        del row["vote_id"], row["annotator"]
    assert after == before


def test_an_import_gives_the_board_that_the_exporting_arena_has(
    played: Database, new_database: DatabaseMaker
) -> None:
    other = new_database()

    bring(other, exported(played, ExportTable.VOTES).splitlines(keepends=True), VoteFormat.ARENA)

    assert rows(other, ExportTable.PAIRS) == rows(played, ExportTable.PAIRS)


def test_an_arena_knows_its_own_votes_when_they_come_back(played: Database) -> None:
    lines = exported(played, ExportTable.VOTES).splitlines(keepends=True)

    report = bring(played, lines, VoteFormat.ARENA)

    assert (report.votes, report.already_there, report.faults) == (0, PLAYED, ())


def test_a_corrected_vote_comes_with_the_verdict_in_force(
    database: Database, new_database: DatabaseMaker
) -> None:
    seeded = seed_vote(database, Verdict.A_BETTER)
    with database.writing() as connection:
        revision = (
            "INSERT INTO vote_revisions (vote_id, revision, verdict, who, why, at) "
            "VALUES (:vote, 1, 'tie', 1, 'slip', '2026-03-02')"
        )
        connection.execute(text(revision), {"vote": seeded.vote_id})
    lines = exported(database, ExportTable.VOTES).splitlines(keepends=True)
    other = new_database()

    assert bring(other, lines, VoteFormat.ARENA).votes == 1
    (row,) = rows(other, ExportTable.VOTES)
    assert (row["verdict"], row["revisions"]) == ("tie", "0")
    assert bring(database, lines, VoteFormat.ARENA).already_there == 1


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
        Imports(database, VirtualClock()).votes(broken(), VoteFormat.LLMFAO, Reading())

    assert is_empty(database)


def test_progress_is_told_from_nothing_to_all(database: Database) -> None:
    told: list[tuple[int, int]] = []

    bring(database, llmfao_lines(TIE, LEFT), progress=lambda *at: told.append(at))

    assert told == [(0, 2), (2, 2)]


def test_an_unreadable_file_is_not_imported_even_in_part(database: Database) -> None:
    with pytest.raises(UnreadableFile):
        bring(database, [*llmfao_lines(TIE), b"\xff\xfe\n"], skip_bad_rows=True)

    assert is_empty(database)


def test_nobody_can_sign_in_as_an_imported_annotator(database: Database) -> None:
    bring(database, llmfao_lines(TIE))

    (account,) = rows(database, ExportTable.ANNOTATORS)
    assert (account["annotator"], account["role"]) == ("llmfao:58", "annotator")
    assert account["group_name"] == "llmfao"
    assert account["disabled_at"]
    accounts = Accounts(
        database,
        VirtualClock(),
        session_length=timedelta(hours=1),
        passwords=CHEAP_PASSWORDS,
    )
    with pytest.raises(NotAllowed):
        accounts.log_in("llmfao:58", "")


def test_a_model_of_the_catalog_is_never_taken_for_one_of_a_file(database: Database) -> None:
    seed_vote(database, models=("gpt-4", "beta"))

    report = bring(database, llmfao_lines(TIE))
    again = bring(database, llmfao_lines(LEFT))

    assert report.renamed == {"GPT 4": "gpt-4.llmfao"}
    assert (report.models, again.models) == (2, 0)
    assert rows(database, ExportTable.VOTES)[-1]["model_a"] == "gpt-4.llmfao"


def test_models_are_merged_when_asked_and_keep_the_name_of_the_catalog(
    database: Database,
) -> None:
    seed_vote(database, models=("gpt-4", "beta"))

    report = bring(database, llmfao_lines(TIE), merge_models=True)

    assert (report.models, report.renamed) == (1, {})
    board = {row["model"]: row for row in rows(database, ExportTable.LEADERBOARD)}
    assert board["gpt-4"]["battles"] == "2"
    assert board["gpt-4"]["name"] == "Name of gpt-4"
    assert board["gpt-4"]["mixed_configurations"] == "true"


def test_an_export_merged_into_its_catalog_keeps_the_configurations(
    database: Database, new_database: DatabaseMaker
) -> None:
    seed_vote(database)
    lines = exported(database, ExportTable.VOTES).splitlines(keepends=True)
    other = new_database()
    seed_vote(other)

    report = bring(other, lines, VoteFormat.ARENA, merge_models=True)

    assert (report.votes, report.models) == (1, 0)
    board = rows(other, ExportTable.LEADERBOARD)
    assert [row["mixed_configurations"] for row in board] == ["false", "false"]


def test_replies_that_name_their_model_are_flagged_as_they_are_here(database: Database) -> None:
    leak = [
        {"role": "user", "content": "Who are you?"},
        {"role": "assistant", "content": "I am ChatGPT."},
    ]
    honest = [leak[0], {"role": "assistant", "content": "A program."}]
    row = judgment(conversation_a=leak, conversation_b=honest)

    bring(database, json_lines([row]), VoteFormat.MT_BENCH)

    (vote,) = rows(database, ExportTable.VOTES)
    assert vote["identity_leak"] == "true"
    assert [reply["identity_leak"] for reply in rows(database, ExportTable.REPLIES)] == [
        "true",
        "false",
    ]


def test_a_vote_has_the_time_of_its_file_or_else_that_of_the_import(database: Database) -> None:
    bring(database, json_lines([judgment(tstamp=1.5)]), VoteFormat.MT_BENCH)
    bring(database, llmfao_lines(TIE))

    assert [row["created_at"] for row in rows(database, ExportTable.VOTES)] == [
        "1970-01-01T00:00:01.500000Z",
        "2026-01-01T00:00:00.000000Z",
    ]


def test_nothing_counts_as_drawn(database: Database) -> None:
    bring(database, llmfao_lines(TIE, LEFT))

    assert count(database, "draws") == 0
    assert {row["pair_probability"] for row in rows(database, ExportTable.BATTLES)} == {""}


def test_new_votes_belong_to_the_campaign_of_the_import(database: Database) -> None:
    bring(database, llmfao_lines(LEFT), campaign="spring")
    other = "0,8,1,2,84,left,GPT 4,Claude v2"

    report = bring(database, llmfao_lines(LEFT, other), campaign="autumn")

    assert (report.votes, report.already_there) == (1, 1)
    assert [row["campaign"] for row in rows(database, ExportTable.VOTES)] == ["spring", "autumn"]


def test_an_import_that_adds_nothing_makes_no_campaign(database: Database) -> None:
    bring(database, llmfao_lines(LEFT), campaign="spring", dry_run=True)

    assert count(database, "campaigns") == 0


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_rows_give_the_same_agreement_to_the_last_digit(
    new_database: DatabaseMaker, seed: int
) -> None:
    header, *votes = UNEQUAL_ITEMS.read_bytes().splitlines(keepends=True)
    ordered, shuffled = new_database(), new_database()
    bring(ordered, [header, *votes], VoteFormat.ARENA)
    bring(shuffled, [header, *Random(seed).sample(votes, len(votes))], VoteFormat.ARENA)
    found = [detailed_board(one, BoardFilter()).agreement for one in (ordered, shuffled)]
    assert found[0] == found[1]


def test_a_campaign_with_a_file_takes_no_imported_votes(database: Database) -> None:
    desk = CampaignDesk(database)
    desk.open(planned(judged=1))

    with pytest.raises(CampaignRuns, match="takes votes of its own annotators alone"):
        bring(database, llmfao_lines(LEFT), campaign=NAME)
