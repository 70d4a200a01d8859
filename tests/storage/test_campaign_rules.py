"""What the database itself keeps of a campaign: what was judged, by how many, and what it tells."""

from pathlib import Path

import pytest
from sqlalchemy import text

from arena.domain.board import BoardFilter
from arena.storage.boards import OutcomeCount, outcome_counts
from arena.storage.database import Database, RuleBroken
from arena.storage.migrate import migrate, schema_sql
from tests.builders import seed_battle, seed_vote
from tests.database_kinds import ON_SQLITE
from tests.storage.old_ledgers import DAY, execute, oldest_ledger, rows

CAMPAIGN = (
    f"INSERT INTO campaigns VALUES (1, 'spring', '{DAY}', 'created', 'pairwise', 2, NULL)",
    f"INSERT INTO campaign_versions VALUES (1, 1, 'f', '{{}}', '{DAY}')",
    "INSERT INTO campaign_prompts VALUES"
    " (1, 1, 'p', 'judged', '[]', NULL, NULL, 'en', NULL, NULL),"
    " (1, 2, 'c', 'check', '[]', NULL, NULL, 'en', NULL, NULL)",
    "INSERT INTO campaign_models VALUES (1, 0, 'alpha', 'A', FALSE), (1, 1, 'beta', 'B', FALSE)",
    "INSERT INTO campaign_replies VALUES (1, 1, 0, 1, 1), (1, 1, 1, 1, 2)",
    "INSERT INTO check_replies VALUES (1, 2, 1, 2)",
    f"INSERT INTO campaign_events VALUES (1, 1, '{DAY}', 'created', NULL, '')",
    "INSERT INTO items VALUES (1, 1, 1, '0 1', 0, FALSE), (2, 1, 2, '', 0, FALSE)",
    "UPDATE campaigns SET state = 'open'",
)


def assign(
    name: str,
    *,
    item: int = 1,
    who: int = 1,
    ordering: str = "1 0",
    repeat_of: str = "NULL",
) -> str:
    """Return the statement that reserves an item."""
    return (
        "INSERT INTO assignments (id, item_id, annotator_id, repeat_of, ordering, state, "
        f"reserved_at, expires_at) VALUES ('{name}', {item}, {who}, {repeat_of}, '{ordering}', "
        f"'reserved', '{DAY}', '{DAY}')"
    )


def end(name: str, state: str) -> str:
    """Return the statement that ends a reservation."""
    judged_at = f"'{DAY}'" if state == "judged" else "NULL"
    return f"UPDATE assignments SET state = '{state}', judged_at = {judged_at} WHERE id = '{name}'"


@pytest.fixture
def ledger(database: Database) -> Database:
    """A campaign of one item and a check item, and three annotators."""
    for who in ("ada", "bob", "eve"):
        seed_battle(database, annotator=who)
    execute(database, *CAMPAIGN)
    return database


def refuses(database: Database, statement: str, because: str) -> None:
    before = rows(database)
    with pytest.raises(RuleBroken, match=because):
        execute(database, statement)
    assert rows(database) == before


def counted(database: Database) -> dict[tuple[int, int], int]:
    return {
        (row["position"], row["slot"]): row["taken"]  # type: ignore[misc]
        for row in rows(database)["slot_counts"]
        if row["models"] == "0 1"
    }


def taken(database: Database) -> list[object]:
    items = sorted(rows(database)["items"], key=lambda row: str(row["id"]))
    return [row["taken"] for row in items]


