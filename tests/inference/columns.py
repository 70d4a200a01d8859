"""Columns of given speeds, and the frames in which a pacer shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from arena.inference.pacing import READING_PACE, Pacer

FRAME_S = 0.125
GRID = 16


@dataclass(frozen=True, slots=True)
class Column:
    """A reply of `length` characters that comes token by token at a constant speed."""

    length: int
    tokens_per_s: float
    characters_per_token: int = 4
    first_s: float = 0.0

    @property
    def end_s(self) -> float:
        """When the last token has come."""
        tokens = -(-self.length // self.characters_per_token)
        return self.first_s + max(tokens, 1) / self.tokens_per_s

    def generated(self, at: float) -> int:
        if at < self.first_s + 1 / self.tokens_per_s:
            return 0
        tokens = int((at - self.first_s) * self.tokens_per_s + 1e-6)
        return min(self.length, tokens * self.characters_per_token)


def play(
    *columns: Column, hold: bool = False, reading_pace: float = READING_PACE
) -> list[tuple[int, ...]]:
    """What is visible at every frame until all is."""
    return [frame for _, frame in timed(*columns, hold=hold, reading_pace=reading_pace)]


def timed(
    *columns: Column, hold: bool = False, reading_pace: float = READING_PACE
) -> list[tuple[float, tuple[int, ...]]]:
    """The same with the time of every frame, the last of which comes when it is due."""
    pacer = Pacer(hold=hold, reading_pace=reading_pace)
    frames: list[tuple[float, tuple[int, ...]]] = []
    whole, over = [column.length for column in columns], max(column.end_s for column in columns)
    now = 0.0
    while not pacer.finished:
        before, now = now, now + FRAME_S
        left = pacer.seconds_left(lengths=whole, done=[over <= now for _ in columns])
        if left is not None:
            now = min(now, max(over, before + left))
        lengths = [column.generated(now) for column in columns]
        done = [length == column.length for length, column in zip(lengths, columns, strict=True)]
        frames.append((now, pacer.advance(100 + now, lengths=lengths, done=done)))
        assert len(frames) < 20_000, "the pacer never finished"
    return frames


def tail(frames: Sequence[tuple[float, tuple[int, ...]]]) -> list[tuple[int, ...]]:
    """The frames after the first column has ended."""
    return tail_of([shown for _, shown in frames])


def tail_of(frames: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    ended = [shown for shown in frames if any(map(int.__eq__, shown, frames[-1]))]
    return ended[1:]


def steps(frames: Sequence[tuple[int, ...]], slot: int) -> list[int]:
    shown = [0] + [frame[slot] for frame in frames]
    return [later - earlier for earlier, later in pairwise(shown)]
