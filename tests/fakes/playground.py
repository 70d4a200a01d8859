"""A whole arena below the web pages: real database, scripted models, virtual time."""

from collections.abc import Callable
from random import Random
from typing import Any

from sqlalchemy import text

from arena.domain.accounts import AccountRole, Caller
from arena.domain.battle import BattleId, BattleState, BattleView, Shown
from arena.domain.conversation import ModelKey, Sampling
from arena.domain.language import language_of_script
from arena.domain.pairing import Order, draw
from arena.services.battle.building import build_battles
from arena.services.battle.contestants import Contestant
from arena.services.battle.eligibility import BattleRules
from arena.services.battle.opening import Lineup, Opening
from arena.services.battle.pair_information import PairInformation
from arena.services.battle.store import BattleStore
from arena.services.battle.turn_keeping import Offload
from arena.services.battle.turn_runner import TurnRunner
from arena.services.battle.views import view_of
from arena.services.battle.voting import Ballot, Reveal, Voting
from arena.services.failures import FailureLog
from arena.storage.accounts import insert_annotator
from arena.storage.battles import BattleRecord, battle, drawn_pairs
from arena.storage.database import Connection, Database
from arena.storage.models import ModelSnapshot, ensure_snapshot
from tests.fakes.loop import FakeClock
from tests.fakes.models import ScriptedModels

DatabaseMaker = Callable[[], Database]
"""Makes a new, migrated database."""

FRAME_S = 0.1251
"""An eighth of a second, a little off, so that no frame falls on the very moment of a token."""

REATTACH_S = 15.0


RULES = BattleRules(prompt_limit=200, conversation_limit=300)


async def inline(function: Callable[..., Any], *arguments: Any) -> Any:
    """Offload to nowhere: virtual time stands still during a database call."""
    return function(*arguments)


OWNER = "this server"


class Coin(Random):
    """Draws one order wherever it is possible, once a test wants one."""

    wanted: Order | None = None

    def choices(self, population: Any, weights: Any = None, **options: Any) -> list[Any]:
        if self.wanted in population:
            return [self.wanted]
        return super().choices(population, weights, **options)


class Playground:
    """Everything a use case needs. `ada` and `bob` are annotators."""

    def __init__(
        self,
        database: Database,
        *,
        keys: tuple[str, ...] = ("sphinx", "kraken"),
        rules: BattleRules = RULES,
        seed: int = 1,
        frame_s: float = FRAME_S,
        models: ScriptedModels | None = None,
        information: PairInformation | None = None,
    ) -> None:
        self.database = database
        self.rules = rules
        self.clock = FakeClock()
        self.models = models or ScriptedModels(*keys)
        self.failure_log = FailureLog(self.clock)
        self.contestants = {ModelKey(key): self._contestant(key) for key in keys}
        self.coin = numbers = Coin(seed)
        self.store = BattleStore(
            database=database,
            contestants=self.contestants,
            clock=self.clock,
            new_id=lambda: f"{numbers.getrandbits(64):016x}",
            owner=OWNER,
            language_of=language_of_script,
        )
        self.generation = TurnRunner(clock=self.clock, reattach_s=REATTACH_S)
        self._frame_s = frame_s
        self._information = information
        self.offload_with(inline)
        self.voting = Voting(database, self.clock, release=self.models.release)
        self.ada = self.annotator("ada")
        self.bob = self.annotator("bob")

    def offload_with(self, offload: Offload) -> None:
        """Build the battles anew, with another way to the ledger."""
        self.battles = build_battles(
            store=self.store,
            models=self.models,
            runner=self.generation,
            interval=lambda: self._frame_s,
            rules=self.rules,
            random=self.coin,
            offload=offload,
            failure_log=self.failure_log,
            information=self._information,
        )

    def annotator(self, name: str) -> Caller:
        with self.database.writing() as connection:
            annotator_id = insert_annotator(
                connection, name=name, role=AccountRole.ANNOTATOR, created_at=self.clock.now()
            )
        return Caller(annotator_id, name, AccountRole.ANNOTATOR)

    def next_order(self, a: str, b: str) -> None:
        """Fix the sides from now on: the coin always falls that way."""
        self.coin.wanted = (ModelKey(a), ModelKey(b))

    async def frames(self, battle_id: str, caller: Caller | None = None) -> list[BattleView]:
        """Every frame of a battle until it rests."""
        watched = self.battles.frames(caller or self.ada, battle_id)
        return [view async for view in watched]

    async def rest(self, battle_id: str) -> BattleView:
        """The battle's last frame."""
        return (await self.frames(battle_id))[-1]

    async def completed(self, prompt: str = "Why?", caller: Caller | None = None) -> BattleId:
        """A battle that has been answered."""
        battle_id = await self.battles.start(caller or self.ada, Opening(prompt))
        last = (await self.frames(battle_id, caller))[-1]
        assert last.state is BattleState.COMPLETE
        return battle_id

    def shown(self, battle_id: str) -> Shown:
        """What a page shows that has the battle as it is stored."""
        return view_of(self.record(battle_id)).shown

    async def next_turn(self, caller: Caller, battle_id: str, prompt: str) -> None:
        """A follow-up from a page that is up to date."""
        await self.battles.next_turn(caller, self.shown(battle_id), prompt)

    def cast(self, caller: Caller, battle_id: str, ballot: Ballot) -> Reveal:
        """A vote from a page that is up to date."""
        return self.voting.cast(caller, self.shown(battle_id), ballot)

    def choose(self, connection: Connection) -> Lineup:
        """Draw all models: a line-up for battles that a test stores itself."""
        weights = dict.fromkeys(self.contestants, 1.0)
        met = drawn_pairs(connection)
        drawn = draw(weights=weights, slots=len(weights), met=met, random=self.coin)
        return Lineup(drawn.order, drawn.probability)

    def record(self, battle_id: str) -> BattleRecord:
        with self.database.reading() as connection:
            found = battle(connection, battle_id)
        assert found is not None
        return found

    def leave_to_a_dead_server(self, battle_id: str) -> None:
        """As if another process had begun the battle, and had died."""
        with self.database.writing() as connection:
            theirs = text("UPDATE battles SET owner = 'dead' WHERE id = :id")
            connection.execute(theirs, {"id": battle_id})

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.execute(text(sql), values)]

    def _contestant(self, key: str) -> Contestant:
        snapshot = ModelSnapshot(ModelKey(key), f"{key}-1", f"The {key} model")
        with self.database.writing() as connection:
            model_id = ensure_snapshot(connection, snapshot, self.clock.now())
        return Contestant(
            key=ModelKey(key),
            model_id=model_id,
            weight=1.0,
            sampling=Sampling(),
            identity_words=(f"The {key} model",),
        )
