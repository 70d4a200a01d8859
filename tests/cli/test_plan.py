"""`arena plan`: people and votes for a question, by a guess or by a pilot."""

import json
from itertools import product
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from arena.cli.plan import plan
from arena.domain.verdict import Verdict
from arena.statistics.campaign_plans import Collecting, Likeness, plan_to_tell_apart
from arena.storage.database import Database
from tests.builders import seed_vote, seed_votes
from tests.cli.test_leaderboard import judged

app = typer.Typer()
app.command()(plan)


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def document(*arguments: str) -> Any:
    code, out, err = run(*arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_without_a_pilot_the_assumptions_are_said() -> None:
    _, out, _ = run()

    expected = plan_to_tell_apart(0.6, Likeness(), Collecting(10, tie_rate=0.25))
    assert expected is not None
    assert "To tell a win rate of 60 % from one half with 80 % power:" in out
    assert f"{expected.people} people x 10 votes on each pair" in out
    assert f"{expected.votes} votes on a pair, {expected.decisive} of them decisive" in out
    assert "Assumed: 0.0 % of the variance" in out
    assert "25 % of votes name no winner" in out


def test_more_models_are_more_pairs_each_with_an_allowance() -> None:
    two, four = document("--rate", "0.6"), document("--rate", "0.6", "--models", "4")

    assert (two["pairs"], four["pairs"]) == (1, 6)
    assert four["plan"]["people"] > two["plan"]["people"]
    _, out, _ = run("--models", "4")
    assert f"{four['plan']['votes'] * 6:,} votes on 6 pairs, or" in out


def test_a_half_width_and_a_design_effect() -> None:
    plain, doubled = (
        document("--half-width", "0.05", "--design-effect", effect) for effect in ("1", "2")
    )

    assert doubled["likeness"]["annotator"] == pytest.approx(1 / 9)
    assert 1.6 < doubled["plan"]["people"] / plain["plan"]["people"] < 2.1
    assert (
        "intervals of about ± 5 points around a win rate of 50 %" in run("--half-width", ".05")[1]
    )


def test_a_pilot_gives_what_is_not_said(database: Database) -> None:
    judged(database, annotators=12, models=("alpha", "beta"))
    judged(database, annotators=12, models=("beta", "gamma"))
    pilot = ("--pilot", "--database-url", database.url)

    learnt = document(*pilot)
    fewer = document(*pilot, "--tie-rate", "0.5", "--each", "3")

    assert learnt["collecting"] == {"each": 12, "per_prompt": 12.0, "tie_rate": 0.0}
    assert fewer["collecting"] == {"each": 3, "per_prompt": 12.0, "tie_rate": 0.5}
    assert "As 2 pairs of the pilot have it" in run(*pilot)[1]
    assert "As 1 pair of the pilot has it" in run(*pilot, "--among", "alpha", "--among", "beta")[1]


def test_a_pilot_that_tells_nothing_is_refused(database: Database) -> None:
    seed_votes(database, wins=3)

    code, _, err = run("--pilot", "--database-url", database.url)

    assert code == 2
    assert "a pilot needs 30 decisive comparisons of a pair by at least 8 annotators" in err


def test_what_nobody_can_find_says_what_would_help(database: Database) -> None:
    """The prompt alone decides: those of a pilot that everybody judges tell no more."""
    with database.writing() as connection:
        for annotator, prompt in product(range(10), range(9)):
            left, wins = (annotator + prompt) % 2 == 0, prompt % 3 != 0
            seed_vote(
                connection,
                Verdict.A_BETTER if wins == left else Verdict.B_BETTER,
                models=("alpha", "beta") if left else ("beta", "alpha"),
                annotator=f"annotator-{annotator}",
                prompts=(f"Prompt {prompt}",),
            )
    few = ("--pilot", "--database-url", database.url, "--rate", "0.51", "--per-prompt", "1e12")

    code, out, _ = run(*few)

    assert code == 0
    assert "no number of people is enough" in out
    assert "Have fewer votes on each prompt." in out
    assert document(*few)["plan"] is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--rate", "1.5"), "the rate must be above 0 and below 1, got 1.5"),
        (("--rate", "0.5"), "no number of votes tells a rate of one half from one half"),
        (("--half-width", "0.5"), "the half-width must be above 0 and below 0.5"),
        (("--tie-rate", "1"), "--tie-rate is a share from 0 to below 1, not 1"),
        (("--design-effect", "20"), "the design effect is from 1 to 10, got 20"),
    ],
)
def test_a_question_without_sense_is_refused(arguments: tuple[str, ...], sentence: str) -> None:
    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert sentence in err
