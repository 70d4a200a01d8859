"""The exchange test: what an annotator sees is the same whichever side is the fast model.

Two models answer at 10 and at 100 tokens a second. Exchanging them, with the same text on each
side, must leave every frame the same; and no frame may hold anything of the models. That holds to
the last frame where both models are faster than the reading pace, which therefore is low here, and
where the rest takes less than ten seconds at that pace.
"""

import asyncio
import base64
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

import pytest

from arena.domain.battle import BattleState, BattleView
from arena.services.battle.eligibility import BattleRules
from arena.services.battle.opening import Opening
from arena.storage.database import Database
from tests.fakes.loop import VIRTUAL_TIME
from tests.fakes.playground import DatabaseMaker, Playground

pytestmark = pytest.mark.anyio
SLOW, FAST = "sentinel-tortoise-7b", "sentinel-hare-70b"
RATES = {SLOW: 10.0, FAST: 100.0}
"""Tokens of four characters a second."""
READING_PACE = 30.0


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


@dataclass(frozen=True, slots=True)
class Scene:
    """What is the same on both stages: the text of each side, and how it is played."""

    text_a: str
    text_b: str
    hold: bool = False
    budget: int | None = None


def prose(length: int, letter: str) -> str:
    return (f"{letter * 4} " * length)[:length]


SCENES = {
    "identical texts": Scene(prose(400, "x"), prose(400, "x")),
    "a is shorter": Scene(prose(150, "x"), prose(400, "y")),
    "b is shorter": Scene(prose(400, "x"), prose(150, "y")),
    "a is one word": Scene("Yes.", prose(300, "y")),
    "b is one word": Scene(prose(300, "x"), "No"),
    "both are one word": Scene("Yes.", "No"),
    "held": Scene(prose(400, "x"), prose(100, "y"), hold=True),
    "cut": Scene(prose(400, "x"), prose(400, "y"), budget=200),
}


async def play(database: Database, scene: Scene, *, a: str, b: str) -> list[BattleView]:
    """Every frame of a battle of two turns with model `a` on the left and `b` on the right."""
    rules = BattleRules(hold=scene.hold, reading_pace=READING_PACE)
    arena = Playground(database, keys=(SLOW, FAST), rules=rules)
    arena.next_order(a, b)
    for key, text in ((a, scene.text_a), (b, scene.text_b)):
        arena.models.script(key, text=text, tokens_per_second=RATES[key], budget=scene.budget)
    battle_id = await arena.battles.start(arena.ada, Opening("Who is faster?"))
    frames = await arena.frames(battle_id)
    assert [slot.model_key for slot in arena.record(battle_id).slots] == [a, b]
    await arena.next_turn(arena.ada, battle_id, "And now?")
    return frames + await arena.frames(battle_id)


def visible_lengths(frames: list[BattleView]) -> list[tuple[int, ...]]:
    return [tuple(len(reply) for reply in frame.turns[-1].replies) for frame in frames]


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
async def test_exchanging_the_sides_changes_no_frame(
    new_database: DatabaseMaker, scene: Scene
) -> None:
    slow_left = await play(new_database(), scene, a=SLOW, b=FAST)
    fast_left = await play(new_database(), scene, a=FAST, b=SLOW)
    assert visible_lengths(slow_left) == visible_lengths(fast_left)
    assert slow_left == fast_left
    assert slow_left[-1].state is BattleState.COMPLETE


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
async def test_no_frame_holds_anything_of_a_model(database: Database, scene: Scene) -> None:
    for frame in await play(database, scene, a=SLOW, b=FAST):
        seen = repr(frame) + repr(asdict(frame)) + repr(frame.notice) + repr(frame.actions)
        assert not [secret for secret in secrets() if secret in seen]


def secrets() -> set[str]:
    names = {SLOW, FAST, "sentinel", "tortoise", "hare", f"The {SLOW} model"}
    encoded = {base64.b64encode(name.encode()).decode().rstrip("=") for name in names}
    return names | encoded | {quote(name) for name in names}


CUT = prose(420, "x")


@pytest.mark.parametrize(("further", "slow_rate"), [(60, 10.0), (200, 10.0), (60, 3.0)])
async def test_how_long_a_lone_continuation_takes_does_not_tell_whose_it_is(
    new_database: DatabaseMaker, further: int, slow_rate: float
) -> None:
    rates = {SLOW: slow_rate, FAST: RATES[FAST]}

    async def seconds(cut: str, whole: str) -> float:
        arena = Playground(new_database(), keys=(SLOW, FAST))
        arena.next_order(cut, whole)
        text = CUT[: 200 + further]
        arena.models.script(cut, text=text, tokens_per_second=rates[cut], budget=200)
        arena.models.script(whole, text=prose(180, "y"), tokens_per_second=rates[whole])
        battle_id = await arena.battles.start(arena.ada, Opening("Who is faster?"))
        await arena.rest(battle_id)
        began = asyncio.get_running_loop().time()
        await arena.battles.continue_cut(arena.ada, battle_id)
        shown = await arena.rest(battle_id)
        assert shown.turns[-1].replies[0] == text
        return asyncio.get_running_loop().time() - began

    slow, fast = await seconds(SLOW, FAST), await seconds(FAST, SLOW)
    assert fast == pytest.approx(slow, rel=0.05)
    assert fast < 10


@pytest.mark.parametrize("failing", [0, 1])
async def test_a_void_battle_looks_the_same_whichever_model_failed(
    new_database: DatabaseMaker, failing: int
) -> None:
    async def void(*, a: str, b: str) -> list[BattleView]:
        arena = Playground(new_database(), keys=(SLOW, FAST))
        arena.next_order(a, b)
        arena.models.script((a, b)[failing], fails_at=0, first_token_s=0.5)
        return await arena.frames(await arena.battles.start(arena.ada, Opening("Why?")))

    frames = await void(a=SLOW, b=FAST)
    assert frames == await void(a=FAST, b=SLOW)
    assert "sentinel" not in repr(frames)


@pytest.mark.parametrize("failing", [SLOW, FAST])
async def test_the_last_words_of_a_void_battle_do_not_tell_which_model_failed(
    new_database: DatabaseMaker, failing: str
) -> None:
    arena = Playground(new_database(), keys=(SLOW, FAST))
    text = " ".join(f"word{number}" for number in range(30))
    arena.models.script(SLOW, text=text, tokens_per_second=20)
    arena.models.script(FAST, text=text, tokens_per_second=22)
    arena.models.script(failing, fails_at=len(text))
    view = await arena.rest(await arena.battles.start(arena.ada, Opening("Why?")))
    assert view.state is BattleState.VOID
    left, right = view.turns[-1].replies
    assert left == right != ""
