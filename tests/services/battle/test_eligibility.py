"""Whether a prompt may be sent: decided before any model is drawn, in words that name none."""

from collections.abc import Collection, Mapping
from typing import Any

import pytest

from arena.domain.battle import Action
from arena.domain.conversation import Message, ModelKey, Role
from arena.domain.errors import ArenaError, BadInput, Conflict, Refusal, Unavailable
from arena.inference.backend import ModelState
from arena.inference.errors import ContextExceeded
from arena.services.battle.eligibility import BattleRules, Eligibility
from arena.services.battle.opening import Opening
from arena.storage.database import Database
from tests.fakes.loop import VIRTUAL_TIME
from tests.fakes.models import ScriptedModels
from tests.fakes.playground import DatabaseMaker, Playground

KEYS = ("sphinx", "kraken", "hydra")


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


@pytest.fixture
def models() -> ScriptedModels:
    return ScriptedModels(*KEYS)


@pytest.fixture
def eligibility(models: ScriptedModels) -> Eligibility:
    return Eligibility(models, BattleRules(prompt_limit=1200))


def put(models: ScriptedModels, **states: ModelState) -> None:
    models.model_states |= {ModelKey(key): state for key, state in states.items()}


def room(models: ScriptedModels, **characters: int) -> None:
    models.contexts |= {ModelKey(key): limit for key, limit in characters.items()}


def assert_names_nobody(error: ArenaError) -> None:
    assert not any(key in f"{error} {error.details}" for key in KEYS)


@pytest.mark.parametrize("prompt", ["", " ", "\n\t", "　"])
def test_a_blank_prompt_is_refused(eligibility: Eligibility, prompt: str) -> None:
    with pytest.raises(BadInput) as caught:
        eligibility.check_prompt(prompt)
    assert caught.value.refusal is Refusal.EMPTY_PROMPT


def test_a_prompt_at_the_limit_is_accepted(eligibility: Eligibility) -> None:
    eligibility.check_prompt("x" * 1200)


def test_a_prompt_over_the_limit_is_refused_with_both_lengths(eligibility: Eligibility) -> None:
    with pytest.raises(BadInput) as caught:
        eligibility.check_prompt("word " * 3000)
    assert caught.value.refusal is Refusal.PROMPT_TOO_LONG
    assert caught.value.details == {"length": 15000, "limit": 1200}


@pytest.mark.anyio
class TestFirstPrompt:
    async def test_ready_models_with_room_are_eligible(
        self, eligibility: Eligibility, models: ScriptedModels
    ) -> None:
        room(models, hydra=3)
        assert await eligibility.models_for("Why?") == {"sphinx", "kraken"}

    async def test_models_measure_the_prompt_as_a_users_message(self) -> None:
        measured = []

        class Measuring(ScriptedModels):
            async def fits(
                self, messages: tuple[Message, ...], keys: Collection[ModelKey]
            ) -> Mapping[ModelKey, bool]:
                measured.append(messages)
                return await super().fits(messages, keys)

        await Eligibility(Measuring(*KEYS), BattleRules()).models_for("Why?")
        assert measured == [(Message(Role.USER, "Why?"),)]

    @pytest.mark.parametrize("state", [ModelState.FAILED, ModelState.STOPPED, ModelState.LOADING])
    async def test_only_ready_models_are_eligible(
        self, eligibility: Eligibility, models: ScriptedModels, state: ModelState
    ) -> None:
        put(models, hydra=state)
        assert await eligibility.models_for("Why?") == {"sphinx", "kraken"}

    async def test_while_models_load_the_annotator_is_asked_to_wait(
        self, eligibility: Eligibility, models: ScriptedModels
    ) -> None:
        put(models, sphinx=ModelState.LOADING, hydra=ModelState.FAILED)
        with pytest.raises(Unavailable) as caught:
            await eligibility.models_for("Why?")
        assert caught.value.refusal is Refusal.MODELS_LOADING
        assert_names_nobody(caught.value)

    async def test_with_nothing_left_to_load_there_are_too_few_models(
        self, eligibility: Eligibility, models: ScriptedModels
    ) -> None:
        put(models, sphinx=ModelState.FAILED, hydra=ModelState.STOPPED)
        with pytest.raises(Unavailable) as caught:
            await eligibility.models_for("Why?")
        assert caught.value.refusal is Refusal.TOO_FEW_MODELS
        assert_names_nobody(caught.value)

    @pytest.mark.parametrize(
        ("prompt", "limit"), [("天" * 500, 400), ("ﷺ" * 500, 600), ("\x01" * 500, 600)]
    )
    async def test_a_dense_prompt_is_refused_with_the_limit_of_its_script(
        self, eligibility: Eligibility, models: ScriptedModels, prompt: str, limit: int
    ) -> None:
        room(models, sphinx=499, kraken=499)
        with pytest.raises(BadInput) as caught:
            await eligibility.models_for(prompt)
        assert caught.value.refusal is Refusal.PROMPT_TOO_DENSE
        assert caught.value.details == {"length": 500, "limit": limit}

    async def test_the_limit_of_a_dense_script_is_a_whole_number_of_characters(
        self, models: ScriptedModels
    ) -> None:
        room(models, sphinx=499, kraken=499)
        with pytest.raises(BadInput) as caught:
            await Eligibility(models, BattleRules(prompt_limit=1000)).models_for("天" * 500)
        assert caught.value.details == {"length": 500, "limit": 333}

    async def test_the_limit_says_nothing_of_which_model_was_too_small(
        self, eligibility: Eligibility, models: ScriptedModels
    ) -> None:
        told = []
        for first, second in ((10, 400), (400, 10), (1, 2)):
            room(models, sphinx=first, kraken=second, hydra=100_000)
            with pytest.raises(BadInput) as caught:
                await eligibility.models_for("天" * 500)
            told.append(str(caught.value))
        assert len(set(told)) == 1

    async def test_a_model_that_dies_while_it_measures_is_waited_for(
        self, eligibility: Eligibility, models: ScriptedModels
    ) -> None:
        room(models, hydra=3)
        models.dying.add(ModelKey("kraken"))
        with pytest.raises(Unavailable) as caught:
            await eligibility.models_for("Why?")
        assert caught.value.refusal is Refusal.MODELS_LOADING
        assert_names_nobody(caught.value)

    async def test_enough_others_stand_in_for_a_model_that_dies(
        self, eligibility: Eligibility, models: ScriptedModels
    ) -> None:
        models.dying.add(ModelKey("kraken"))
        assert await eligibility.models_for("Why?") == {"sphinx", "hydra"}

    async def test_no_wait_helps_a_prompt_that_only_a_dying_model_may_have_room_for(
        self, eligibility: Eligibility, models: ScriptedModels
    ) -> None:
        room(models, sphinx=3, hydra=3)
        models.dying.add(ModelKey("kraken"))
        with pytest.raises(BadInput) as caught:
            await eligibility.models_for("Why?")
        assert caught.value.refusal is Refusal.PROMPT_TOO_DENSE


