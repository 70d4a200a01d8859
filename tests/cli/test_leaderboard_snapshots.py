"""`arena leaderboard --freeze`, `--snapshots` and `--snapshot`."""

import json
import re
from hashlib import sha256

import pytest

from arena.storage.database import Database
from tests.builders import seed_group, seed_vote, seed_votes
from tests.cli.leaderboards import run
from tests.services.board.documents import judged


def test_a_frozen_board_is_told_by_number_and_fingerprint(database: Database) -> None:
    seed_votes(database, wins=3, losses=1)

    code, out, err = run(database, "--freeze")

    assert (code, err) == (0, "")
    assert re.search(r"Snapshot 1 of \d{4}-\d\d-\d\d \d\d:\d\d UTC: 4 votes, 2 models", out)
    assert "scope: all votes" in out
    (fingerprint,) = re.findall(r"SHA-256 ([0-9a-f]{64})", out)
    document = run(database, "--snapshot", "1", "--json")[1]
    assert sha256(document.encode()).hexdigest() == fingerprint


def test_nothing_new_is_no_new_snapshot(database: Database) -> None:
    seed_vote(database)
    run(database, "--freeze")

    code, out, _ = run(database, "--freeze")
    again = json.loads(run(database, "--freeze", "--json")[1])

    assert code == 0
    assert "Nothing has changed since snapshot 1:" in out
    assert (again["number"], again["new"]) == (1, False)


def test_snapshots_are_listed_newest_first(database: Database) -> None:
    assert "No snapshot yet" in run(database, "--snapshots")[1]
    seed_votes(database, wins=2, category="math")
    run(database, "--freeze")
    run(database, "--freeze", "--category", "math")

    listed = run(database, "--snapshots")[1]
    document = json.loads(run(database, "--snapshots", "--json")[1])

    assert listed.index("category math") < listed.index("all votes")
    assert "command line" in listed
    assert [one["number"] for one in document] == [2, 1]
    assert document[0]["limits"] == {"category": ["math"]}


def test_a_snapshot_is_printed_as_it_was(database: Database) -> None:
    judged(database, annotators=9, prompts=8, exchanged=True)
    run(database, "--freeze")
    seed_votes(database, losses=50)

    code, out, _ = run(database, "--snapshot", "1")
    whole = run(database, "--snapshot", "1", "--pairs")[1]

    assert code == 0
    assert re.search(r"Name of alpha +1-1 +75\.0 % +\d+\.\d-\d+\.\d +54 +18 +0 +0 +9 +8", out)
    assert "each pair" not in out
    assert "*" not in out
    assert "Win:loss rate without ties, each pair" in whole


def test_a_snapshot_marks_intervals_of_those_who_voted_alone(database: Database) -> None:
    judged(database, annotators=3, prompts=12, exchanged=True)
    run(database, "--freeze")

    out = run(database, "--snapshot", "1")[1]

    assert re.search(r"Name of alpha +1-1 +75\.0 % +\d+\.\d-\d+\.\d\* ", out)
    assert "95 %: with * for the annotators who voted only." in out


def test_two_snapshots_are_compared_whatever_their_order(database: Database) -> None:
    judged(database, annotators=9, prompts=8, exchanged=True)
    run(database, "--freeze")
    judged(database, annotators=9, prompts=8)
    run(database, "--freeze")

    code, out, _ = run(database, "--snapshot", "1", "--compare-with", "2")
    document = json.loads(run(database, "--snapshot", "2", "--compare-with", "1", "--json")[1])

    assert code == 0
    assert "snapshot 1 counts 72 votes, snapshot 2 counts 144" in out
    assert "how far the rate may move by chance" in out
    assert (document["earlier"], document["later"]) == (1, 2)
    assert document["rows"][0]["model"] == "alpha"
    assert "+0.0" in out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--snapshot", "7"), "there is no snapshot 7"),
        (("--snapshot", "1", "--compare-with", "7"), "there is no snapshot 7"),
        (("--freeze", "--snapshots"), "choose one of"),
        (("--compare-with", "1"), "--compare-with needs --snapshot"),
        (("--snapshot", "1", "--category", "math"), "leave them out"),
        (("--snapshots", "--among", "alpha", "--among", "beta"), "leave them out"),
        (("--freeze", "--baseline", "alpha"), "--baseline"),
        (("--snapshot", "1", "--robustness"), "--robustness"),
        (("--freeze", "--category", "nothing of it"), "nothing to freeze"),
        (("--freeze", "--group", "pair"), "so few people"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    database: Database, options: tuple[str, ...], said: str
) -> None:
    seed_group(database, "pair", "ada", "grace")
    run(database, "--freeze")

    code, out, err = run(database, *options)

    assert (code, out) == (2, "")
    assert said in err
