"""One vote per battle, on two answers or as a ranking of more."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import cycle, islice
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from arena.domain.battle import BattleId, BattleState, Shown
from arena.domain.conversation import ModelKey
from arena.domain.errors import BadInput, Conflict, NotAllowed, NotFound, Refusal
from arena.domain.verdict import Reason, Verdict
from arena.services.battle.voting import LONGEST_COMMENT, Ballot, ModelCard, Reveal
from tests.services.battle.polls import A_BETTER, Polls, refusal_of


class TestVote:
    @pytest.mark.parametrize("verdict", Verdict)
    def test_it_is_stored_and_then_the_models_are_named(
        self, polls: Polls, verdict: Verdict
    ) -> None:
        battle_id = polls.battle()
        reveal = polls.vote(battle_id, Ballot(verdict=verdict))
        assert polls.rows("SELECT battle_id, annotator_id, verdict FROM votes") == [
            (battle_id, polls.ada.id, verdict.value)
        ]
        assert reveal.verdict is verdict
        assert [(card.slot, card.key) for card in reveal.cards] == [
            ("A", "sphinx"),
            ("B", "kraken"),
        ]
        assert [card.winner for card in reveal.cards] == [
            verdict.winner == 0,
            verdict.winner == 1,
        ]
        record = polls.record(battle_id)
        assert record.state is BattleState.VOTED
        assert record.revealed_at == polls.clock.now()

    def test_a_card_shows_name_licence_description_and_links(self, polls: Polls) -> None:
        card = {"description": "Riddles.", "links": {"hub": "https://example.org/sphinx"}}
        with polls.database.writing() as connection:
            connection.execute(
                text("UPDATE models SET license = 'MIT', card = :card WHERE key = 'sphinx'"),
                {"card": json.dumps(card)},
            )
        battle_id = polls.battle()
        reveal = polls.vote(battle_id, Ballot(verdict=Verdict.B_BETTER))
        assert reveal.battle_id == battle_id
        links = {"hub": "https://example.org/sphinx"}
        assert reveal.cards == (
            ModelCard("A", "The sphinx model", "sphinx", "MIT", "Riddles.", links, winner=False),
            ModelCard("B", "The kraken model", "kraken", None, "", {}, winner=True),
        )

    def test_it_keeps_reasons_comment_reading_time_and_the_flag(self, polls: Polls) -> None:
        battle_id = polls.battle()
        polls.clock.let_pass(timedelta(seconds=42))
        chips = ((0, Reason.CORRECT), (1, Reason.SUPERFICIAL), (0, Reason.CORRECT))
        polls.vote(
            battle_id,
            Ballot(verdict=Verdict.A_BETTER, recognised=True, reasons=chips, comment=" =1+1 "),
        )
        assert polls.rows("SELECT comment, reading_s FROM votes") == [("=1+1", 42.0)]
        assert set(polls.rows("SELECT position, reason FROM vote_reasons")) == {
            (0, "correct"),
            (1, "superficial"),
        }
        assert polls.rows("SELECT kind FROM flags") == [("recognised",)]
        assert polls.rows("SELECT recognised FROM comparisons") == [(1,)]

    def test_a_vote_without_more_has_no_reason_no_comment_and_no_flag(self, polls: Polls) -> None:
        battle_id = polls.battle()
        polls.vote(battle_id)
        assert polls.rows("SELECT comment, reading_s FROM votes") == [("", 0.0)]
        assert polls.count("vote_reasons") == polls.count("flags") == 0
        assert polls.rows("SELECT recognised FROM comparisons") == [(0,)]

    def test_a_comment_may_be_as_long_as_the_limit_and_is_else_refused_with_both_lengths(
        self, polls: Polls
    ) -> None:
        battle_id = polls.battle()
        with pytest.raises(BadInput) as caught:
            polls.vote(battle_id, Ballot(verdict=Verdict.TIE, comment="x" * (LONGEST_COMMENT + 1)))
        assert refusal_of(caught) is Refusal.COMMENT_TOO_LONG
        assert caught.value.details == {"length": LONGEST_COMMENT + 1, "limit": LONGEST_COMMENT}
        polls.vote(battle_id, Ballot(verdict=Verdict.TIE, comment="x" * LONGEST_COMMENT))
        assert polls.rows("SELECT length(comment) FROM votes") == [(LONGEST_COMMENT,)]

    def test_no_reading_time_is_kept_when_the_clock_was_set_back(self, polls: Polls) -> None:
        battle_id = polls.battle()
        polls.clock.let_pass(timedelta(seconds=-3))
        polls.vote(battle_id)
        assert polls.rows("SELECT reading_s FROM votes") == [(None,)]

    @pytest.mark.parametrize(
        ("state", "refusal"),
        [
            (BattleState.GENERATING, Refusal.NOT_COMPLETE),
            (BattleState.STOPPED, Refusal.NOT_COMPLETE),
            (BattleState.VOID, Refusal.BATTLE_CLOSED),
            (BattleState.ABANDONED, Refusal.BATTLE_CLOSED),
        ],
    )
    def test_it_is_accepted_only_on_a_complete_battle(
        self, polls: Polls, state: BattleState, refusal: Refusal
    ) -> None:
        battle_id = polls.battle(state)
        with pytest.raises(Conflict) as caught:
            polls.vote(battle_id)
        assert refusal_of(caught) is refusal
        assert polls.count("votes") == 0

    def test_a_second_vote_or_a_late_click_is_refused_and_changes_nothing(
        self, polls: Polls
    ) -> None:
        battle_id = polls.battle()
        polls.vote(battle_id)
        for verdict in (Verdict.A_BETTER, Verdict.B_BETTER):
            with pytest.raises(Conflict) as caught:
                polls.vote(battle_id, Ballot(verdict=verdict))
            assert refusal_of(caught) is Refusal.ALREADY_VOTED
        assert polls.rows("SELECT verdict FROM votes") == [("a_better",)]

    def test_only_the_battles_own_annotator_may_vote(self, polls: Polls) -> None:
        battle_id = polls.battle(caller=polls.bob)
        with pytest.raises(NotAllowed) as caught:
            polls.vote(battle_id)
        assert refusal_of(caught) is Refusal.NOT_YOUR_BATTLE
        assert polls.count("votes") == 0

    def test_an_unknown_battle_is_not_found(self, polls: Polls) -> None:
        with pytest.raises(NotFound):
            polls.voting.cast(polls.ada, Shown(BattleId("no-such-battle"), ""), A_BETTER)

    @pytest.mark.parametrize(
        "ballot",
        [
            Ballot(),
            Ballot(verdict=Verdict.TIE, ranks=(1, 1)),
            Ballot(ranks=(1,)),
            Ballot(ranks=(1, 2, 3)),
            Ballot(ranks=(2, 2)),
            Ballot(ranks=(0, 1)),
            Ballot(ranks=(1, 3)),
            Ballot(verdict=Verdict.TIE, reasons=((2, Reason.USEFUL),)),
            Ballot(verdict=Verdict.TIE, reasons=((-1, Reason.USEFUL),)),
            Ballot(verdict=Verdict.TIE, comment="x" * (LONGEST_COMMENT + 1)),
        ],
        ids=repr,
    )
    def test_what_is_no_vote_is_refused_and_leaves_the_battle_open(
        self, polls: Polls, ballot: Ballot
    ) -> None:
        battle_id = polls.battle()
        with pytest.raises(BadInput):
            polls.vote(battle_id, ballot)
        assert polls.count("votes") == 0
        assert polls.record(battle_id).state is BattleState.COMPLETE


class TestConcurrentVotes:
    def test_of_50_contradictory_votes_at_once_exactly_one_is_stored(self, polls: Polls) -> None:
        battle_id = polls.battle()
        together = Barrier(50)

        def vote(verdict: Verdict) -> Reveal | Refusal:
            together.wait()
            try:
                return polls.vote(battle_id, Ballot(verdict=verdict))
            except Conflict as error:
                return error.refusal

        with ThreadPoolExecutor(50) as pool:
            outcomes = list(pool.map(vote, islice(cycle(Verdict), 50)))
        (accepted,) = [outcome for outcome in outcomes if isinstance(outcome, Reveal)]
        assert outcomes.count(Refusal.ALREADY_VOTED) == 49
        assert polls.rows("SELECT verdict FROM votes") == [(accepted.verdict,)]

    def test_votes_on_many_battles_at_once_are_all_stored(self, polls: Polls) -> None:
        battle_ids = [polls.battle() for _ in range(60)]
        with ThreadPoolExecutor(20) as pool:
            assert len(list(pool.map(polls.vote, battle_ids))) == 60
        assert polls.count("votes") == 60


class TestRanking:
    def comparisons(self, polls: Polls) -> set[tuple[Any, ...]]:
        return set(polls.rows("SELECT model_a, model_b, verdict FROM comparisons"))

    def test_three_slots_make_three_comparisons(self, three: Polls) -> None:
        three.vote(three.battle(), Ballot(ranks=(2, 1, 2)))
        assert self.comparisons(three) == {
            ("a", "b", "b_better"),
            ("a", "c", "tie"),
            ("b", "c", "a_better"),
        }

    def test_a_verdict_cannot_speak_of_three_slots(self, three: Polls) -> None:
        with pytest.raises(BadInput) as caught:
            three.vote(three.battle(), A_BETTER)
        assert refusal_of(caught) is Refusal.WRONG_VERDICT

    def test_two_slots_may_be_ranked(self, polls: Polls) -> None:
        polls.vote(polls.battle(), Ballot(ranks=(2, 1)))
        assert self.comparisons(polls) == {("sphinx", "kraken", "b_better")}

    def test_a_flag_on_one_slot_touches_only_its_comparisons(self, three: Polls) -> None:
        battle_id = three.battle()
        three.execute(
            "INSERT INTO replies (id, model_id, conversation_hash, text, reasoning, finish_reason,"
            f" created_at) VALUES (1, {three.contestants[ModelKey('c')].model_id}, 'h', 'cut', '',"
            " 'length', '2026-01-01')"
        )
        three.execute(f"INSERT INTO slot_replies VALUES ('{battle_id}', 1, 2, 1, 1)")
        three.execute(
            "INSERT INTO flags (kind, reply_id, detail, created_at)"
            " VALUES ('truncated', 1, '', '2026-01-01')"
        )
        three.vote(battle_id, Ballot(ranks=(1, 2, 3)))
        flagged = three.rows("SELECT model_a, model_b FROM comparisons WHERE truncated")
        assert set(flagged) == {("a", "c"), ("b", "c")}


def test_a_revision_changes_the_comparison_and_keeps_the_vote(polls: Polls) -> None:
    battle_id = polls.battle()
    polls.vote(battle_id)
    for number, verdict in enumerate(("b_better", "tie"), start=1):
        polls.execute(
            "INSERT INTO vote_revisions (vote_id, revision, verdict, who, why, at) SELECT id, "
            f"{number}, '{verdict}', annotator_id, 'slipped', created_at FROM votes"
        )
    assert polls.rows("SELECT verdict FROM comparisons") == [("tie",)]
    assert polls.rows("SELECT verdict FROM votes") == [("a_better",)]
