"""`arena leaderboard --robustness`: tables on the terminal, a key in the document."""

import json

from jsonschema import Draft202012Validator

from arena.storage.database import Database
from tests.builders import seed_vote, seed_votes
from tests.cli.leaderboards import run
from tests.cli.test_leaderboard import SCHEMA
from tests.services.board.test_robustness import styled_votes


def test_rates_with_style_control_stand_beside_the_plain_ones(database: Database) -> None:
    styled_votes(database)

    code, out, err = run(database, "--robustness")

    assert (code, err) == (0, "")
    assert "Style control" in out
    assert "plain rate" in out
    assert "controlled rate" in out
    assert "characters" in out
    assert "on 180 of 180 decisive votes" in out
    assert "for annotators and prompts like these" in out


def test_the_document_has_a_key_for_it_only_when_asked(database: Database) -> None:
    styled_votes(database)

    plain = json.loads(run(database, "--json")[1])
    whole = json.loads(run(database, "--robustness", "--json")[1])

    assert whole.keys() - plain.keys() == {"robustness"}
    assert whole["votes"] == plain["votes"] == 180
    assert {row["model"] for row in whole["robustness"]["style"]["rows"]} == set(plain["models"])


def test_the_key_is_as_the_schema_says(database: Database) -> None:
    schema = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))

    schema.validate(json.loads(run(database, "--robustness", "--json")[1]))
    styled_votes(database)
    seed_votes(database, wins=3, losses=1, ties=2, both_bad=1)
    seed_vote(database, recognised=True)
    schema.validate(json.loads(run(database, "--robustness", "--json")[1]))


def test_features_of_style_are_chosen_by_name(database: Database) -> None:
    styled_votes(database)

    code, out, _ = run(database, "--robustness", "--style", "tokens", "--style", "emoji")

    assert code == 0
    assert "whether style matters cannot be said: no feature differs" in out
    assert run(database, "--robustness", "--style", "rhymes")[0] == 2


def test_a_board_without_votes_says_why_there_is_nothing(database: Database) -> None:
    code, out, _ = run(database, "--robustness")

    assert code == 0
    assert "whether style matters cannot be said" in out


def test_few_votes_are_no_error(database: Database) -> None:
    seed_votes(database, wins=3, losses=1, ties=2, both_bad=1)

    assert run(database, "--robustness")[0] == 0
    assert run(database, "--robustness", "--json")[0] == 0
