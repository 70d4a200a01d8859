"""Nothing is revealed before the vote is committed."""

from datetime import timedelta

import pytest

from arena.domain.battle import BattleState
from arena.domain.errors import Conflict, NotAllowed, Refusal, Unavailable
from arena.domain.reveal import RevealPolicy
from arena.domain.verdict import Verdict
from arena.services.battle.voting import Reveal, Voting
from tests.fakes.triggers import refuse, refuse_no_more
from tests.services.battle.polls import Polls, refusal_of


class TestReveal:
    def test_a_vote_that_is_saved_but_cannot_be_revealed_says_so_and_is_revealed_later(
        self, polls: Polls, caplog: pytest.LogCaptureFixture
    ) -> None:
        battle_id = polls.battle()
        with polls.database.writing() as connection:
            refuse(connection, "BEFORE UPDATE OF revealed_at ON battles", "disk full")
        with pytest.raises(Unavailable) as caught:
            polls.vote(battle_id)
        assert refusal_of(caught) is Refusal.NOT_REVEALED
        assert "a vote is saved, but its battle could not be revealed" in caplog.text
        assert polls.record(battle_id).state is BattleState.VOTED
        with polls.database.writing() as connection:
            refuse_no_more(connection, "battles")
        assert polls.voting.reveal(polls.ada, battle_id).verdict is Verdict.A_BETTER

    def test_nothing_is_revealed_before_the_vote(self, polls: Polls) -> None:
        for state in (BattleState.GENERATING, BattleState.COMPLETE, BattleState.VOID):
            battle_id = polls.battle(state)
            with pytest.raises(Conflict):
                polls.voting.reveal(polls.ada, battle_id)
            assert polls.record(battle_id).revealed_at is None

    def test_it_can_be_read_again_and_keeps_its_first_moment(self, polls: Polls) -> None:
        battle_id = polls.battle()
        first = polls.vote(battle_id)
        moment = polls.clock.now()
        polls.clock.let_pass(timedelta(hours=1))
        assert polls.voting.reveal(polls.ada, battle_id) == first
        assert polls.record(battle_id).revealed_at == moment

    def test_it_counts_the_annotators_votes_since_midnight(self, polls: Polls) -> None:
        assert [polls.vote(polls.battle()).votes_today for _ in range(2)] == [1, 2]
        polls.clock.let_pass(timedelta(days=1))
        assert polls.vote(polls.battle()).votes_today == 1

    def test_an_arena_that_never_reveals_stores_the_vote_and_names_nobody(
        self, polls: Polls, caplog: pytest.LogCaptureFixture
    ) -> None:
        polls.voting = Voting(
            polls.database, polls.clock, release=polls.models.release, policy=RevealPolicy.NEVER
        )
        battle_id = polls.battle()
        polls.execute("ALTER TABLE models RENAME COLUMN name TO unread")
        assert polls.vote(battle_id) == Reveal(battle_id, Verdict.A_BETTER, (), 1)
        assert polls.voting.reveal(polls.ada, battle_id).cards == ()
        record = polls.record(battle_id)
        assert (record.state, record.revealed_at) == (BattleState.VOTED, None)
        assert caplog.text == ""
        with pytest.raises(Conflict):
            polls.vote(battle_id)

    def test_nobody_else_may_read_it(self, polls: Polls) -> None:
        battle_id = polls.battle()
        polls.vote(battle_id)
        with pytest.raises(NotAllowed):
            polls.voting.reveal(polls.bob, battle_id)
