"""Each sentence of the methods follows from the numbers of the board."""

from datetime import timedelta

import pytest

from arena.domain.board import BoardFilter
from arena.domain.campaign import ProtocolKind
from arena.domain.reply import FlagKind
from arena.domain.verdict import Verdict
from arena.services.report.prose import percent
from arena.services.report.sources import SOURCES, cited
from arena.storage.database import Database
from tests.builders import NOON, seed_group, seed_vote, seed_votes
from tests.fakes.archived_campaigns import judged_campaign
from tests.fakes.campaigns import NAME
from tests.fakes.import_files import llmfao_lines
from tests.fakes.reports import contents, facts, said
from tests.services.importing.imported import LEFT, TIE, bring


def _crowd(database: Database, *, people: int = 9, prompts: int = 12) -> None:
    """Everybody judges every prompt, alpha winning two of three."""
    with database.writing() as connection:
        for person in range(people):
            for prompt in range(prompts):
                verdict = Verdict.B_BETTER if (person + prompt) % 3 == 0 else Verdict.A_BETTER
                exchanged = (person + prompt) % 2 == 1
                seed_vote(
                    connection,
                    verdict.mirrored if exchanged else verdict,
                    models=("beta", "alpha") if exchanged else ("alpha", "beta"),
                    annotator=f"person {person}",
                    prompts=(f"Prompt {prompt}",),
                    category="math" if prompt else None,
                )


def test_open_play_says_that_annotators_wrote_their_own_prompts(database: Database) -> None:
    seed_votes(database, wins=3, losses=1, ties=1)

    told = said(database)

    assert "5 ballots were cast in open play: annotators wrote prompts" in told["Protocol"]
    assert "5 ballots counted here give 5 comparisons of 2 models" in told["Protocol"]
    assert "dated 2026-03-01 (UTC)" in told["Protocol"]


def test_one_annotator_has_a_sentence_of_its_own(database: Database) -> None:
    seed_votes(database, wins=3)

    told = said(database)

    assert told["Annotators"] == "One annotator cast all 3 ballots."
    assert "cannot be told: there is one annotator" in told["Agreement"]
    assert "results hold for that annotator only" in told["Limitations"]


def test_several_annotators_have_median_and_range(database: Database) -> None:
    for person, votes in (("ada", 1), ("bob", 2), ("cem", 7)):
        for number in range(votes):
            seed_vote(database, annotator=person, prompts=(f"{person} {number}",))

    told = said(database)

    assert "3 annotators cast a median of 2 ballots each (range 1–7)" in told["Annotators"]
    assert "no two annotators judged the same item" in told["Agreement"]
    assert "No item was judged by two annotators" in told["Limitations"]
    assert "results hold for those 3 only" in told["Limitations"]
    assert "One annotator cast 70.0 % of the ballots" in told["Limitations"]


def test_an_equal_share_of_a_few_annotators_is_no_limitation(database: Database) -> None:
    for person in ("ada", "bob", "cem"):
        for number in range(3):
            seed_vote(database, annotator=person, prompts=(f"{person} {number}",))

    assert "One annotator cast" not in said(database)["Limitations"]


def test_groups_of_a_few_people_are_not_named(database: Database) -> None:
    seed_group(database, "linguists", "ada", "bob", "cem")
    seed_group(database, "friends", "dora")

    told = said(database)["Annotators"]

    assert "linguists (3)" in told
    assert "1 group of fewer than 3 voters is not named" in told
    assert "friends" not in told


def test_prompts_are_counted_by_category_and_language(database: Database) -> None:
    seed_vote(database, prompts=("One",), category="math")
    seed_vote(database, prompts=("Two",), category="math", language="zh")
    seed_vote(database, prompts=("Two",), category="writing", language="zh")

    told = said(database)["Prompts"]

    assert "on 2 different prompts" in told
    assert "math (2), writing (1)" in told
    assert "en (1), zh (1)" in told


def test_prompts_without_a_category_are_said_to_have_none(database: Database) -> None:
    seed_votes(database, wins=1)

    assert "Prompts have no category." in said(database)["Prompts"]


def test_exclusions_have_their_reasons_and_counts(database: Database) -> None:
    seed_votes(database, wins=2)
    seed_vote(database, recognised=True)
    seed_vote(database, reply_flags={0: [FlagKind.TRUNCATED]})

    left_out = said(database)["What was left out"]
    kept = said(database, BoardFilter(include_flagged=True))["What was left out"]

    assert "2 comparisons are left out because they are flagged" in left_out
    assert "the annotator had recognised a model (1)" in left_out
    assert "a reply was cut at its length limit (1)" in left_out
    assert "2 comparisons are counted although they are flagged" in kept


def test_nothing_left_out_is_said_too(database: Database) -> None:
    seed_votes(database, wins=2)

    assert "No comparison carries a flag" in said(database)["What was left out"]