class TestAssignments:
    def test_no_more_annotators_than_the_overlap_get_an_item(self, ledger: Database) -> None:
        execute(ledger, assign("a", who=1), assign("b", who=2))
        refuses(ledger, assign("c", who=3), "no more annotators than the overlap")
        assert taken(ledger) == [2, 0]

    @pytest.mark.parametrize("state", ["skipped", "expired"])
    def test_a_place_that_is_given_back_goes_to_another(self, ledger: Database, state: str) -> None:
        execute(ledger, assign("a", who=1), assign("b", who=2), end("a", state))
        assert taken(ledger) == [1, 0]
        assert counted(ledger) == {(0, 1): 1, (1, 0): 1}
        execute(ledger, assign("c", who=3, ordering="0 1"))
        assert taken(ledger) == [2, 0]
        assert counted(ledger) == {(0, 0): 1, (0, 1): 1, (1, 0): 1, (1, 1): 1}

    def test_a_judged_item_keeps_its_place(self, ledger: Database) -> None:
        execute(ledger, assign("a"), end("a", "judged"))
        assert taken(ledger) == [1, 0]

    def test_every_annotator_gets_a_check_item(self, ledger: Database) -> None:
        execute(ledger, *(assign(f"c{who}", item=2, who=who) for who in (1, 2, 3)))
        assert taken(ledger) == [0, 3]

    def test_nobody_has_an_item_twice(self, ledger: Database) -> None:
        execute(ledger, assign("a"), end("a", "skipped"))
        refuses(ledger, assign("b"), "(?i)UNIQUE")

    def test_but_after_it_expired_or_as_a_repeat(self, ledger: Database) -> None:
        execute(
            ledger,
            assign("a"),
            end("a", "expired"),
            assign("b"),
            end("b", "judged"),
            assign("r", repeat_of="'b'"),
        )
        assert taken(ledger) == [1, 0]
        assert sum(counted(ledger).values()) == 2
        refuses(ledger, assign("s", repeat_of="'b'"), "(?i)UNIQUE")

    @pytest.mark.parametrize("state", ["judged", "skipped", "expired"])
    def test_a_reservation_ends_once(self, ledger: Database, state: str) -> None:
        execute(ledger, assign("a"), end("a", state))
        refuses(ledger, end("a", "skipped"), "ends once")

    @pytest.mark.parametrize(
        "change", ["ordering = '0 1'", "annotator_id = 2", "item_id = 2", "id = 'x'"]
    )
    def test_what_was_assigned_is_never_changed(self, ledger: Database, change: str) -> None:
        execute(ledger, assign("a"))
        refuses(ledger, f"UPDATE assignments SET {change}", "never changed")
        refuses(ledger, "DELETE FROM assignments", "never deleted")

    def test_an_assignment_is_judged_at_a_time(self, ledger: Database) -> None:
        execute(ledger, assign("a"))
        refuses(ledger, "UPDATE assignments SET state = 'judged'", "judged_at")

    @pytest.mark.parametrize("state", ["", "open"])
    def test_an_assignment_is_in_a_known_state(self, ledger: Database, state: str) -> None:
        execute(ledger, assign("a"))
        refuses(ledger, end("a", state), "(?i)FOREIGN KEY")


class TestCampaigns:
    @pytest.mark.parametrize(
        "table",
        [
            *("campaign_versions", "campaign_prompts", "campaign_models", "check_replies"),
            *("campaign_events", "items", "campaign_replies"),
        ],
    )
    def test_what_was_judged_stays(self, ledger: Database, table: str) -> None:
        refuses(ledger, f"DELETE FROM {table}", "never deleted|before a campaign is opened")
        refuses(
            ledger,
            f"UPDATE {table} SET campaign_id = campaign_id",
            "never changed|before a campaign is opened",
        )

    def test_replies_are_exchanged_until_the_campaign_opens(self, database: Database) -> None:
        seed_battle(database)
        exchange = "UPDATE campaign_replies SET reply_id = 1"
        execute(database, *CAMPAIGN[:-1], exchange, "DELETE FROM campaign_replies")
        execute(database, *CAMPAIGN[4:5], CAMPAIGN[-1])
        refuses(database, exchange, "before a campaign is opened")
        refuses(
            database,
            "INSERT INTO campaign_replies VALUES (1, 1, 0, 2, 1)",
            "before a campaign is opened",
        )

    @pytest.mark.parametrize("change", ["state = 'created'", "state = NULL"])
    def test_it_was_never_not_opened(self, ledger: Database, change: str) -> None:
        refuses(ledger, f"UPDATE campaigns SET {change}", "stays so")

    def test_it_keeps_its_protocol(self, ledger: Database) -> None:
        refuses(ledger, "UPDATE campaigns SET protocol = 'all_at_once'", "keeps its protocol")


