"""The ledger's rules are the database's own: plain SQL cannot break them."""

import pytest
from sqlalchemy import text

from arena.domain.battle import BattleState
from arena.domain.verdict import Verdict
from arena.storage.database import Database, RuleBroken
from tests.builders import SeededBattle, seed_battle, seed_vote

VOTE = (
    "INSERT INTO votes (battle_id, annotator_id, verdict, comment, created_at) "
    "VALUES (:battle, :annotator, :verdict, '', '2026-03-01')"
)


class Ledger:
    """Plain SQL on a database, as a script or a bug would write it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def execute(self, sql: str, **values: object) -> None:
        with self.database.writing() as connection:
            connection.execute(text(sql), values)

    def refuses(self, sql: str, because: str, **values: object) -> None:
        before = self.dump()
        with pytest.raises(RuleBroken, match=because):
            self.execute(sql, **values)
        assert self.dump() == before

    def vote(self, seeded: SeededBattle, verdict: str = "tie", *, who: str = "ada") -> None:
        self.execute(VOTE, **self.ballot(seeded, verdict, who=who))

    def ballot(
        self, seeded: SeededBattle, verdict: str = "tie", *, who: str = "ada"
    ) -> dict[str, object]:
        with self.database.reading() as connection:
            query = text("SELECT id FROM annotators WHERE name = :name")
            annotator = connection.execute(query, {"name": who}).scalar_one()
        return {"battle": seeded.battle_id, "annotator": annotator, "verdict": verdict}

    def revise(self, vote_id: int | None, number: int, verdict: str) -> None:
        self.execute(
            "INSERT INTO vote_revisions (vote_id, revision, verdict, who, why, at) "
            "VALUES (:vote, :number, :verdict, 1, 'slip', '2026-03-02')",
            vote=vote_id,
            number=number,
            verdict=verdict,
        )

    def dump(self) -> list[str]:
        tables = ("votes", "vote_rankings", "vote_revisions", "replies", "slots", "flags")
        with self.database.reading() as connection:
            return [
                repr(tuple(row))
                for table in tables
                for row in connection.execute(text(f"SELECT * FROM {table}"))
            ]


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


class TestVotes:
    def test_a_battle_has_one_vote(self, ledger: Ledger) -> None:
        complete = seed_battle(ledger.database)
        ledger.vote(complete)
        ledger.refuses(VOTE, "(?i)UNIQUE", **ledger.ballot(complete, "a_better"))

    def test_a_vote_belongs_to_the_battles_annotator(self, ledger: Ledger) -> None:
        seeded = seed_battle(ledger.database)
        seed_battle(ledger.database, annotator="bob")
        ledger.refuses(VOTE, "(?i)FOREIGN KEY", **ledger.ballot(seeded, who="bob"))

    @pytest.mark.parametrize("state", sorted(set(BattleState) - {BattleState.COMPLETE}))
    def test_a_vote_needs_a_complete_battle(self, ledger: Ledger, state: BattleState) -> None:
        seeded = seed_battle(ledger.database, state=state)
        ledger.refuses(VOTE, "complete battle", **ledger.ballot(seeded))

    def test_a_vote_needs_a_battle(self, ledger: Ledger) -> None:
        ballot = ledger.ballot(seed_battle(ledger.database)) | {"battle": "nowhere"}
        ledger.refuses(VOTE, "complete battle", **ballot)

    @pytest.mark.parametrize("verdict", ["", "A_BETTER", "c_better", "1"])
    def test_a_verdict_is_one_of_four(self, ledger: Ledger, verdict: str) -> None:
        seeded = seed_battle(ledger.database)
        ledger.refuses(VOTE, "(?i)FOREIGN KEY", **ledger.ballot(seeded, verdict))

    @pytest.mark.parametrize(
        "change",
        [
            "verdict = 'tie'",
            "annotator_id = 1",
            "battle_id = 'x'",
            "id = 9",
            "created_at = '2027-01-01'",
        ],
    )
    def test_a_vote_is_never_overwritten(self, ledger: Ledger, change: str) -> None:
        seed_vote(ledger.database)
        ledger.refuses(f"UPDATE votes SET {change}", "never overwritten")

    def test_a_vote_is_never_deleted(self, ledger: Ledger) -> None:
        seed_vote(ledger.database)
        ledger.refuses("DELETE FROM votes", "never deleted")

    def test_what_an_annotator_wrote_can_be_removed_and_the_vote_stays(
        self, ledger: Ledger
    ) -> None:
        seed_vote(ledger.database, comment="I am Ada, call me")
        ledger.execute("UPDATE votes SET comment = ''")
        ledger.execute("UPDATE annotators SET name = 'removed-1'")
        assert "Ada" not in "".join(ledger.dump())


class TestRankings:
    def test_a_vote_has_a_verdict_or_a_ranking(self, ledger: Ledger) -> None:
        vote = seed_vote(ledger.database).vote_id
        ledger.refuses("INSERT INTO vote_rankings VALUES (:vote, 0, 1)", "never both", vote=vote)

    def test_ranks_begin_at_one(self, ledger: Ledger) -> None:
        vote = seed_vote(ledger.database, None, ranks=(1, 2)).vote_id
        ledger.refuses("INSERT INTO vote_rankings VALUES (:vote, 2, 0)", "rank", vote=vote)

    def test_a_slot_has_one_rank(self, ledger: Ledger) -> None:
        vote = seed_vote(ledger.database, None, ranks=(1, 2)).vote_id
        ledger.refuses("INSERT INTO vote_rankings VALUES (:vote, 0, 2)", "(?i)UNIQUE", vote=vote)

    def test_a_ranking_is_never_overwritten(self, ledger: Ledger) -> None:
        seed_vote(ledger.database, None, ranks=(1, 2))
        ledger.refuses("UPDATE vote_rankings SET rank = 3 - rank", "never changed")

    def test_a_ranking_is_never_deleted(self, ledger: Ledger) -> None:
        seed_vote(ledger.database, None, ranks=(1, 2))
        ledger.refuses("DELETE FROM vote_rankings", "never deleted")


class TestRevisions:
    def test_the_newest_is_in_force_and_the_vote_stays(self, ledger: Ledger) -> None:
        seeded = seed_vote(ledger.database, Verdict.A_BETTER)
        for number, verdict in enumerate(("tie", "b_better"), start=1):
            ledger.revise(seeded.vote_id, number, verdict)
        with ledger.database.reading() as connection:
            assert connection.execute(text("SELECT verdict FROM votes")).scalar() == "a_better"
            in_force = connection.execute(text("SELECT verdict FROM comparisons")).scalar()
        assert in_force == "b_better"

    def test_a_number_is_used_once(self, ledger: Ledger) -> None:
        vote = seed_vote(ledger.database).vote_id
        ledger.revise(vote, 1, "tie")
        with pytest.raises(RuleBroken, match=r"(?i)UNIQUE"):
            ledger.revise(vote, 1, "both_bad")

    @pytest.mark.parametrize(("number", "verdict"), [(0, "tie"), (1, "better"), (1, "")])
    def test_its_number_and_verdict_are_checked(
        self, ledger: Ledger, number: int, verdict: str
    ) -> None:
        vote = seed_vote(ledger.database).vote_id
        with pytest.raises(RuleBroken, match=r"(?i)CHECK" if number < 1 else "(?i)FOREIGN KEY"):
            ledger.revise(vote, number, verdict)

    def test_it_is_never_changed_or_deleted(self, ledger: Ledger) -> None:
        ledger.revise(seed_vote(ledger.database).vote_id, 1, "tie")
        ledger.refuses("UPDATE vote_revisions SET why = 'x'", "never changed")
        ledger.refuses("DELETE FROM vote_revisions", "never deleted")


class TestReplies:
    @pytest.mark.parametrize("change", ["text = 'better'", "finish_reason = 'length'"])
    def test_a_reply_is_never_changed(self, ledger: Ledger, change: str) -> None:
        seed_battle(ledger.database)
        ledger.refuses(f"UPDATE replies SET {change}", "never changed")

    def test_a_reply_is_never_deleted(self, ledger: Ledger) -> None:
        seed_battle(ledger.database)
        ledger.refuses("DELETE FROM replies", "never deleted")

    @pytest.mark.parametrize(("end", "error"), [("stop", "'boom'"), ("error", "NULL")])
    def test_exactly_a_failed_reply_has_a_cause(self, ledger: Ledger, end: str, error: str) -> None:
        seed_battle(ledger.database)
        ledger.refuses(
            "INSERT INTO replies (model_id, conversation_hash, text, reasoning, finish_reason, "
            f"error, created_at) VALUES (1, 'h', '', '', '{end}', {error}, '2026-03-01')",
            "error",
        )


class TestSlots:
    def test_a_model_never_meets_itself(self, ledger: Ledger) -> None:
        seeded = seed_battle(ledger.database)
        again = "INSERT INTO slots SELECT battle_id, 2, model_id, model_key FROM slots LIMIT 1"
        ledger.refuses(again, "(?i)UNIQUE")
        with pytest.raises(RuleBroken):
            seed_battle(ledger.database, models=("alpha", "alpha"))
        assert seeded

    def test_not_even_in_another_configuration(self, ledger: Ledger) -> None:
        seed_battle(ledger.database, models=("alpha", "beta"))
        seed_battle(ledger.database, models=("alpha", "gamma"), fingerprint="2")
        ledger.refuses(
            "INSERT INTO slots SELECT (SELECT id FROM battles LIMIT 1), 2, id, key FROM models "
            "WHERE fingerprint = 'alpha-2'",
            "(?i)UNIQUE",
        )

    def test_a_key_belongs_to_its_model(self, ledger: Ledger) -> None:
        seeded = seed_battle(ledger.database)
        ledger.refuses(
            "INSERT INTO slots VALUES (:battle, 2, 1, 'gamma')",
            "(?i)FOREIGN KEY",
            battle=seeded.battle_id,
        )

    @pytest.mark.parametrize("change", ["model_key = 'beta'", "position = 1 - position"])
    def test_who_answered_is_never_changed(self, ledger: Ledger, change: str) -> None:
        seed_vote(ledger.database)
        ledger.refuses(f"UPDATE slots SET {change}", "never changed")

    def test_who_answered_is_never_deleted(self, ledger: Ledger) -> None:
        seed_vote(ledger.database)
        ledger.refuses("DELETE FROM slots", "never deleted")


class TestFlags:
    FLAG = "INSERT INTO flags (kind, vote_id, reply_id, detail, created_at) VALUES "

    @pytest.mark.parametrize("subject", ["NULL, NULL", "1, 1"])
    def test_a_flag_is_on_a_vote_or_on_a_reply(self, ledger: Ledger, subject: str) -> None:
        seed_vote(ledger.database)
        ledger.refuses(f"{self.FLAG} ('recognised', {subject}, '', '2026-03-01')", "subject")

    def test_a_flag_is_of_a_known_kind(self, ledger: Ledger) -> None:
        seed_vote(ledger.database)
        ledger.refuses(f"{self.FLAG} ('boring', 1, NULL, '', '2026-03-01')", "(?i)FOREIGN KEY")

    def test_a_flag_is_raised_once(self, ledger: Ledger) -> None:
        seed_vote(ledger.database, recognised=True)
        ledger.refuses(f"{self.FLAG} ('recognised', 1, NULL, '', '2026-03-01')", "(?i)UNIQUE")


@pytest.mark.parametrize("state", ["", "open", "revealed"])
def test_a_battle_is_in_a_known_state(ledger: Ledger, state: str) -> None:
    seed_battle(ledger.database)
    ledger.refuses("UPDATE battles SET state = :state", "(?i)FOREIGN KEY", state=state)
