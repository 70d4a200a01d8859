"""A board is frozen under a number: the same for ever, for whoever may read boards."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from arena.domain.accounts import AnnotatorId, Caller
from arena.domain.board import BoardFilter
from arena.domain.errors import NotAllowed, Refusal
from arena.domain.verdict import Verdict
from arena.domain.visibility import Visibility
from arena.services.board.details import detailed_board
from arena.services.board.rows import board_document
from arena.services.board.snapshots.comparing import comparison_table
from arena.services.board.snapshots.freezing import frozen_board
from arena.services.board.snapshots.keeping import BoardSnapshots, Kept, NothingToFreeze, keep
from arena.services.board.snapshots.reading import BoardSnapshot
from arena.services.board.snapshots.tables import snapshot_tables
from arena.services.board.value_tables import ValueTable, table_document
from arena.storage.database import Database
from arena.storage.revisions import WholeBallot, insert_revision
from tests.builders import ADMIN, ANNOTATOR, NOON, seed_group, seed_vote, seed_votes
from tests.fakes.board_statistics import snapshots_of
from tests.fakes.stored_campaigns import set_state, store_campaign
from tests.services.board.documents import judged

SCHEMA: Final = Path(__file__).parents[3] / "docs" / "leaderboard.schema.json"
ALL = BoardFilter()


def freeze(database: Database, board_filter: BoardFilter = ALL) -> Kept:
    with database.reading() as connection:
        frozen = frozen_board(connection, board_filter)
    return keep(database, frozen, at=NOON)


def kept(database: Database, number: int = 1) -> BoardSnapshot:
    found = snapshots_of(database).snapshot(None, number)
    assert found is not None
    return found


def rows(table: ValueTable) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = table_document(table)["rows"]
    return found


def test_it_holds_what_the_board_said_and_what_it_counted(database: Database) -> None:
    judged(database, annotators=9, prompts=8, exchanged=True)
    before = json.loads(json.dumps(board_document(detailed_board(database, ALL))))

    assert freeze(database) == Kept(1, is_new=True)

    found = kept(database)
    header = found.header
    assert {key: value for key, value in found.content.items() if key != "snapshot"} == before
    assert (header["number"], header["frozen_at"]) == (1, "2026-03-01T12:00:00+00:00")
    assert (header["last_vote"], header["last_revision"], header["limits"]) == (72, None, {})
    assert header["chain_head"].startswith("72:")
    assert (found.head.votes, found.head.models) == (72, 2)
    assert found.head.fingerprint == sha256(found.document.encode()).hexdigest()


def test_it_stays_as_it_was_while_votes_come_and_are_corrected(database: Database) -> None:
    seed_votes(database, wins=3, losses=1)
    freeze(database)
    before = kept(database)

    seed_votes(database, wins=1, losses=7)
    with database.writing() as connection:
        ballot = WholeBallot(Verdict.TIE)
        insert_revision(connection, 1, ballot, who=1, why="slip", now=NOON)  # type: ignore[arg-type]
    freeze(database)

    assert kept(database) == before
    after = kept(database, 2)
    assert (after.head.votes, after.header["last_vote"]) == (12, 12)
    assert after.header["last_revision"] == {"vote_id": 1, "revision": 1}


def test_what_has_not_changed_keeps_its_number(database: Database) -> None:
    seed_votes(database, wins=3, losses=1)
    freeze(database)

    assert freeze(database) == Kept(1, is_new=False)
    seed_vote(database)
    assert freeze(database) == Kept(2, is_new=True)


def test_another_filter_is_another_snapshot(database: Database) -> None:
    seed_votes(database, wins=3, losses=1, category="math")

    assert freeze(database).number == 1
    math = BoardFilter(category="math")
    assert freeze(database, math) == Kept(2, is_new=True)
    assert freeze(database) == Kept(1, is_new=False)
    assert kept(database, 2).board_filter == math
    assert kept(database, 2).header["limits"] == {"category": ["math"]}


def test_nothing_is_no_board(database: Database) -> None:
    seed_vote(database, recognised=True)

    with pytest.raises(NothingToFreeze):
        freeze(database)
    assert snapshots_of(database).heads(None) == ()


def test_a_group_of_two_is_frozen_for_nobody(database: Database) -> None:
    seed_group(database, "pair", "ada", "grace")
    seed_group(database, "trio", "ann", "bea", "cat")

    with pytest.raises(NotAllowed) as caught:
        freeze(database, BoardFilter(group="pair"))

    assert caught.value.refusal is Refusal.GROUP_TOO_SMALL
    assert freeze(database, BoardFilter(group="trio")).is_new


@pytest.mark.parametrize(
    ("visibility", "caller"),
    [
        (Visibility.ANNOTATORS, None),
        (Visibility.ADMINS, None),
        (Visibility.ADMINS, ANNOTATOR),
    ],
)
def test_who_may_not_read_boards_may_not_read_snapshots(
    database: Database, visibility: Visibility, caller: Caller | None
) -> None:
    seed_vote(database)
    freeze(database)
    snapshots = snapshots_of(database, visibility)

    with pytest.raises(NotAllowed):
        snapshots.heads(caller)
    with pytest.raises(NotAllowed):
        snapshots.snapshot(caller, 1)
    assert snapshots.snapshot(ADMIN, 1) is not None


@pytest.mark.parametrize("caller", [None, ANNOTATOR])
def test_while_a_campaign_is_open_they_are_for_admins_alone(
    database: Database, caller: Caller | None
) -> None:
    seed_vote(database)
    freeze(database)
    snapshots = snapshots_of(database)
    store_campaign(database, "What is the capital of France?")
    set_state(database, "open")

    for read in (snapshots.heads, lambda who: snapshots.snapshot(who, 1)):
        with pytest.raises(NotAllowed) as caught:
            read(caller)
        assert caught.value.refusal is Refusal.CAMPAIGN_IS_OPEN
        assert read(ADMIN)
    set_state(database, "closed")
    assert snapshots.snapshot(caller, 1) is not None


def test_admins_alone_freeze_and_are_named(database: Database) -> None:
    seed_vote(database, annotator="root")
    with database.reading() as connection:
        frozen = frozen_board(connection, ALL)
    snapshots: BoardSnapshots = snapshots_of(database)

    for caller in (None, ANNOTATOR):
        with pytest.raises(NotAllowed):
            snapshots.keep(caller, frozen)
    root = Caller(AnnotatorId(1), "root", ADMIN.role)
    assert snapshots.keep(root, frozen).is_new
    (head,) = snapshots.heads(None)
    assert head.who == "root"
    assert "root" not in kept(database).document


def test_the_document_is_as_its_schema_says(database: Database) -> None:
    judged(database, annotators=9, prompts=8)
    freeze(database, BoardFilter(include_flagged=True))

    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(kept(database).content)


def test_its_tables_have_each_model_and_each_pair_once(database: Database) -> None:
    judged(database, annotators=9, prompts=8, exchanged=True)
    seed_votes(database, models=("gamma", "beta"), wins=2, losses=1)
    freeze(database)

    models, pairs = map(rows, snapshot_tables(kept(database)))

    assert [row["model"] for row in models] == ["alpha", "gamma", "beta"]
    assert models[0]["rate"] == 0.75
    assert models[0]["rate_low"] < 0.75 < models[0]["rate_high"]
    assert (models[0]["state"], models[1]["state"]) == ("preliminary", "too few")
    met = {(row["model"], row["opponent"]): (row["wins"], row["losses"]) for row in pairs}
    assert met == {("alpha", "beta"): (54, 18), ("gamma", "beta"): (2, 1)}


def test_the_first_models_leave_the_pairs_of_others_out(database: Database) -> None:
    seed_votes(database, wins=3)
    seed_votes(database, models=("gamma", "beta"), wins=2, losses=1)
    freeze(database)

    models, pairs = map(rows, snapshot_tables(kept(database), top=2))

    assert [row["model"] for row in models] == ["alpha", "gamma"]
    assert pairs == []


def test_a_change_comes_with_an_interval_where_votes_were_added(database: Database) -> None:
    judged(database, annotators=9, prompts=8, exchanged=True)
    freeze(database)
    judged(database, annotators=9, prompts=8)
    freeze(database)

    table = comparison_table(kept(database), kept(database, 2))

    first = rows(table)[0]
    assert (first["model"], first["votes_added"]) == ("alpha", 72)
    assert first["earlier_rate"] == first["later_rate"] == 0.75
    assert first["rate_change"] == 0
    assert first["rate_change_low"] < 0 < first["rate_change_high"]
    assert [note.name for note in table.notes] == ["compared_votes", "compared_intervals"]


def test_boards_of_different_votes_are_compared_without_intervals(database: Database) -> None:
    judged(database, annotators=9, prompts=8)
    freeze(database)
    seed_votes(database, models=("gamma", "beta"), wins=40, category="math")
    freeze(database, BoardFilter(category="math"))

    table = comparison_table(kept(database), kept(database, 2))

    assert table.notes[-1].name == "compared_limits"
    by_model = {row["model"]: row for row in rows(table)}
    assert by_model.keys() == {"alpha", "beta", "gamma"}
    assert by_model["gamma"]["earlier_rate"] is None
    assert by_model["gamma"]["rate_change"] is None
    assert by_model["alpha"]["later_rate"] is None
    assert by_model["beta"]["rate_change"] is not None
    assert by_model["beta"]["rate_change_low"] is None


def test_votes_that_no_longer_count_leave_no_interval(database: Database) -> None:
    judged(database, annotators=9, prompts=8)
    freeze(database)
    seed_votes(database, wins=30)
    with database.writing() as connection:
        ballot = WholeBallot(Verdict.TIE)
        for vote_id in range(1, 40):
            insert_revision(connection, vote_id, ballot, who=1, why="slip", now=NOON)  # type: ignore[arg-type]
    freeze(database)

    table = comparison_table(kept(database), kept(database, 2))

    assert table.notes[-1].name == "compared_no_intervals"
    assert rows(table)[0]["votes_added"] == -9