def test_a_filter_is_named(database: Database) -> None:
    seed_vote(database, category="math")
    limits = BoardFilter(category="math", since=NOON - timedelta(days=1))

    told = said(database, limits)["Protocol"]

    assert "Only a part of the votes is counted: category math; cast on 2026-02-28" in told


def test_agreement_and_intervals_are_those_of_the_board(database: Database) -> None:
    _crowd(database)
    board = facts(database).board
    alpha = board.agreement.alpha
    assert alpha is not None

    told = said(database)

    assert f"alpha (nominal) is {alpha.value:.2f}" in told["Agreement"]
    assert f"interval {alpha.low:.2f} to {alpha.high:.2f}" in told["Agreement"]
    rates = told["Rates, intervals and ratings"]
    assert (
        "1 pair of 1 has an interval of the kind “wilson, clustered by annotator and prompt”, "
        "which holds for annotators and prompts like these." in rates
    )
    assert "One pair was tested, so nothing is adjusted" in rates
    assert "results hold for" not in told["Limitations"]


def test_few_annotators_make_intervals_for_these_only(database: Database) -> None:
    _crowd(database, people=4, prompts=12)

    rates = said(database)["Rates, intervals and ratings"]

    assert "“wilson, clustered by prompt”, which holds for these 4 annotators only." in rates


def test_several_pairs_are_adjusted_by_holm(database: Database) -> None:
    _crowd(database)
    with database.writing() as connection:
        for person in range(9):
            for prompt in range(9):
                exchanged = (person + prompt) % 2 == 1
                seed_vote(
                    connection,
                    Verdict.B_BETTER if exchanged else Verdict.A_BETTER,
                    models=("gamma", "alpha") if exchanged else ("alpha", "gamma"),
                    annotator=f"person {person}",
                    prompts=(f"Prompt {prompt}",),
                )

    told = said(database)

    assert "2 pairs were tested, with p-values adjusted" in told["Rates, intervals and ratings"]
    assert "Models met between 1 and 2 opponents" in told["Limitations"]


def test_one_order_is_a_limitation(database: Database) -> None:
    with database.writing() as connection:
        for person in range(9):
            for prompt in range(9):
                verdict = Verdict.B_BETTER if (person + prompt) % 3 == 0 else Verdict.A_BETTER
                seed_vote(connection, verdict, annotator=str(person), prompts=(f"Prompt {prompt}",))

    assert "1 pair was shown in one order" in said(database)["Limitations"]


def test_too_few_votes_are_a_limitation(database: Database) -> None:
    seed_votes(database, wins=2, losses=1)

    told = said(database)

    assert "1 of 1 pair has too few votes" in told["Limitations"]
    assert "No pair has votes enough for an interval." in told["Rates, intervals and ratings"]
    assert "No model has a rating with an interval" in told["Rates, intervals and ratings"]
    assert "No two models were tested" in told["Rates, intervals and ratings"]


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (ProtocolKind.PAIRWISE, "Annotators saw two replies to a prompt side by side"),
        (ProtocolKind.ALL_AT_ONCE, "saw the replies of all 3 models to a prompt on one page"),
    ],
)
def test_a_campaign_is_told_from_its_file_and_its_ballots(
    database: Database, kind: ProtocolKind, sentence: str
) -> None:
    judged_campaign(database, kind, judged=4)
    board_filter = BoardFilter(campaign=NAME)

    told = said(database, board_filter)

    assert sentence in told["Protocol"]
    assert "scored from 1 to 5 for relevance and accuracy" in told["Protocol"]
    assert "of 4 prompts of the campaign" in told["Prompts"]
    assert "Items given out without a vote: 1 skipped" in told["What was left out"]
    work = facts(database, board_filter).work
    assert work is not None
    if database.file or work.repeats.share is not None:  # who is shown what is chance
        assert f"themselves in {percent(work.repeats.share or 0)}" in told["Agreement"]
    assert f"they were right in {percent(work.checks.share or 0)}" in told["Agreement"]


def test_imported_votes_are_said_to_be_imported(database: Database) -> None:
    bring(database, llmfao_lines(TIE, LEFT))

    told = said(database)["Protocol"]

    assert "2 ballots were cast elsewhere and imported" in told
    assert "(UTC; where the source of a ballot tells no time, that of the import)" in told


def test_every_source_that_is_cited_is_known(database: Database) -> None:
    _crowd(database)

    report = contents(database)

    assert set(cited((report.results, *report.methods))) == set(report.sources)
    assert {"wilson1927", "krippendorff2018", "bradley1952", "cameron2011"} <= set(report.sources)
    assert set(report.sources) <= set(SOURCES)


def test_pairs_drawn_by_votes_are_said_with_their_source(database: Database) -> None:
    seed_vote(database, chances=(0.5, 0.1))
    seed_vote(database)

    told = said(database)["Rates, intervals and ratings"]

    assert "The pairs of 1 comparison were drawn where the votes so far told least" in told
    assert "what even drawing would give" in told
