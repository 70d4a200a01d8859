"""Whether a prompt may be sent: decided before any model is drawn, in words that name none."""

from typing import Any

import pytest

from arena.domain.conversation import ModelKey
from arena.domain.errors import ArenaError, BadInput, Conflict, Refusal, Unavailable
from arena.inference.backend import ModelState
from arena.services.battle_store import Opening
from arena.services.eligibility import BattleRules, Eligibility
from arena.storage.database import Database
from tests.fakes.loop import VIRTUAL_TIME
from tests.fakes.models import ScriptedModels
from tests.fakes.playground import Playground

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


@pytest.mark.anyio
class TestHistory:
    @pytest.mark.parametrize("full", ["sphinx", "kraken"])
    async def test_one_full_context_refuses_the_turn_for_all(
        self, database: Database, full: str
    ) -> None:
        arena = Playground(database)
        battle = arena.record(await arena.completed())
        eligibility = Eligibility(arena.models, arena.rules)
        await eligibility.check_history(battle, "And?")
        room(arena.models, **{full: len("Why?" + "A short answer." + "And?") - 1})
        with pytest.raises(Conflict) as caught:
            await eligibility.check_history(battle, "And?")
        assert caught.value.refusal is Refusal.CONVERSATION_FULL
        assert_names_nobody(caught.value)

    @pytest.mark.parametrize("gone", ["sphinx", "kraken"])
    @pytest.mark.parametrize(
        ("state", "refusal"),
        [
            (ModelState.LOADING, Refusal.MODELS_LOADING),
            (ModelState.READY, Refusal.MODELS_LOADING),
            (ModelState.FAILED, Refusal.TOO_FEW_MODELS),
        ],
    )
    async def test_a_model_that_is_not_there_is_no_full_conversation(
        self, database: Database, gone: str, state: ModelState, refusal: Refusal
    ) -> None:
        arena = Playground(database)
        battle = arena.record(await arena.completed())
        put(arena.models, **{gone: state})
        arena.models.dying.add(ModelKey(gone))
        with pytest.raises(Unavailable) as caught:
            await Eligibility(arena.models, arena.rules).check_history(battle, "And?")
        assert caught.value.refusal is refusal
        assert_names_nobody(caught.value)

    async def test_a_full_conversation_stays_full_whoever_is_gone(self, database: Database) -> None:
        arena = Playground(database)
        battle = arena.record(await arena.completed())
        room(arena.models, sphinx=3)
        arena.models.dying.add(ModelKey("kraken"))
        with pytest.raises(Conflict) as caught:
            await Eligibility(arena.models, arena.rules).check_history(battle, "And?")
        assert caught.value.refusal is Refusal.CONVERSATION_FULL

    async def test_a_long_answer_of_one_slot_counts_for_that_slot_alone(
        self, database: Database
    ) -> None:
        arena = Playground(database)
        arena.models.script("kraken", text="k" * 400)
        battle = arena.record(await arena.completed())
        room(arena.models, sphinx=100, kraken=500)
        await Eligibility(arena.models, arena.rules).check_history(battle, "And?")


@pytest.mark.anyio
async def test_a_model_without_room_is_never_drawn(database: Database) -> None:
    arena = Playground(database, keys=KEYS)
    room(arena.models, hydra=3)
    for _ in range(12):
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        await arena.rest(battle_id)
    assert {asked.key for asked in arena.models.asked} == {"sphinx", "kraken"}
    await arena.generation.close()