LIMIT = 300


async def refused_at(database: Database, *, order: tuple[str, str], small: str, wordy: str) -> str:
    """Follow-ups until one is refused: what was said of it, and how much stood there by then."""
    arena = Playground(database, rules=BattleRules(conversation_limit=LIMIT))
    arena.next_order(*order)
    room(arena.models, **{small: 60})
    arena.models.script(wordy, text="w" * 40)
    battle_id = await arena.completed()
    for turn in range(1, 100):
        try:
            await arena.next_turn(arena.ada, battle_id, "And then?")
        except ArenaError as error:
            view = await arena.battles.view(arena.ada, battle_id)
            assert Action.VOTE in view.actions
            return f"turn {turn}: {error}"
        await arena.rest(battle_id)
    raise AssertionError("nothing was refused")


@pytest.mark.anyio
class TestConversation:
    async def test_a_follow_up_is_refused_at_one_length_whoever_was_drawn_and_wrote_more(
        self, new_database: DatabaseMaker
    ) -> None:
        told = {
            await refused_at(new_database(), order=order, small=small, wordy=wordy)
            for order in (("sphinx", "kraken"), ("kraken", "sphinx"))
            for small in ("sphinx", "kraken")
            for wordy in ("sphinx", "kraken")
        }
        assert told == {"turn 7: conversation_full (length=347, limit=300)"}

    async def test_a_conversation_may_be_as_long_as_the_limit_and_no_longer(
        self, database: Database
    ) -> None:
        arena = Playground(database)
        battle = arena.record(await arena.completed("Why?"))
        length = len("Why?") + len("A short answer.") + len("And?")
        wide, narrow = (
            Eligibility(arena.models, BattleRules(conversation_limit=limit))
            for limit in (length, length - 1)
        )
        wide.check_conversation(battle, "And?")
        with pytest.raises(Conflict) as caught:
            narrow.check_conversation(battle, "And?")
        assert caught.value.details == {"length": length, "limit": length - 1}

    async def test_what_fits_the_arena_but_not_a_model_voids_the_battle_for_both(
        self, new_database: DatabaseMaker
    ) -> None:
        ends = []
        for small in ("sphinx", "kraken"):
            arena = Playground(new_database())
            arena.next_order("sphinx", "kraken")
            battle_id = await arena.completed()
            arena.models.script(small, fails_at=0, error=ContextExceeded("90 of 60 tokens"))
            await arena.next_turn(arena.ada, battle_id, "And?")
            ends.append((await arena.rest(battle_id)).turns[-1])
        assert ends[0] == ends[1]

    @pytest.mark.parametrize("gone", ["sphinx", "kraken"])
    @pytest.mark.parametrize(
        ("state", "refusal"),
        [
            (ModelState.LOADING, Refusal.MODELS_LOADING),
            (ModelState.STOPPED, Refusal.MODELS_LOADING),
            (ModelState.FAILED, Refusal.TOO_FEW_MODELS),
        ],
    )
    async def test_a_model_that_is_not_there_is_no_full_conversation(
        self, database: Database, gone: str, state: ModelState, refusal: Refusal
    ) -> None:
        arena = Playground(database)
        battle = arena.record(await arena.completed())
        put(arena.models, **{gone: state})
        with pytest.raises(Unavailable) as caught:
            Eligibility(arena.models, arena.rules).check_conversation(battle, "And?")
        assert caught.value.refusal is refusal
        assert_names_nobody(caught.value)

    async def test_a_full_conversation_stays_full_whoever_is_gone(self, database: Database) -> None:
        arena = Playground(database, rules=BattleRules(conversation_limit=20))
        battle = arena.record(await arena.completed())
        put(arena.models, kraken=ModelState.FAILED)
        with pytest.raises(Conflict) as caught:
            Eligibility(arena.models, arena.rules).check_conversation(battle, "And?")
        assert caught.value.refusal is Refusal.CONVERSATION_FULL


@pytest.mark.anyio
async def test_a_model_without_room_is_never_drawn(database: Database) -> None:
    arena = Playground(database, keys=KEYS)
    room(arena.models, hydra=3)
    for _ in range(12):
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        await arena.rest(battle_id)
    assert {asked.key for asked in arena.models.asked} == {"sphinx", "kraken"}
    await arena.generation.close()
