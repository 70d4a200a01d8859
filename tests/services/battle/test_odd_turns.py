"""Whatever a model or the storage raises, the battle is void and says why; odd text is kept."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest

from arena.domain.battle import BattleState
from arena.domain.conversation import FinishReason, ModelKey
from arena.domain.verdict import Verdict
from arena.inference.backend import ChatRequest, Delta, Finished, StreamEvent
from arena.services.battle.building import build_battles
from arena.services.battle.live_replies import LiveReplies
from arena.services.battle.opening import Opening
from arena.services.battle.turn_keeping import TurnKeeper
from arena.services.battle.turn_results import store_results
from arena.services.battle.voting import Ballot
from arena.services.failures import FailureKind
from arena.storage.database import Database
from tests.fakes import triggers
from tests.fakes.disk import impatient
from tests.fakes.loop import VIRTUAL_TIME
from tests.fakes.models import ScriptedModels
from tests.fakes.playground import OWNER, Playground, inline
from tests.services.battle.in_play import answered

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


@pytest.fixture
def arena(database: Database) -> Playground:
    impatient(database)
    return Playground(database)


class OddModels(ScriptedModels):
    """Models whose last word the database cannot take."""

    last: Finished | None = None
    reasoning = ""

    async def stream(
        self, key: ModelKey, request: ChatRequest
    ) -> AsyncGenerator[StreamEvent, None]:
        yield Delta("An answer.", self.reasoning)
        yield self.last or Finished(FinishReason.STOP)


def number_too_large(_: Playground) -> Finished:
    return Finished(FinishReason.STOP, prompt_tokens=2**70)


def no_text_at_all(_: Playground) -> Finished:
    odd: Any = {"a": "dictionary"}
    return Finished(FinishReason.STOP, rendered_prompt=odd)


def a_rule_of_the_ledger(arena: Playground) -> Finished:
    refuse(arena, "INSERT ON replies")
    return Finished(FinishReason.STOP)


def a_rule_at_the_last_moment(arena: Playground) -> Finished:
    refuse(arena, "INSERT ON slot_replies")
    return Finished(FinishReason.STOP)


def a_missing_table(arena: Playground) -> Finished:
    execute(arena, "ALTER TABLE slot_replies RENAME TO elsewhere")
    return Finished(FinishReason.STOP)


def refuse(arena: Playground, event: str) -> None:
    with arena.database.writing() as connection:
        triggers.refuse(connection, f"BEFORE {event}", "no")


def execute(arena: Playground, statement: str) -> None:
    with arena.database.writing() as connection:
        connection.exec_driver_sql(statement)


def keeper_of(arena: Playground) -> TurnKeeper:
    return TurnKeeper(
        *(arena.database, arena.clock),
        owner=OWNER,
        offload=inline,
        failure_log=arena.failure_log,
    )


@pytest.mark.parametrize(
    "reason",
    [
        number_too_large,
        no_text_at_all,
        a_rule_of_the_ledger,
        a_rule_at_the_last_moment,
        a_missing_table,
    ],
)
async def test_whatever_keeps_a_turn_from_being_stored_the_battle_is_void_and_says_why(
    database: Database, reason: Any, caplog: pytest.LogCaptureFixture
) -> None:
    models = OddModels("sphinx", "kraken")
    arena = Playground(database, models=models)
    models.last = reason(arena)
    with caplog.at_level(logging.ERROR):
        view = await answered(arena)
    assert view.state is BattleState.VOID
    assert len(arena.generation) == 0
    assert arena.rows("SELECT state FROM battles") == [("void",)]
    assert arena.models.held == {}
    assert "its turn could not be stored" in caplog.text
    assert [failure.kind for failure in arena.failure_log.newest] == [FailureKind.TURN_NOT_STORED]
    assert arena.failure_log.counted[FailureKind.TURN_NOT_STORED] == 1


async def test_a_turn_that_breaks_voids_its_battle_and_releases_the_models(
    arena: Playground,
) -> None:
    arena.models.script_all(endless=True)
    intervals = [0.1, 0.1]
    battles = build_battles(
        store=arena.store,
        models=arena.models,
        runner=arena.generation,
        interval=intervals.pop,
        rules=arena.rules,
        random=arena.coin,
        offload=inline,
        failure_log=arena.failure_log,
    )
    battle_id = await battles.start(arena.ada, Opening("Why?"))
    last = [view async for view in battles.frames(arena.ada, battle_id)][-1]
    assert last.state is BattleState.VOID
    assert arena.record(battle_id).state is BattleState.VOID
    assert arena.models.held == {}
    assert (len(arena.models.asked), arena.models.open) == (2, 0)
    (failure,) = arena.failure_log.newest
    assert failure.detail == f"battle {battle_id} is void: IndexError: pop from empty list"


class PanicException(BaseException):
    """As Rust code raises it in Python: no `Exception`."""


class Unspeakable(Exception):
    """An error that fails even to say what it is."""

    def __str__(self) -> str:
        raise ValueError


class OddWriting(ScriptedModels):
    """Models whose stream raises, or holds, whatever a test wants."""

    boom: BaseException | None = None

    async def stream(
        self, key: ModelKey, request: ChatRequest
    ) -> AsyncGenerator[StreamEvent, None]:
        yield Delta("An answer.")
        if self.boom is not None:
            raise self.boom
        yield Finished(FinishReason.STOP)

    def hold(self, owner: str, keys: Any) -> bool:
        if isinstance(self.boom, OSError):
            raise self.boom
        return super().hold(owner, keys)


@pytest.fixture
def silence() -> Iterator[None]:
    """Log nothing: xdist cannot carry half a character to its report."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize(
    "boom", [PanicException("no"), Unspeakable(), OSError("cannot hold"), RuntimeError("\ud83d")]
)
async def test_whatever_a_model_raises_the_battle_is_void_and_the_next_one_is_not(
    database: Database, boom: BaseException, silence: None
) -> None:
    models = OddWriting("sphinx", "kraken")
    arena = Playground(database, models=models)
    models.boom = boom
    assert (await answered(arena)).state is BattleState.VOID
    assert arena.rows("SELECT state FROM battles") == [("void",)]
    models.boom = None
    assert (await answered(arena)).state is BattleState.COMPLETE


