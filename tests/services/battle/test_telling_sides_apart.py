"""A classifier that reads every frame of a battle must not tell which side is the slow model.

It knows what an attacker can know: when each frame came, every text as it grew, the whole texts
at the end, and where the tokens of a public tokenizer end. On half of the battles it learns, on
the other half it is tested; the chance of a coin is .5.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from statistics import fmean
from typing import Any

import numpy as np
import pytest

from arena.domain.battle import BattleState
from arena.inference.pacing import next_tick
from arena.services.battle.eligibility import BattleRules
from arena.services.battle.opening import Opening
from tests.fakes.loop import VIRTUAL_TIME
from tests.fakes.playground import DatabaseMaker, Playground

pytestmark = pytest.mark.anyio
SLOW, FAST = "tortoise", "hare"
TOKEN = r" ?\w{1,9}|\W"
BATTLES = 240
WORDS = ("the", "quick", "and", "lazy", "answer", "of", "some", "longer", "explanations,", "fair")


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


@dataclass(frozen=True, slots=True)
class Frame:
    """What a page shows at a moment (seconds), left and right."""

    at: float
    texts: tuple[str, str]


def prose(random: Random) -> str:
    return " ".join(random.choices(WORDS, k=random.randint(12, 60)))


async def watch(arena: Playground, random: Random) -> tuple[bool, list[Frame]]:
    """A battle of two new answers; whether the slow model stands left."""
    for key in (SLOW, FAST):
        arena.models.script(key, text=prose(random))
    battle_id = await arena.battles.start(arena.ada, Opening("Who is slow?"))
    frames = []
    async for view in arena.battles.frames(arena.ada, battle_id):
        left, right = view.turns[-1].replies
        frames.append(Frame(asyncio.get_running_loop().time(), (left, right)))
    assert view.state is BattleState.COMPLETE
    return arena.record(battle_id).slots[0].model_key == SLOW, frames


def borders(text: str) -> set[int]:
    """Lengths at which a token of the whole text ends."""
    return {0, *(match.end() for match in re.finditer(TOKEN, text))}


def mean(values: list[float]) -> float:
    return fmean(values) if values else 0.5


def seen_of(frames: list[Frame], side: int) -> list[float]:
    """One column in figures, each of which may betray its speed."""
    texts = [frame.texts[side] for frame in frames]
    whole, other = texts[-1], frames[-1].texts[1 - side]
    growing = [text for text in texts if text and text != whole]
    ends = borders(whole)
    spaces = [float(whole[len(text) : len(text) + 1] == " ") for text in growing]
    first = next((text for text in texts if text), "")
    grown = [len(after) - len(before) for before, after in pairwise(texts)]
    at_end = next(frame.at for frame in frames if frame.texts[side] == whole)
    figures: list[float] = [
        mean([float(len(text) in ends) for text in growing]),
        mean(spaces),
        float(len(first) in ends),
        float(whole[len(first) : len(first) + 1] == " "),
        float(len(first)),
        mean([float(len(text)) for text in growing]),
        float(sum(step > 0 for step in grown)),
        float(max(grown, default=0)),
        (frames[-1].at - at_end) * (len(whole) < len(other)),
    ]
    return figures


FIRST_FRAME = (2, 3, 4)
"""Where `seen_of` tells of the first text that a column shows."""


def accuracy(battles: list[tuple[bool, list[Frame]]], of: Sequence[int] | None = None) -> float:
    """Share of held-out battles in which a linear classifier names the slow side; a tie is half.

    It knows all figures of both columns, or those at the places `of`.
    """
    figures = np.array(
        [np.subtract(seen_of(frames, 0), seen_of(frames, 1)) for _, frames in battles]
    )
    figures = figures if of is None else figures[:, list(of)]
    figures = np.hstack([figures, np.sign(figures)])
    slow_left = np.array([1.0 if left else -1.0 for left, _ in battles])
    half = len(battles) // 2
    weights, *_ = np.linalg.lstsq(figures[:half], slow_left[:half], rcond=None)
    says = np.sign(np.round(figures[half:] @ weights, 9))
    return float(np.mean((1 + says * slow_left[half:]) / 2))


@pytest.mark.parametrize("faster", [1.1, 2.0, 10.0])
async def test_frames_do_not_tell_which_side_is_slow(
    new_database: DatabaseMaker, faster: float
) -> None:
    arena = Playground(new_database(), keys=(SLOW, FAST), rules=BattleRules(), seed=5)
    for key, rate in ((SLOW, 20.0), (FAST, 20.0 * faster)):
        arena.models.script(
            key, tokens_per_second=rate, first_token_s=6 / rate, token_pattern=TOKEN
        )
    random = Random(11)
    battles = [await watch(arena, random) for _ in range(BATTLES)]
    assert len(frames_of(battles)) > 10 * BATTLES, "answers must have been streamed"
    assert accuracy(battles) <= 0.6
    assert accuracy(battles, of=FIRST_FRAME) <= 0.6


def frames_of(battles: list[tuple[bool, list[Frame]]]) -> list[Frame]:
    return [frame for _, frames in battles for frame in frames]


@dataclass(frozen=True, slots=True)
class Race:
    """A slow model against one that is `faster` times as fast; replies have so many tokens."""

    faster: float
    tokens: tuple[int, int]

    def ready_s(self, tokens: tuple[int, int], *, slow: int) -> float:
        """When both replies are written, the slow model being at `slow`."""
        paces = [SLOW_PACE if side == slow else SLOW_PACE * self.faster for side in (0, 1)]
        return max((6 + count) / pace for count, pace in zip(tokens, paces, strict=True))


SLOW_PACE = 20.0


def named_by_the_moment(race: Race, tick: Callable[[float], float]) -> float:
    """Share of battles in which the moment names the slow side; what it leaves open is half.

    Whoever reads it knows both speeds to the digit and counts the tokens of both replies.
    """
    random = Random(7)
    named = []
    for _ in range(4000):
        tokens = (random.randint(*race.tokens), random.randint(*race.tokens))
        moments = {tick(race.ready_s(tokens, slow=side)) for side in (0, 1)}
        named.append(1.0 if len(moments) > 1 else 0.5)
    return fmean(named)


@pytest.mark.parametrize(
    ("race", "left_over"),
    [
        (Race(1.1, (12, 60)), 0.66),
        (Race(2.0, (12, 60)), 0.84),
        (Race(10.0, (12, 60)), 0.84),
        (Race(1.1, (100, 500)), 0.76),
        (Race(2.0, (100, 500)), 0.95),
        (Race(10.0, (100, 500)), 0.95),
    ],
)
def test_what_the_moment_of_completion_tells_is_known(race: Race, left_over: float) -> None:
    """`ARENA_REVEAL_PACE=complete`: the figures of docs/reliability.md, and no more than those."""
    at_once = named_by_the_moment(race, lambda seconds: seconds)
    at_tick = named_by_the_moment(race, next_tick)
    print(f"{race}: {at_once:.3f} at once, {at_tick:.3f} at a tick")
    assert at_once > 0.98
    assert at_tick <= left_over
