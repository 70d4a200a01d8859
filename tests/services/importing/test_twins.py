"""Names that may be those of one model are shown, and never merged."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.services.importing.formats import VoteFormat
from arena.services.importing.twins import Twins, likeness
from arena.storage.database import Database
from tests.builders import seed_vote
from tests.fakes.import_files import as_lines, json_lines, judgment, llmfao_lines
from tests.services.importing.imported import bring


def votes_on(*names: str) -> list[bytes]:
    """A vote on each name and one other model."""
    return llmfao_lines(*(f"{n},8,1,2,58,left,{name},Other" for n, name in enumerate(names)))


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("ＧＰＴ－４", "gpt-4"),
        ("gpt‑4", "GPT 4"),
        ("gpt_4", "gpt4"),
        ("Qwen２.5", "qwen2.5"),
        ("phi−3", "phi–3"),
    ],
)
def test_width_hyphens_and_case_make_no_difference(name: str, other: str) -> None:
    assert likeness(name) == likeness(other)


@pytest.mark.parametrize(("name", "other"), [("gpt-4", "gpt-4o"), ("qwen-1.5", "qwen-15")])
def test_letters_and_points_do(name: str, other: str) -> None:
    assert likeness(name) != likeness(other)


@given(st.text(string.ascii_letters + string.digits + "-_ ."))
def test_any_name_is_like_itself_in_capitals_and_with_hyphens(name: str) -> None:
    assert likeness("‐".join(name.upper())) == likeness(name)


def test_twins_within_a_file_are_shown_and_stay_two_models(database: Database) -> None:
    report = bring(database, votes_on("gpt4", "gpt-4", "gpt-4o"))

    assert report.models == 4
    assert report.twins == (Twins(("gpt-4", "gpt4"), ()),)


def test_a_dry_run_shows_twins_of_stored_models(database: Database) -> None:
    seed_vote(database, models=("gpt-4", "beta"))

    report = bring(database, votes_on("ＧＰＴ4"), dry_run=True)

    assert report.twins == (Twins(("ＧＰＴ4",), ("Name of gpt-4",)),)


def test_a_name_that_gives_the_key_of_a_stored_model_is_told_once(database: Database) -> None:
    seed_vote(database, models=("gpt-4", "beta"))

    report = bring(database, votes_on("GPT 4"))

    assert (report.renamed, report.twins) == ({"GPT 4": "gpt-4.llmfao"}, ())


def test_a_name_that_came_in_another_format_is_told_once(database: Database) -> None:
    header = "annotator,verdict,model_a,model_b,prompt\n"
    bring(database, votes_on("gpt4"))
    bring(database, as_lines(f"{header}eve,tie,gpt4,b,Why?\n"), VoteFormat.ARENA)

    report = bring(database, json_lines([judgment(model_a="gpt4")]), VoteFormat.MT_BENCH)

    assert (report.renamed, report.twins) == ({"gpt4": "gpt4.mt-bench"}, ())


def test_a_name_that_came_before_is_no_twin_of_itself(database: Database) -> None:
    bring(database, votes_on("GPT 4"))

    assert bring(database, votes_on("GPT 4", "Claude v2")).twins == ()