async def test_a_turn_that_cannot_begin_says_why(database: Database) -> None:
    models = OddWriting("sphinx", "kraken")
    arena = Playground(database, models=models)
    models.boom = OSError("cannot hold")
    await answered(arena)
    (failure,) = arena.failure_log.newest
    assert failure.detail.endswith("is void: OSError: cannot hold")


async def test_a_continuation_that_cannot_begin_voids_its_battle_and_says_why(
    arena: Playground,
) -> None:
    battle_id = await arena.completed()
    arena.store.reopen(arena.record(battle_id))
    live = LiveReplies(
        models=arena.models,
        contestants=arena.contestants,
        runner=arena.generation,
        keeper=keeper_of(arena),
        interval=lambda: 0.1,
    )
    await live.extend(arena.record(battle_id), [7], None)
    assert arena.record(battle_id).state is BattleState.VOID
    assert arena.models.held == {}
    (failure,) = arena.failure_log.newest
    assert failure.detail == f"battle {battle_id} is void: IndexError: tuple index out of range"


@pytest.mark.parametrize("boom", [PanicException("no"), Unspeakable(), KeyError("key")])
async def test_whatever_storing_raises_the_battle_is_void_for_everybody_who_watches(
    database: Database, boom: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    arena = Playground(database)

    async def offload(function: Any, *arguments: Any) -> Any:
        if getattr(function, "func", None) is store_results:
            raise boom
        return function(*arguments)

    arena.offload_with(offload)
    view = await answered(arena)
    assert view.state is BattleState.VOID
    assert arena.rows("SELECT state FROM battles") == [("void",)]
    (trouble,) = arena.failure_log.newest
    assert type(boom).__name__ in trouble.detail
    assert "is void: its turn could not be stored" in caplog.text


async def test_an_error_without_words_is_told_by_its_type(arena: Playground) -> None:
    battle, _ = arena.store.create(arena.ada, Opening("Why?"), arena.choose)
    await keeper_of(arena).give_up(battle, Unspeakable())
    (failure,) = arena.failure_log.newest
    assert failure.detail.endswith("is void: Unspeakable: no words")


async def test_stop_works_while_a_turn_cannot_be_stored(arena: Playground) -> None:
    arena.models.script_all(endless=True)
    battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
    await asyncio.sleep(1)
    refuse(arena, "INSERT ON replies")
    await arena.battles.stop(arena.ada, battle_id)
    assert (await arena.battles.view(arena.ada, battle_id)).state is BattleState.VOID
    assert arena.record(battle_id).state is BattleState.VOID


@pytest.mark.parametrize("half", [chr(0xD83D), chr(0xDE00)])
async def test_half_a_character_in_a_reply_or_a_prompt_becomes_the_replacement_character(
    database: Database, half: str
) -> None:
    arena = Playground(database)
    arena.models.script_all(text=f"A{half} short answer.", reasoning=half)
    view = await answered(arena, f"Why{half}?")
    assert view.state is BattleState.COMPLETE
    assert view.turns[0].prompt == "Why\ufffd?"
    assert view.turns[0].replies == ("A\ufffd short answer.",) * 2
    await arena.next_turn(arena.ada, view.battle_id, f"And{half}?")
    assert (await arena.rest(view.battle_id)).turns[1].prompt == "And\ufffd?"
    assert arena.rows("SELECT DISTINCT reasoning FROM replies") == [("\ufffd",)]


async def test_half_a_character_in_a_choice_or_a_comment_loses_no_battle(
    arena: Playground,
) -> None:
    opening = Opening("Why?", category="a\ud83d", language="\udc00")
    battle_id = await arena.battles.start(arena.ada, opening)
    await arena.rest(battle_id)
    arena.cast(arena.ada, battle_id, Ballot(verdict=Verdict.TIE, comment="so\ud83d"))
    assert arena.rows("SELECT category, language FROM battles") == [("a\ufffd", "\ufffd")]
    assert arena.rows("SELECT comment FROM votes") == [("so\ufffd",)]
