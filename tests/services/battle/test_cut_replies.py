"""Replies that were cut at the budget are continued."""

import asyncio
from typing import Any

import pytest

from arena.domain.battle import Action, BattleState, Notice
from arena.domain.conversation import Message, Role
from arena.domain.errors import Conflict, Refusal
from arena.domain.verdict import Verdict
from arena.services.battle.eligibility import BattleRules
from arena.services.battle.voting import Ballot
from arena.storage.database import Database
from tests.fakes.loop import VIRTUAL_TIME
from tests.fakes.playground import Playground
from tests.services.battle.in_play import replies

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


class TestCutReplies:
    @pytest.fixture
    def cut(self, arena: Playground) -> Playground:
        """Slot A ends by itself, slot B is cut at 40 characters."""
        arena.next_order("sphinx", "kraken")
        arena.models.script("sphinx", text="s" * 60)
        arena.models.script("kraken", text="k" * 100, budget=40)
        return arena

    async def test_one_notice_for_the_battle_and_an_offer_to_continue(
        self, cut: Playground
    ) -> None:
        view = await cut.rest(await cut.completed())
        assert view.truncated
        assert view.notice is Notice.LENGTH_LIMIT
        assert view.actions == {Action.VOTE, Action.NEXT_TURN, Action.CONTINUE}

    async def test_continue_extends_the_cut_slot_alone(self, cut: Playground) -> None:
        battle_id = await cut.completed()
        first, _ = cut.record(battle_id).turns[0].replies
        await cut.battles.continue_cut(cut.ada, battle_id)
        frames = await cut.frames(battle_id)
        assert all(replies(frame)[0] == "s" * 60 for frame in frames)
        assert all(replies(frame)[1].startswith("k" * 40) for frame in frames)
        assert replies(frames[-1]) == ("s" * 60, "k" * 80)
        assert cut.record(battle_id).turns[0].replies[0] == first
        assert [asked.key for asked in cut.models.asked[2:]] == ["kraken"]

    async def test_a_reply_continued_to_its_end_is_no_longer_truncated(
        self, cut: Playground
    ) -> None:
        battle_id = await cut.completed()
        for expected in (80, 100):
            await cut.battles.continue_cut(cut.ada, battle_id)
            assert len(replies(await cut.rest(battle_id))[1]) == expected
        view = await cut.battles.view(cut.ada, battle_id)
        assert not view.truncated
        cut.cast(cut.ada, battle_id, Ballot(verdict=Verdict.TIE))
        assert cut.rows("SELECT truncated FROM comparisons") == [(0,)]
        chain = "SELECT id, continues_id FROM replies WHERE text LIKE 'k%' ORDER BY id"
        (one, _), (two, after_one), (_, after_two) = cut.rows(chain)
        assert (after_one, after_two) == (one, two)

    async def test_still_cut_it_can_be_voted_on_and_is_flagged(self, cut: Playground) -> None:
        battle_id = await cut.completed()
        cut.cast(cut.ada, battle_id, Ballot(verdict=Verdict.A_BETTER))
        assert cut.rows("SELECT truncated FROM comparisons") == [(1,)]

    async def test_the_next_turn_sends_the_continued_text(self, cut: Playground) -> None:
        battle_id = await cut.completed()
        await cut.battles.continue_cut(cut.ada, battle_id)
        await cut.rest(battle_id)
        await cut.next_turn(cut.ada, battle_id, "And?")
        await cut.rest(battle_id)
        histories = {asked.key: asked.request.messages[1].content for asked in cut.models.asked[3:]}
        assert histories == {"sphinx": "s" * 60, "kraken": "k" * 80}

    async def test_a_reply_cut_too_early_to_tell_a_speed_is_continued_as_well(
        self, cut: Playground
    ) -> None:
        cut.models.script("sphinx", text="Yes.")
        cut.models.script("kraken", text="No, never.", budget=4)
        battle_id = await cut.completed()
        await cut.battles.continue_cut(cut.ada, battle_id)
        assert replies(await cut.rest(battle_id)) == ("Yes.", "No, neve")

    async def test_both_cut_slots_are_continued_together(self, cut: Playground) -> None:
        cut.models.script("sphinx", budget=40)
        battle_id = await cut.completed()
        await cut.battles.continue_cut(cut.ada, battle_id)
        assert replies(await cut.rest(battle_id)) == ("s" * 60, "k" * 80)

    async def test_both_cut_slots_are_seen_to_grow(self, cut: Playground) -> None:
        cut.models.script_all(text="word " * 20, budget=40, tokens_per_second=10)
        battle_id = await cut.completed()
        await cut.battles.continue_cut(cut.ada, battle_id)
        lengths = {len(replies(frame)[1]) for frame in await cut.frames(battle_id)}
        assert any(40 < length < 80 for length in lengths)

    async def test_held_answers_that_are_both_continued_wait_for_no_slower_model(
        self, database: Database
    ) -> None:
        arena = Playground(database, rules=BattleRules(hold=True))
        arena.models.script_all(text="word " * 16, budget=30)
        battle_id = await arena.completed()
        began = arena.clock.monotonic()
        await arena.battles.continue_cut(arena.ada, battle_id)
        assert [len(reply) for reply in replies(await arena.rest(battle_id))] == [60, 60]
        assert arena.clock.monotonic() - began < 2

    async def test_a_reply_continued_in_a_later_turn_carries_its_own_sides_history(
        self, cut: Playground
    ) -> None:
        cut.models.script("kraken", text="k" * 100, budget=None)
        battle_id = await cut.completed("Who?")
        cut.models.script("kraken", budget=40)
        await cut.next_turn(cut.ada, battle_id, "And then?")
        await cut.rest(battle_id)
        await cut.battles.continue_cut(cut.ada, battle_id)
        await cut.rest(battle_id)
        request = cut.models.asked[-1].request
        assert request.partial_reply == "k" * 40
        assert request.messages == (
            Message(Role.USER, "Who?"),
            Message(Role.ASSISTANT, "k" * 100),
            Message(Role.USER, "And then?"),
        )

    async def test_nothing_to_continue_is_a_refusal(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        with pytest.raises(Conflict) as caught:
            await arena.battles.continue_cut(arena.ada, battle_id)
        assert caught.value.refusal is Refusal.NOTHING_TO_CONTINUE

    async def test_a_failing_continuation_voids_the_battle(self, cut: Playground) -> None:
        battle_id = await cut.completed()
        cut.models.script("kraken", fails_at=0)
        await cut.battles.continue_cut(cut.ada, battle_id)
        assert (await cut.rest(battle_id)).state is BattleState.VOID

    async def test_a_stopped_continuation_is_retried_from_the_beginning(
        self, cut: Playground
    ) -> None:
        battle_id = await cut.completed()
        cut.models.script("kraken", endless=True)
        await cut.battles.continue_cut(cut.ada, battle_id)
        await asyncio.sleep(1)
        await cut.battles.stop(cut.ada, battle_id)
        cut.models.script_all(endless=False, budget=None)
        await cut.battles.retry(cut.ada, battle_id)
        assert replies(await cut.rest(battle_id)) == ("s" * 60, "k" * 100)
        assert [asked.request.partial_reply for asked in cut.models.asked[-2:]] == ["", ""]
