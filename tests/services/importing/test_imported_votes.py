"""Imported votes live under the rules of the ledger: whose they are, and of which models."""

from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from arena.domain.board import BoardFilter
from arena.domain.errors import NotAllowed
from arena.services.accounts import Accounts
from arena.services.board.details import detailed_board
from arena.services.exports.columns import ExportTable
from arena.services.importing.formats import VoteFormat
from arena.services.importing.storing import CampaignRuns
from arena.storage.database import Database
from tests.builders import seed_vote
from tests.fakes.campaigns import NAME, CampaignDesk, planned
from tests.fakes.clock import VirtualClock
from tests.fakes.import_files import json_lines, judgment, llmfao_lines
from tests.fakes.passwords import CHEAP_PASSWORDS
from tests.fakes.playground import DatabaseMaker
from tests.services.importing.imported import LEFT, TIE, bring, count, rows

UNEQUAL_ITEMS = Path(__file__).parents[2] / "data" / "agreement" / "unequal-items.csv"


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