class TestBallots:
    @pytest.mark.parametrize("purpose", ["repeat", "check"])
    def test_repeats_and_check_items_are_no_opinion_more(
        self, database: Database, purpose: str
    ) -> None:
        seed_vote(database)
        other = seed_battle(database)
        with database.writing() as connection:
            battle = f"SELECT '{other.battle_id}', 1, 'tie', '', '{DAY}'"
            connection.execute(
                text(
                    "INSERT INTO battles (id, annotator_id, state, language, created_at, purpose) "
                    f"VALUES ('x', 1, 'complete', 'en', '{DAY}', '{purpose}')"
                )
            )
            connection.execute(text("INSERT INTO slots VALUES ('x', 0, 1, 'alpha')"))
            connection.execute(text("INSERT INTO slots VALUES ('x', 1, 2, 'beta')"))
            columns = "votes (battle_id, annotator_id, verdict, comment, created_at)"
            connection.execute(text(f"INSERT INTO {columns} VALUES ('x', 1, 'tie', '', '{DAY}')"))
            connection.execute(text(f"INSERT INTO {columns} {battle}"))
        stored = rows(database)
        assert len(stored["votes"]) == 3
        assert [row["vote_id"] for row in stored["outcomes"]] == [1, 3]
        refuses(database, "UPDATE battles SET purpose = 'check' WHERE purpose = 'judged'", "never")

    def test_a_revised_ranking_is_in_force_and_the_vote_stays(self, database: Database) -> None:
        vote = seed_vote(database, None, models=("a", "b", "c"), ranks=(1, 2, 3)).vote_id
        revise = "INSERT INTO vote_revisions (vote_id, revision, who, why, at) VALUES"
        for revision, ranks in ((1, (3, 2, 1)), (2, (1, 1, 2))):
            execute(
                database,
                f"{revise} ({vote}, {revision}, 1, 'undo', '{DAY}')",
                *(
                    f"INSERT INTO revision_rankings VALUES ({vote}, {revision}, {slot}, {rank})"
                    for slot, rank in enumerate(ranks)
                ),
            )
        stored = rows(database)
        assert [row["rank"] for row in stored["vote_rankings"]] == [1, 2, 3]
        assert [row["verdict"] for row in stored["outcomes"]] == ["tie", "a_better", "a_better"]
        with database.reading() as connection:
            recounted = connection.execute(text("SELECT * FROM recounted_outcomes")).mappings()
            assert [dict(row) for row in recounted] == stored["outcomes"]

    def test_a_ranking_is_revised_by_a_ranking(self, database: Database) -> None:
        verdict = seed_vote(database).vote_id
        ranking = seed_vote(database, None, ranks=(1, 2)).vote_id
        revise = "INSERT INTO vote_revisions (vote_id, revision, verdict, who, why, at) VALUES"
        refuses(database, f"{revise} ({ranking}, 1, 'tie', 1, '', '{DAY}')", "by a ranking")
        refuses(database, f"{revise} ({verdict}, 1, NULL, 1, '', '{DAY}')", "by a ranking")
        execute(database, f"{revise} ({verdict}, 1, 'tie', 1, '', '{DAY}')")
        refuses(
            database, f"INSERT INTO revision_rankings VALUES ({verdict}, 1, 0, 1)", "by a ranking"
        )

    @pytest.mark.parametrize("table", ["rankings", "reasons", "scores"])
    def test_what_belongs_to_a_revision_is_final(self, database: Database, table: str) -> None:
        vote = seed_vote(database, None, ranks=(1, 2)).vote_id
        values = {"rankings": "1", "reasons": "'useful'", "scores": "'accuracy', 5"}[table]
        execute(
            database,
            "INSERT INTO vote_revisions (vote_id, revision, who, why, at) "
            f"VALUES ({vote}, 1, 1, 'undo', '{DAY}')",
            f"INSERT INTO revision_{table} VALUES ({vote}, 1, 0, {values})",
        )
        refuses(database, f"UPDATE revision_{table} SET position = 1", "never changed")
        refuses(database, f"DELETE FROM revision_{table}", "never deleted")

    @pytest.mark.parametrize("score", [0, 6])
    def test_scores_are_from_1_to_5_and_final(self, database: Database, score: int) -> None:
        vote = seed_vote(database).vote_id
        insert = "INSERT INTO vote_scores VALUES"
        refuses(database, f"{insert} ({vote}, 0, 'accuracy', {score})", "score")
        execute(database, f"{insert} ({vote}, 0, 'accuracy', 3)")
        refuses(database, "UPDATE vote_scores SET score = 5", "never changed")
        refuses(database, "DELETE FROM vote_scores", "never deleted")

    @pytest.mark.parametrize("verdict", ["'tie'", "'both_bad'", "NULL"])
    def test_strength_is_how_much_better_a_winner_is(
        self, database: Database, verdict: str
    ) -> None:
        battle = seed_battle(database).battle_id
        insert = (
            "INSERT INTO votes (battle_id, annotator_id, verdict, comment, created_at, strength)"
        )
        refuses(
            database, f"{insert} VALUES ('{battle}', 1, {verdict}, '', '{DAY}', 'much')", "strength"
        )
        execute(database, f"{insert} VALUES ('{battle}', 1, 'b_better', '', '{DAY}', 'much')")
        refuses(database, "UPDATE votes SET strength = 'slightly'", "never overwritten")


def everything_of(database: Database) -> list[OutcomeCount]:
    with database.reading() as connection:
        return list(outcome_counts(connection, BoardFilter(include_flagged=True)))


@ON_SQLITE
def test_an_older_database_keeps_its_votes_and_its_board(
    tmp_path: Path, database: Database
) -> None:
    old = oldest_ledger(tmp_path)
    migrate(old, "0007")
    execute(old, f"INSERT INTO campaigns VALUES (1, 'spring', '{DAY}')")
    before, board = rows(old), everything_of(old)
    migrate(old)
    after = rows(old)

    assert len(board) == len(before["outcomes"]) == 2
    assert everything_of(old) == board
    assert after["board_version"] == before["board_version"]
    for table in ("outcomes", "battles", "votes", "vote_rankings", "vote_revisions", "campaigns"):
        kept = [{name: row[name] for name in before[table][0]} for row in after[table]]
        assert kept == before[table]
    assert {row["purpose"] for row in after["battles"]} == {"judged"}
    assert schema_sql(old) == schema_sql(database)
    old.close()
