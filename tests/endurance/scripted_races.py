"""Races of a slow against a fast model through the real turn, and what a client sees of them."""

import asyncio
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from arena.domain.conversation import Message, ModelKey, Role, Sampling
from arena.inference.pacing import FASTEST_INTERVAL_S, READING_PACE
from arena.services.battle.contestants import Contestant
from arena.services.battle.live_turn import LiveTurn, SlotJob
from tests.fakes.loop import FakeClock, VirtualTimeLoop
from tests.fakes.models import ScriptedModels

SLOW, FAST = ModelKey("tortoise"), ModelKey("hare")
TOKEN = r" ?\w{1,9}|\W"
WORDS = re.findall(
    r"\S+",
    "the quick and lazy answer of some longer explanations, a fair internationalisation is so "
    "it nevertheless, straightforward an evidently or. questions misunderstanding by we",
)
_FIRST_TOKENS = 6
_ASKED = (Message(Role.USER, "Who is slow?"),)


@dataclass(frozen=True, slots=True)
class Race:
    """A slow model (`rate` tokens a second) against one that is `faster` times as fast.

    Both answer with as many words as `words` allows, from the same generator. `tokens` are what
    the slow and the fast model's tokens match.
    """

    faster: float
    rate: float = 20.0
    words: tuple[int, int] = (12, 60)
    hold: bool = False
    tokens: tuple[str, str] = (TOKEN, TOKEN)
    reading_pace: float = READING_PACE

    def rate_of(self, *, slow: bool) -> float:
        """Tokens a second."""
        return self.rate if slow else self.rate * self.faster

    def due_s(self, token: int, *, slow: bool) -> float:
        """Return when the token of that number, from 1, comes from such a model."""
        return (_FIRST_TOKENS + token - 1) / self.rate_of(slow=slow)


@dataclass(frozen=True, slots=True)
class Frame:
    """What a client has after a frame (seconds from the prompt), left and right."""

    at: float
    texts: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Battle:
    """The side of the slow model (0 is left), every frame, and when both texts were ready."""

    slow: int
    frames: tuple[Frame, ...]
    ready_s: float

    @property
    def wholes(self) -> tuple[str, str]:
        """Both texts in full."""
        return self.frames[-1].texts

    @property
    def growing(self) -> tuple[Frame, ...]:
        """Frames before one side has ended."""
        ended = [
            any(map(str.__eq__, frame.texts, self.wholes)) or not any(self.wholes)
            for frame in self.frames
        ]
        return self.frames[: ended.index(True)]


def prose(random: Random, words: tuple[int, int]) -> str:
    """Return an answer of a number of words within `words`."""
    return " ".join(random.choices(WORDS, k=random.randint(*words)))


def run_races(race: Race, battles: int, *, seed: int) -> list[Battle]:
    """Play so many battles on a virtual clock, the sides drawn by a coin."""
    random = Random(seed)
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return [
            runner.run(
                play(
                    race,
                    (prose(random, race.words), prose(random, race.words)),
                    slow=random.randrange(2),
                )
            )
            for _ in range(battles)
        ]


async def play(race: Race, texts: Sequence[str], *, slow: int) -> Battle:
    """Play one battle with these texts, left and right."""
    keys = (SLOW, FAST) if slow == 0 else (FAST, SLOW)
    models = ScriptedModels(*keys)
    for side, key in enumerate(keys):
        rate = race.rate_of(slow=side == slow)
        models.script(
            key,
            text=texts[side],
            tokens_per_second=rate,
            first_token_s=_FIRST_TOKENS / rate,
            token_pattern=race.tokens[side != slow],
        )
    live = LiveTurn(
        [
            SlotJob(side, Contestant(key, side + 1, 1.0, Sampling(), ()), _ASKED)
            for side, key in enumerate(keys)
        ],
        stream=models.stream,
        clock=FakeClock(),
        interval=lambda: FASTEST_INTERVAL_S,
        hold=race.hold,
        reading_pace=race.reading_pace,
    )
    began = asyncio.get_running_loop().time()
    watching = asyncio.create_task(_watch(live, began))
    results = await live.run()
    live.end()
    ready_s = max(result.total_s or 0.0 for result in results)
    return Battle(slow, tuple(await watching), ready_s)


def shown_as_written(race: Race, texts: tuple[str, str], *, slow: int) -> Battle:
    """Return the battle of an arena that shows as much of both texts as the shorter one has."""
    ends = [
        [found.end() for found in re.finditer(race.tokens[side != slow], texts[side])]
        for side in (0, 1)
    ]
    due = [
        [race.due_s(token, slow=side == slow) for token in range(1, len(ends[side]) + 1)]
        for side in (0, 1)
    ]
    frames, at, ready_s = [Frame(0.0, ("", ""))], 0.0, max(due[0][-1], due[1][-1])
    while at < ready_s:
        at += FASTEST_INTERVAL_S
        counts = [bisect_right(times, at) for times in due]
        length = min(ends[side][count - 1] if count else 0 for side, count in enumerate(counts))
        frames.append(Frame(at, (texts[0][:length], texts[1][:length])))
    return Battle(slow, (*frames, Frame(at, texts)), ready_s)


async def _watch(live: LiveTurn, began: float) -> list[Frame]:
    loop, frames = asyncio.get_running_loop(), []
    while not live.ended:
        version = live.version
        frames.append(Frame(loop.time() - began, (live.visible[0], live.visible[1])))
        await live.changed(version)
    return frames
