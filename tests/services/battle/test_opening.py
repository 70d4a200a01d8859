"""Battles are opened by whatever chooses their models and brings their replies."""

from dataclasses import dataclass, field

import pytest
from sqlalchemy import insert

from arena.domain.accounts import Caller
from arena.domain.battle import BattleState
from arena.domain.errors import Refusal, Unavailable
from arena.services.battle.opening import Choose, Lineup, Opening
from arena.storage.battles import BattleRecord
from arena.storage.schema import campaigns
from tests.builders import NOON
from tests.fakes.playground import DatabaseMaker, Playground

CAMPAIGN = 7


@pytest.fixture
def arena(new_database: DatabaseMaker) -> Playground:
    arena = Playground(new_database())
    with arena.database.writing() as connection:
        connection.execute(insert(campaigns).values(id=CAMPAIGN, name="wizard", created_at=NOON))
    return arena


class Assigned:
    """Gives every battle the models of an assignment, in its order."""

    def __init__(self, *order: str, refusal: Unavailable | None = None) -> None:
        self._order = order
        self._refusal = refusal
        self.asked: list[tuple[Caller, Opening]] = []

    async def prepare(self, caller: Caller, opening: Opening) -> Choose:
        self.asked.append((caller, opening))
        if self._refusal is not None:
            raise self._refusal
        return lambda _: Lineup(self._order, 1.0, campaign_id=CAMPAIGN)  # type: ignore[arg-type]


@dataclass
class Shelf:
    """Remembers which battles want replies."""

    asked: list[BattleRecord] = field(default_factory=list)

    async def begin(self, record: BattleRecord) -> None:
        self.asked.append(record)


@pytest.mark.anyio
class TestAnAssignedBattle:
    async def test_has_the_models_of_its_assignment_and_asks_its_own_source_for_replies(
        self, arena: Playground
    ) -> None:
        shelf = Shelf()
        opened = await arena.battles.open(
            arena.ada, Opening("Why?"), Assigned("kraken", "sphinx"), shelf
        )
        (asked,) = shelf.asked
        assert asked.id == opened
        assert [slot.model_key for slot in asked.slots] == ["kraken", "sphinx"]
        assert arena.models.asked == []
        ((campaign, probability),) = arena.rows(
            "SELECT campaign_id, pair_probability FROM battles WHERE id = :id", id=opened
        )
        assert (campaign, probability) == (CAMPAIGN, 1.0)

    async def test_is_assigned_to_the_annotator_who_opens_it(self, arena: Playground) -> None:
        source, opening = Assigned("kraken", "sphinx"), Opening("Why?", "coding", "fr")
        await arena.battles.open(arena.bob, opening, source, Shelf())
        assert source.asked == [(arena.bob, opening)]

    async def test_leaves_the_open_battle_of_open_play_as_it_is(self, arena: Playground) -> None:
        free = await arena.completed()
        await arena.battles.open(arena.ada, Opening("Why?"), Assigned("kraken", "sphinx"), Shelf())
        assert arena.record(free).state is BattleState.COMPLETE
        current = await arena.battles.current(arena.ada)
        assert current is not None
        assert current.battle_id == free

    async def test_is_not_abandoned_by_a_new_battle_of_open_play(self, arena: Playground) -> None:
        assigned = await arena.battles.open(
            arena.ada, Opening("Why?"), Assigned("kraken", "sphinx"), Shelf()
        )
        await arena.completed()
        await arena.battles.abandon(arena.ada)
        assert arena.record(assigned).state is BattleState.GENERATING

    async def test_replaces_the_open_one_of_its_campaign(self, arena: Playground) -> None:
        source = Assigned("kraken", "sphinx")
        first, _ = [
            await arena.battles.open(arena.ada, Opening("Why?"), source, Shelf()) for _ in range(2)
        ]
        assert arena.record(first).state is BattleState.ABANDONED

    async def test_that_is_refused_leaves_nothing_behind(self, arena: Playground) -> None:
        shelf, nothing = Shelf(), Unavailable(Refusal.TOO_FEW_MODELS)
        with pytest.raises(Unavailable):
            await arena.battles.open(arena.ada, Opening("Why?"), Assigned(refusal=nothing), shelf)
        assert shelf.asked == []
        assert arena.rows("SELECT count(*) FROM battles") == [(0,)]
