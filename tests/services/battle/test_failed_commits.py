"""A vote whose commit fails, or may have: nothing is revealed before it is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from arena.domain.battle import BattleId, BattleState
from arena.domain.errors import Conflict, NotAllowed, Refusal, Unavailable
from arena.domain.verdict import Reason, Verdict
from arena.services.battle.voting import Ballot, Reveal
from arena.storage.database import Connection, Database, StorageError
from tests.database_kinds import ON_SQLITE
from tests.fakes.triggers import add_trigger, refuse, refuse_no_more
from tests.services.battle.polls import Polls, refusal_of


class UnsureDatabase(Database):
    """A database that fails after its commit as often as it is told to."""

    faults = 0

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with super().writing() as connection:
            yield connection
        if self.faults:
            self.faults -= 1
            raise OperationalError("COMMIT", {}, OSError("disk I/O error"))


@pytest.fixture
def unsure(database: Database) -> Iterator[Polls]:
    ledger = UnsureDatabase(database.url)
    yield Polls(ledger)
    ledger.close()


class TestFailedCommit:
    """Whatever the database cannot do, nothing is revealed and the annotator learns of it."""

    def assert_not_saved(self, polls: Polls, battle_id: BattleId) -> None:
        with pytest.raises(Unavailable) as caught:
            polls.vote(battle_id, Ballot(verdict=Verdict.TIE, recognised=True))
        assert refusal_of(caught) is Refusal.VOTE_NOT_SAVED
        assert not any(key in str(caught.value) for key in polls.contestants)
        with pytest.raises((Conflict, StorageError)):
            polls.voting.reveal(polls.ada, battle_id)
        record = polls.record(battle_id)
        assert (record.state, record.revealed_at) == (BattleState.COMPLETE, None)
        assert polls.count("votes") == polls.count("flags") == 0

    @pytest.mark.parametrize("place", ["INSERT ON votes", "UPDATE ON battles", "INSERT ON flags"])
    @pytest.mark.parametrize("way", ["ABORT", "FAIL", "ROLLBACK"])
    def test_a_refusing_trigger(self, polls: Polls, place: str, way: str) -> None:
        battle_id = polls.battle()
        with polls.database.writing() as connection:
            refuse(connection, f"AFTER {place}", "disk full", way=way)
        self.assert_not_saved(polls, battle_id)
        with polls.database.writing() as connection:
            refuse_no_more(connection, place.rpartition(" ")[2])
        assert polls.vote(battle_id).verdict is Verdict.A_BETTER

    def test_a_constraint_that_fails_only_at_the_commit(self, polls: Polls) -> None:
        battle_id = polls.battle()
        polls.execute("CREATE TABLE seals (id INTEGER PRIMARY KEY)")
        polls.execute(
            "CREATE TABLE sealed (seal INTEGER REFERENCES seals DEFERRABLE INITIALLY DEFERRED)"
        )
        with polls.database.writing() as connection:
            add_trigger(
                connection, "seal", "AFTER INSERT ON votes", "INSERT INTO sealed VALUES (1)"
            )
        self.assert_not_saved(polls, battle_id)

    @ON_SQLITE
    def test_a_database_that_is_read_only(
        self, polls: Polls, caplog: pytest.LogCaptureFixture
    ) -> None:
        battle_id = polls.battle()
        with polls.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON").close()
            connection.rollback()
        self.assert_not_saved(polls, battle_id)
        assert "a vote could not be committed" in caplog.text
        assert "readonly" in caplog.text

    def test_a_vote_that_was_not_saved_can_be_cast_again(self, polls: Polls) -> None:
        battle_id = polls.battle()
        polls.execute("ALTER TABLE vote_reasons RENAME TO elsewhere")
        ballot = Ballot(verdict=Verdict.TIE, reasons=((0, Reason.USEFUL),))
        with pytest.raises(Unavailable):
            polls.vote(battle_id, ballot)
        polls.execute("ALTER TABLE elsewhere RENAME TO vote_reasons")
        assert polls.vote(battle_id, ballot).verdict is Verdict.TIE


class TestVoteWhoseCommitIsNotKnown:
    """The database fails after the commit: the vote is there, and nobody has been told."""

    BALLOT = Ballot(
        verdict=Verdict.A_BETTER,
        recognised=True,
        reasons=((1, Reason.SUPERFICIAL), (0, Reason.CORRECT), (0, Reason.CORRECT)),
        comment=" so be it ",
    )

    def cast(self, polls: Polls, battle_id: BattleId, ballot: Ballot) -> Reveal:
        shown = polls.shown(battle_id)
        return polls.voting.cast(polls.ada, shown, ballot, again=True)

    def unsure_vote(self, polls: Polls) -> BattleId:
        battle_id = polls.battle()
        assert isinstance(polls.database, UnsureDatabase)
        polls.database.faults = 1
        with pytest.raises(Unavailable) as caught:
            polls.vote(battle_id, self.BALLOT)
        assert refusal_of(caught) is Refusal.VOTE_NOT_SAVED
        assert polls.count("votes") == 1
        return battle_id

    def test_the_same_ballot_cast_again_reveals_and_is_counted_once(self, unsure: Polls) -> None:
        battle_id = self.unsure_vote(unsure)
        reveal = self.cast(unsure, battle_id, self.BALLOT)
        assert [card.key for card in reveal.cards] == ["sphinx", "kraken"]
        assert unsure.count("votes") == 1
        assert unsure.record(battle_id).revealed_at == unsure.clock.now()

    @pytest.mark.parametrize(
        "ballot",
        [
            replace(BALLOT, verdict=Verdict.TIE),
            replace(BALLOT, recognised=False),
            replace(BALLOT, comment=""),
            replace(BALLOT, reasons=BALLOT.reasons[:1]),
            replace(BALLOT, reasons=((0, Reason.SUPERFICIAL), (1, Reason.CORRECT))),
        ],
    )
    def test_another_ballot_is_refused(self, unsure: Polls, ballot: Ballot) -> None:
        battle_id = self.unsure_vote(unsure)
        with pytest.raises(Conflict) as caught:
            self.cast(unsure, battle_id, ballot)
        assert refusal_of(caught) is Refusal.ALREADY_VOTED

    def test_another_person_is_refused(self, unsure: Polls) -> None:
        battle_id = self.unsure_vote(unsure)
        shown = unsure.shown(battle_id)
        with pytest.raises(NotAllowed):
            unsure.voting.cast(unsure.bob, shown, self.BALLOT, again=True)

    def test_where_nothing_was_stored_it_is_stored_now(self, polls: Polls) -> None:
        reveal = self.cast(polls, polls.battle(), self.BALLOT)
        assert reveal.verdict is Verdict.A_BETTER
        assert polls.count("votes") == 1

    def test_a_ranking_cast_again_reveals(self, three: Polls) -> None:
        battle_id = three.battle()
        ranking = Ballot(ranks=(2, 1, 3))
        three.vote(battle_id, ranking)
        assert len(self.cast(three, battle_id, ranking).cards) == 3
        with pytest.raises(Conflict):
            self.cast(three, battle_id, Ballot(ranks=(1, 2, 3)))
