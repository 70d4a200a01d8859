"""The use cases of a battle up to the vote, on a real database and in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest

from arena.domain.accounts import Caller
from arena.domain.battle import Action, BattleId, BattleState, BattleView, Notice, Shown
from arena.domain.conversation import Message, ModelKey, Role
from arena.domain.errors import (
    ArenaError,
    BadInput,
    Conflict,
    NotAllowed,
    NotFound,
    Refusal,
    Unavailable,
)
from arena.domain.mode import Mode
from arena.domain.verdict import Verdict
from arena.services.battle.eligibility import BattleRules
from arena.services.battle.opening import Opening
from arena.services.battle.voting import Ballot
from arena.storage.battles import count_battles
from arena.storage.database import Database
from tests.fakes.loop import VIRTUAL_TIME
from tests.fakes.playground import REATTACH_S, Playground

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


@pytest.fixture
def arena(database: Database) -> Playground:
    return Playground(database)


def replies(view: BattleView) -> tuple[str, ...]:
    return view.turns[-1].replies


class TestStart:
    async def test_a_battle_generates_and_is_complete(self, arena: Playground) -> None:
        battle_id = await arena.battles.start(arena.ada, Opening("Why?", category="reasoning"))
        frames = await arena.frames(battle_id)
        assert {frame.state for frame in frames[:-1]} == {BattleState.GENERATING}
        assert frames[-1].state is BattleState.COMPLETE
        assert replies(frames[-1]) == ("A short answer.",) * 2
        record = arena.record(battle_id)
        assert record.category == "reasoning"
        assert record.language == "en"
        assert record.completed_at is not None

    async def test_both_slots_are_asked_within_20_ms(self, arena: Playground) -> None:
        await arena.completed()
        times = [asked.at for asked in arena.models.asked]
        assert len(times) == 2
        assert max(times) - min(times) <= 0.020

    async def test_the_language_is_identified_unless_the_annotator_chose(
        self, arena: Playground
    ) -> None:
        detected = await arena.completed("天空为什么是蓝色的？")
        chosen = await arena.battles.start(arena.ada, Opening("Où?", language="fr"))
        assert arena.record(detected).language == "zh"
        assert arena.record(chosen).language == "fr"
        await arena.generation.close()

    async def test_what_is_told_of_a_new_battle_is_what_the_ledger_holds(
        self, arena: Playground
    ) -> None:
        opening = Opening("Why?", category="reasoning", language="fr")
        created, replaced = arena.store.create(arena.ada, opening, arena.choose)
        assert created == arena.record(created.id)
        assert (replaced, arena.store.open_battle(arena.ada)) == ((), created.id)
        _, replaced = arena.store.create(arena.ada, opening, arena.choose)
        assert replaced == (created.id,)

    async def test_the_chance_that_a_pair_had_is_stored(self, database: Database) -> None:
        arena = Playground(database, keys=("a", "b", "c"))
        await arena.completed()
        assert arena.rows("SELECT pair_probability FROM battles") == [(pytest.approx(1 / 3),)]

    async def test_characters_of_every_script_arrive_whole(self, arena: Playground) -> None:
        text = "天空是蓝色的，因为散射 🌈 é"
        arena.models.script_all(text=text, characters_per_token=1)
        battle_id = await arena.completed("天空为什么是蓝色的？")
        assert replies(await arena.rest(battle_id)) == (text, text)

    async def test_an_opaque_id_names_the_battle(self, arena: Playground) -> None:
        first, second = await arena.completed(), await arena.completed()
        assert first != second
        assert not set(arena.models.scripts) & {first, second}

    @pytest.mark.parametrize("prompt", ["", "  \n\t"])
    async def test_an_empty_prompt_is_refused(self, arena: Playground, prompt: str) -> None:
        with pytest.raises(BadInput) as caught:
            await arena.battles.start(arena.ada, Opening(prompt))
        assert caught.value.refusal is Refusal.EMPTY_PROMPT

    async def test_after_a_refusal_nothing_has_changed(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        with pytest.raises(BadInput):
            await arena.battles.start(arena.ada, Opening("x" * 201))
        assert arena.record(battle_id).state is BattleState.COMPLETE
        assert arena.rows("SELECT count(*) FROM battles") == [(1,)]
        assert arena.rows("SELECT sum(drawn) FROM draws") == [(1,)]

    async def test_the_sides_of_concurrent_starts_are_balanced(self, arena: Playground) -> None:
        callers = [arena.annotator(f"annotator-{number}") for number in range(40)]
        await asyncio.gather(*(arena.battles.start(caller, Opening("Why?")) for caller in callers))
        await arena.generation.close()
        assert arena.rows("SELECT sum(drawn) FROM draws") == [(40,)]
        assert arena.rows("SELECT max(drawn) - min(drawn) <= 10 FROM draws") == [(1,)]

    async def test_three_slots_are_as_good_as_two(self, database: Database) -> None:
        arena = Playground(database, keys=("a", "b", "c"), rules=BattleRules(mode=Mode(slots=3)))
        view = await arena.rest(await arena.completed())
        assert view.slots == 3
        assert len(replies(view)) == 3
        assert len({asked.key for asked in arena.models.asked}) == 3

    async def test_held_answers_come_together(self, database: Database) -> None:
        arena = Playground(database, rules=BattleRules(hold=True))
        text = "word " * 40
        arena.models.script_all(text=text)
        arena.models.script("kraken", tokens_per_second=10)
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        shown = {replies(frame) for frame in await arena.frames(battle_id)}
        assert shown == {("", ""), (text, text)}


class TestNewBattle:
    async def test_it_abandons_the_open_one_and_stops_its_streams(self, arena: Playground) -> None:
        arena.models.script_all(endless=True)
        first = await arena.battles.start(arena.ada, Opening("Why?"))
        await asyncio.sleep(1)
        arena.models.script_all(endless=False)
        second = await arena.battles.start(arena.ada, Opening("How?"))
        assert arena.record(first).state is BattleState.ABANDONED
        assert (await arena.rest(second)).state is BattleState.COMPLETE
        assert arena.models.open == 0
        assert len(arena.generation) == 0

    async def test_the_replies_of_an_abandoned_battle_are_kept(self, arena: Playground) -> None:
        arena.models.script_all(endless=True)
        first = await arena.battles.start(arena.ada, Opening("Why?"))
        await asyncio.sleep(1)
        await arena.battles.abandon(arena.ada)
        record = arena.record(first)
        assert record.state is BattleState.ABANDONED
        assert all(reply.text for reply in record.turns[0].replies)

    async def test_the_watcher_of_an_abandoned_battle_learns_of_it(self, arena: Playground) -> None:
        arena.models.script_all(endless=True)
        first = await arena.battles.start(arena.ada, Opening("Why?"))
        watching = asyncio.create_task(arena.frames(first))
        await asyncio.sleep(1)
        await arena.battles.abandon(arena.ada)
        assert (await watching)[-1].state is BattleState.ABANDONED

    async def test_the_battles_of_others_go_on(self, arena: Playground) -> None:
        theirs = await arena.completed(caller=arena.bob)
        await arena.completed()
        assert arena.record(theirs).state is BattleState.COMPLETE

    async def test_abandoning_without_an_open_battle_does_nothing(self, arena: Playground) -> None:
        await arena.battles.abandon(arena.ada)

    async def test_battles_left_open_for_a_day_are_abandoned(self, arena: Playground) -> None:
        old = await arena.completed()
        arena.clock.let_pass(timedelta(hours=25))
        recent = await arena.completed(caller=arena.bob)
        assert await arena.battles.abandon_old() == 1
        assert arena.record(old).state is BattleState.ABANDONED
        assert arena.record(recent).state is BattleState.COMPLETE


class TestNextTurn:
    async def test_it_carries_the_history_of_each_slot(self, arena: Playground) -> None:
        arena.next_order("sphinx", "kraken")
        arena.models.script("sphinx", text="Riddle.")
        arena.models.script("kraken", text="Storm.")
        battle_id = await arena.completed("Who?")
        await arena.next_turn(arena.ada, battle_id, "And then?")
        view = await arena.rest(battle_id)
        assert [turn.prompt for turn in view.turns] == ["Who?", "And then?"]
        assert [turn.number for turn in arena.record(battle_id).turns] == [1, 2]
        assert view.turns[0].replies == ("Riddle.", "Storm.")
        for asked in arena.models.asked[2:]:
            answer = {"sphinx": "Riddle.", "kraken": "Storm."}[asked.key]
            assert asked.request.messages == (
                Message(Role.USER, "Who?"),
                Message(Role.ASSISTANT, answer),
                Message(Role.USER, "And then?"),
            )

    async def test_every_turn_is_shown_once_and_in_order(self, arena: Playground) -> None:
        battle_id = await arena.completed("One?")
        prompts = ["One?"]
        assert [turn.prompt for turn in (await arena.rest(battle_id)).turns] == prompts
        for prompt in ("Two?", "Three?"):
            prompts.append(prompt)
            await arena.next_turn(arena.ada, battle_id, prompt)
            assert [turn.prompt for turn in (await arena.rest(battle_id)).turns] == prompts

    async def test_earlier_turns_stay_on_the_screen_while_the_next_generates(
        self, arena: Playground
    ) -> None:
        battle_id = await arena.completed("Who?")
        await arena.next_turn(arena.ada, battle_id, "And then?")
        frames = await arena.frames(battle_id)
        assert all(frame.turns[0].replies == ("A short answer.",) * 2 for frame in frames)
        assert replies(frames[0]) == ("", "")

    async def test_a_battle_stays_with_its_models(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        before = arena.record(battle_id).slots
        await arena.next_turn(arena.ada, battle_id, "And then?")
        await arena.rest(battle_id)
        assert arena.record(battle_id).slots == before
        assert arena.rows("SELECT sum(drawn) FROM draws") == [(1,)]

    async def test_it_is_refused_while_answers_are_written(self, arena: Playground) -> None:
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        with pytest.raises(Conflict) as caught:
            await arena.next_turn(arena.ada, battle_id, "And?")
        assert caught.value.refusal is Refusal.STILL_GENERATING
        await arena.generation.close()

    async def test_it_is_refused_on_a_stopped_battle(self, arena: Playground) -> None:
        battle_id = await stopped(arena)
        with pytest.raises(Conflict) as caught:
            await arena.next_turn(arena.ada, battle_id, "And?")
        assert caught.value.refusal is Refusal.NOT_COMPLETE

    async def test_it_is_refused_after_the_vote(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        arena.cast(arena.ada, battle_id, Ballot(verdict=Verdict.TIE))
        with pytest.raises(Conflict) as caught:
            await arena.next_turn(arena.ada, battle_id, "And?")
        assert caught.value.refusal is Refusal.ALREADY_VOTED

    async def test_a_history_that_fits_no_more_is_refused_and_can_still_be_voted_on(
        self, arena: Playground
    ) -> None:
        battle_id = await arena.completed("Why? " * 40)
        with pytest.raises(Conflict) as caught:
            await arena.next_turn(arena.ada, battle_id, "And then what? " * 10)
        assert caught.value.refusal is Refusal.CONVERSATION_FULL
        assert Action.VOTE in (await arena.battles.view(arena.ada, battle_id)).actions
        assert len(arena.record(battle_id).turns) == 1

    async def test_it_waits_for_models_that_must_be_brought_back_into_memory(
        self, arena: Playground
    ) -> None:
        battle_id = await arena.completed()
        arena.models.in_memory = False
        with pytest.raises(Unavailable) as caught:
            await arena.next_turn(arena.ada, battle_id, "And?")
        assert caught.value.refusal is Refusal.MODELS_LOADING
        assert len(arena.record(battle_id).turns) == 1
        arena.models.in_memory = True
        await arena.next_turn(arena.ada, battle_id, "And?")
        assert (await arena.rest(battle_id)).state is BattleState.COMPLETE

    async def test_two_next_turns_at_once_are_one(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        outcomes = await asyncio.gather(
            *(arena.next_turn(arena.ada, battle_id, "And?") for _ in range(5)),
            return_exceptions=True,
        )
        assert sum(outcome is None for outcome in outcomes) == 1
        assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 4
        assert len((await arena.rest(battle_id)).turns) == 2


async def stopped(arena: Playground) -> str:
    """A battle that was stopped in the middle of its answers."""
    arena.models.script_all(endless=True)
    battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
    await asyncio.sleep(1)
    await arena.battles.stop(arena.ada, battle_id)
    arena.models.script_all(endless=False)
    return battle_id


class TestStop:
    async def test_it_stores_only_what_was_visible(self, arena: Playground) -> None:
        arena.models.script("kraken", endless=True, tokens_per_second=10)
        arena.models.script("sphinx", endless=True, tokens_per_second=100)
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        watching = asyncio.create_task(arena.frames(battle_id))
        await asyncio.sleep(2)
        await arena.battles.stop(arena.ada, battle_id)
        frames = await watching
        assert replies(frames[-1]) == replies(frames[-2])
        stored = [reply.text for reply in arena.record(battle_id).turns[0].replies]
        assert stored == list(replies(frames[-1]))
        assert len({len(text) for text in stored}) == 1

    async def test_a_stopped_battle_offers_retry_and_refuses_a_vote(
        self, arena: Playground
    ) -> None:
        battle_id = await stopped(arena)
        view = await arena.battles.view(arena.ada, battle_id)
        assert view.notice is Notice.STOPPED
        assert view.actions == {Action.RETRY}
        with pytest.raises(Conflict) as caught:
            arena.cast(arena.ada, battle_id, Ballot(verdict=Verdict.TIE))
        assert caught.value.refusal is Refusal.NOT_COMPLETE

    async def test_stopping_a_complete_battle_is_refused(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        with pytest.raises(Conflict) as caught:
            await arena.battles.stop(arena.ada, battle_id)
        assert caught.value.refusal is Refusal.NOTHING_TO_STOP

    async def test_stop_twice_at_once_is_one_stop(self, arena: Playground) -> None:
        arena.models.script_all(endless=True)
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        await asyncio.gather(*(arena.battles.stop(arena.ada, battle_id) for _ in range(2)))
        assert arena.record(battle_id).state is BattleState.STOPPED

    async def test_a_battle_whose_generation_was_lost_can_be_stopped(
        self, arena: Playground
    ) -> None:
        created, _ = arena.store.create(arena.ada, Opening("Why?"), arena.choose)
        await arena.battles.stop(arena.ada, created.id)
        view = await arena.battles.view(arena.ada, created.id)
        assert (view.state, replies(view)) == (BattleState.STOPPED, ("", ""))


class TestRetry:
    async def test_it_regenerates_every_slot_and_keeps_the_earlier_attempts(
        self, arena: Playground
    ) -> None:
        battle_id = await stopped(arena)
        assert await arena.battles.retry(arena.ada, battle_id) == battle_id
        frames = await arena.frames(battle_id)
        assert replies(frames[0]) == ("", "")
        assert replies(frames[-1]) == ("A short answer.",) * 2
        assert frames[-1].state is BattleState.COMPLETE
        attempts = "SELECT position, attempt FROM slot_replies ORDER BY position, attempt"
        assert arena.rows(attempts) == [(0, 1), (0, 2), (1, 1), (1, 2)]

    async def test_a_complete_battle_has_nothing_to_retry(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        with pytest.raises(Conflict) as caught:
            await arena.battles.retry(arena.ada, battle_id)
        assert caught.value.refusal is Refusal.NOTHING_TO_RETRY

    async def test_two_retries_at_once_are_one(self, arena: Playground) -> None:
        battle_id = await stopped(arena)
        outcomes = await asyncio.gather(
            *(arena.battles.retry(arena.ada, battle_id) for _ in range(3)), return_exceptions=True
        )
        assert sum(outcome == battle_id for outcome in outcomes) == 1
        await arena.rest(battle_id)
        assert arena.rows("SELECT max(attempt) FROM slot_replies") == [(2,)]


class TestVoid:
    @pytest.mark.parametrize("side", [0, 1])
    @pytest.mark.parametrize("failure", [{"fails_at": 0}, {"fails_at": 2}, {"text": ""}], ids=str)
    async def test_a_failing_or_empty_slot_voids_the_battle_in_the_same_words(
        self, arena: Playground, side: int, failure: dict[str, Any]
    ) -> None:
        arena.next_order("sphinx", "kraken")
        arena.models.script(("sphinx", "kraken")[side], **failure)
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        view = await arena.rest(battle_id)
        assert view.state is BattleState.VOID
        assert view.notice is Notice.VOID
        assert view.actions == {Action.RETRY}
        assert view.turns[-1].prompt == "Why?"
        assert len({len(reply) for reply in replies(view)}) == 1
        assert "engine" not in repr(view)
        with pytest.raises(Conflict) as caught:
            arena.cast(arena.ada, battle_id, Ballot(verdict=Verdict.TIE))
        assert caught.value.refusal is Refusal.BATTLE_CLOSED

    async def test_the_cause_is_stored_and_logged_for_the_admin(
        self, arena: Playground, caplog: pytest.LogCaptureFixture
    ) -> None:
        arena.models.script("kraken", fails_at=1)
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        await arena.rest(battle_id)
        causes = "SELECT finish_reason, error FROM replies ORDER BY finish_reason DESC"
        assert arena.rows(causes) == [
            ("error", "InferenceError: the engine went away"),
            ("cancelled", None),
        ]
        assert "kraken failed" in caplog.text

    async def test_a_retry_draws_a_fresh_pair_for_the_same_prompt(self, arena: Playground) -> None:
        arena.models.script("kraken", fails_at=1)
        void = await arena.battles.start(arena.ada, Opening("Why?", "coding", "fr"))
        await arena.rest(void)
        arena.models.script("kraken", fails_at=None)
        again = await arena.battles.retry(arena.ada, void)
        assert again != void
        assert (await arena.rest(again)).state is BattleState.COMPLETE
        record = arena.record(again)
        assert (record.turns[0].prompt, record.category, record.language) == (
            "Why?",
            "coding",
            "fr",
        )
        assert arena.record(void).state is BattleState.VOID
        assert arena.rows("SELECT sum(drawn) FROM draws") == [(2,)]


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


class TestReload:
    async def test_it_brings_the_open_battle_back(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        current = await arena.battles.current(arena.ada)
        assert current == await arena.battles.view(arena.ada, battle_id)
        assert await arena.battles.current(arena.bob) is None

    async def test_within_15_s_it_re_attaches_to_the_running_answers(
        self, arena: Playground
    ) -> None:
        arena.models.script_all(text="x" * 8000)
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        await self.leave_after_two_frames(arena, battle_id)
        await asyncio.sleep(REATTACH_S - 2)
        current = await arena.battles.current(arena.ada)
        assert current is not None
        assert current.state is BattleState.GENERATING
        assert 4000 < len(replies(current)[0]) < 8000
        last = await arena.rest(battle_id)
        assert last.state is BattleState.COMPLETE
        assert replies(last) == ("x" * 8000,) * 2

    async def test_after_15_s_the_battle_is_stopped(self, arena: Playground) -> None:
        arena.models.script_all(endless=True)
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        await self.leave_after_two_frames(arena, battle_id)
        await asyncio.sleep(REATTACH_S + 1)
        current = await arena.battles.current(arena.ada)
        assert current is not None
        assert current.state is BattleState.STOPPED
        assert arena.models.open == 0

    async def leave_after_two_frames(self, arena: Playground, battle_id: str) -> None:
        async with aclosing(arena.battles.frames(arena.ada, battle_id)) as frames:
            await anext(frames)
            await anext(frames)

    async def test_frames_of_a_battle_at_rest_are_one_view(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        assert await arena.frames(battle_id) == [await arena.battles.view(arena.ada, battle_id)]

    async def test_two_tabs_see_the_same_end(self, arena: Playground) -> None:
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        first, second = await asyncio.gather(arena.rest(battle_id), arena.rest(battle_id))
        assert first == second

    async def test_after_a_crash_interrupted_battles_are_stopped_and_can_be_retried(
        self, arena: Playground
    ) -> None:
        created, _ = arena.store.create(arena.ada, Opening("Why?"), arena.choose)
        complete = await arena.completed(caller=arena.bob)
        arena.battles.recover()
        assert arena.record(created.id).state is BattleState.GENERATING
        arena.leave_to_a_dead_server(created.id)
        arena.battles.recover()
        assert arena.record(created.id).state is BattleState.STOPPED
        assert arena.record(complete).state is BattleState.COMPLETE
        await arena.battles.retry(arena.ada, created.id)
        assert (await arena.rest(created.id)).state is BattleState.COMPLETE


class TestOthers:
    @pytest.mark.parametrize(
        "use_case",
        ["next_turn", "stop", "retry", "withdraw_turn", "continue_cut", "view", "frames"],
    )
    @pytest.mark.parametrize("moment", ["generating", "complete", "voted"])
    async def test_nobody_else_may_do_or_see_anything(
        self, arena: Playground, use_case: str, moment: str
    ) -> None:
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        if moment != "generating":
            await arena.rest(battle_id)
        if moment == "voted":
            arena.cast(arena.ada, battle_id, Ballot(verdict=Verdict.TIE))
        before = arena.record(battle_id)
        with pytest.raises(NotAllowed) as caught:
            await self.call(arena, use_case, arena.bob, battle_id)
        assert caught.value.refusal is Refusal.NOT_YOUR_BATTLE
        assert arena.record(battle_id) == before
        await arena.generation.close()

    @pytest.mark.parametrize(
        "use_case",
        ["next_turn", "stop", "retry", "withdraw_turn", "continue_cut", "view", "frames"],
    )
    async def test_an_unknown_battle_is_not_found(self, arena: Playground, use_case: str) -> None:
        if use_case == "next_turn":
            unknown = Shown(BattleId("no-such-battle"), "")
            asked = arena.battles.next_turn(arena.ada, unknown, "And?")
        else:
            asked = self.call(arena, use_case, arena.ada, "no-such-battle")
        with pytest.raises(NotFound):
            await asked

    async def call(self, arena: Playground, use_case: str, caller: Caller, battle_id: str) -> None:
        if use_case == "frames":
            await arena.frames(battle_id, caller)
        elif use_case == "next_turn":
            await arena.next_turn(caller, battle_id, "And?")
        else:
            await getattr(arena.battles, use_case)(caller, battle_id)


class TestRaces:
    """Somebody else was faster between reading a battle and changing it."""

    async def test_a_next_turn_after_a_vote_in_another_tab_is_told_so(
        self, arena: Playground
    ) -> None:
        read_before = arena.record(await arena.completed())
        arena.cast(arena.ada, read_before.id, Ballot(verdict=Verdict.TIE))
        with pytest.raises(Conflict) as caught:
            arena.store.add_turn(read_before, "And?")
        assert caught.value.refusal is Refusal.ALREADY_VOTED

    async def test_a_retry_of_a_battle_that_was_abandoned_meanwhile_is_told_so(
        self, arena: Playground
    ) -> None:
        read_before = arena.record(await stopped(arena))
        await arena.battles.abandon(arena.ada)
        with pytest.raises(Conflict) as caught:
            arena.store.reopen(read_before)
        assert caught.value.refusal is Refusal.BATTLE_CLOSED

    async def test_a_next_turn_after_a_continuation_was_stopped_in_another_tab_is_refused(
        self, arena: Playground
    ) -> None:
        read_before = arena.record(await arena.completed())
        arena.store.reopen(read_before)
        arena.store.stop_lost(read_before)
        with pytest.raises(Conflict) as caught:
            arena.store.add_turn(read_before, "And?")
        assert caught.value.refusal is Refusal.PAGE_OUTDATED
        found = arena.record(read_before.id)
        assert (found.state, found.turns) == (BattleState.STOPPED, read_before.turns)

    async def test_a_stop_that_comes_when_all_is_written_has_nothing_to_stop(
        self, arena: Playground
    ) -> None:
        read_before = arena.record(await arena.battles.start(arena.ada, Opening("Why?")))
        await arena.rest(read_before.id)
        with pytest.raises(Conflict) as caught:
            arena.store.stop_lost(read_before)
        assert caught.value.refusal is Refusal.NOTHING_TO_STOP


class TestRemovedModel:
    """The arena was restarted without a model of an open battle."""

    async def test_a_retry_is_refused_and_changes_nothing(self, arena: Playground) -> None:
        battle_id = await stopped(arena)
        await self.refused(arena, battle_id, arena.battles.retry)

    async def test_a_continuation_is_refused_and_changes_nothing(self, arena: Playground) -> None:
        arena.models.script_all(budget=4)
        battle_id = await arena.completed()
        await self.refused(arena, battle_id, arena.battles.continue_cut)

    async def test_a_next_turn_is_refused_and_changes_nothing(self, arena: Playground) -> None:
        battle_id = await arena.completed()

        async def next_turn(caller: Caller, battle_id: str) -> None:
            await arena.next_turn(caller, battle_id, "And?")

        await self.refused(arena, battle_id, next_turn)

    async def refused(
        self, arena: Playground, battle_id: str, use_case: Callable[[Caller, str], Awaitable[Any]]
    ) -> None:
        before = arena.record(battle_id)
        del arena.contestants[ModelKey("kraken")]
        with pytest.raises(Unavailable) as caught:
            await use_case(arena.ada, battle_id)
        assert caught.value.refusal is Refusal.TOO_FEW_MODELS
        assert "kraken" not in str(caught.value)
        assert arena.record(battle_id) == before


async def test_two_hundred_battles_leave_nothing_behind(arena: Playground) -> None:
    tasks_before = len(asyncio.all_tasks())
    for number in range(200):
        arena.models.script_all(fails_at=1 if number % 5 == 1 else None, endless=number % 5 == 2)
        caller = (arena.ada, arena.bob)[number % 2]
        battle_id = await arena.battles.start(caller, Opening("Why?"))
        match number % 5:
            case 0 | 1:
                await arena.frames(battle_id, caller)
            case 2:
                await arena.battles.stop(caller, battle_id)
            case 3:
                await arena.battles.abandon(caller)
    await arena.generation.close()
    assert len(asyncio.all_tasks()) == tasks_before
    assert len(arena.generation) == 0
    assert arena.models.open == 0
    with arena.database.reading() as connection:
        counts = count_battles(connection)
    assert BattleState.GENERATING not in counts
    assert sum(counts.values()) == 200


async def test_refusals_never_carry_the_name_of_a_model(arena: Playground) -> None:
    arena.models.contexts = dict.fromkeys(arena.models.contexts, 3)
    for prompt in ("", "x" * 201, "Why is the sky blue?"):
        with pytest.raises(ArenaError) as caught:
            await arena.battles.start(arena.ada, Opening(prompt))
        assert not any(key in repr(caught.value.__dict__) for key in arena.contestants)
