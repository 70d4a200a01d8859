"""Battles drawn where a vote tells most: by a count of the votes, with both chances stored."""

from dataclasses import fields
from typing import Any

import pytest

from arena.domain.battle import BattleView
from arena.domain.conversation import ModelKey
from arena.domain.informed_pairing import pair_chances
from arena.domain.mode import Mode
from arena.services.battle.eligibility import BattleRules
from arena.services.battle.pair_information import PairInformation
from arena.statistics.information import information_gains
from arena.statistics.win_rate import Pair, Record
from arena.storage.battles import BattleRecord
from arena.storage.database import Database
from tests.builders import seed_votes
from tests.fakes.loop import VIRTUAL_TIME
from tests.fakes.playground import Playground

pytestmark = pytest.mark.anyio

KEYS = ("a", "b", "c")
A, B, C = (ModelKey(key) for key in KEYS)
STORED = "SELECT pair_probability, even_probability FROM battles WHERE state <> 'voted'"


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


@pytest.fixture
def information(database: Database) -> PairInformation:
    return PairInformation(database, (A, B, C))


def judged(database: Database) -> dict[tuple[ModelKey, ...], float]:
    """Store votes of one pair; return what every pair tells then."""
    seed_votes(database, models=("a", "b"), wins=60, losses=30, ties=10)
    one = Record(60, 30, 10)
    return information_gains((A, B, C), {Pair(A, B): one, Pair(B, A): one.mirrored})


async def test_a_pair_is_drawn_by_what_votes_tell_and_both_chances_are_stored(
    database: Database, information: PairInformation
) -> None:
    arena = Playground(database, keys=KEYS, information=information)
    gains = judged(database)
    information.count()
    drawn = [arena.record(await arena.completed()) for _ in range(30)]
    stored = arena.rows("SELECT id, pair_probability, even_probability FROM battles")
    chances = pair_chances(dict.fromkeys((A, B, C), 1.0), gains)
    found = {battle_id: (probability, even) for battle_id, probability, even in stored}
    pairs = [tuple(sorted(slot.model_key for slot in record.slots)) for record in drawn]
    for record, pair in zip(drawn, pairs, strict=True):
        expected = chances[pair]
        assert found[record.id] == (pytest.approx(expected.drawn), pytest.approx(1 / 3))
    assert chances[A, B].drawn < 0.2
    assert pairs.count((A, B)) < 10


async def test_until_votes_were_counted_pairs_are_drawn_as_ever(
    database: Database, information: PairInformation
) -> None:
    arena = Playground(database, keys=KEYS, information=information)
    judged(database)
    await arena.completed()
    ((probability, even),) = arena.rows(STORED)
    assert even is None
    assert probability < 1


async def test_a_battle_of_more_than_two_models_is_drawn_as_ever(
    database: Database, information: PairInformation
) -> None:
    rules = BattleRules(mode=Mode(slots=3))
    arena = Playground(database, keys=KEYS, rules=rules, information=information)
    judged(database)
    information.count()
    await arena.completed()
    assert arena.rows(STORED) == [(pytest.approx(1), None)]


async def test_draws_read_no_votes(database: Database, information: PairInformation) -> None:
    """Whatever happens to the votes: a draw takes what was counted last."""
    arena = Playground(database, keys=KEYS, information=information)
    judged(database)
    information.count()
    before = information.gains
    seed_votes(database, models=("a", "c"), wins=50)
    await arena.completed()
    assert information.gains is before


def test_votes_are_counted_anew_only_if_there_are_others(
    database: Database, information: PairInformation
) -> None:
    assert PairInformation(database, (A, B)).gains is None
    information.count()
    first = information.gains
    assert first is not None
    assert len(set(first.values())) == 1, "nobody has voted"
    information.count()
    assert information.gains is first
    gains = judged(database)
    information.count()
    assert information.gains == pytest.approx(gains)


def test_votes_on_models_that_are_gone_still_tell_of_their_opponents(
    database: Database, information: PairInformation
) -> None:
    seed_votes(database, models=("a", "retired"), wins=60, losses=30)
    information.count()
    assert information.gains is not None
    assert information.gains[A, B] < information.gains[B, C]


def test_no_probability_is_part_of_what_a_page_is_drawn_from() -> None:
    for shown in (BattleView, BattleRecord):
        assert not [field.name for field in fields(shown) if "probability" in field.name]
