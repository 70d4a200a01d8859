"""What a client can read off the frames of a battle, in figures that may name the slow side.

Each figure is of one side; a classifier gets the difference of left and right. The client knows
both models' speeds to the digit, a tokenizer, and every frame with its time.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from statistics import fmean

import numpy as np

from tests.endurance.scripted_races import Battle, Frame, Race


def growing_figures(frames: Sequence[Frame], race: Race, side: int, whole: str) -> dict[str, float]:
    """Return figures of a side from frames before one has ended."""
    frames = _changes(frames, side)
    texts = [frame.texts[side] for frame in frames]
    shown = [frame for frame in frames if frame.texts[side]]
    if not shown:
        return dict.fromkeys(_GROWING, 0.0)
    last = shown[-1].texts[side]
    times = np.array([frame.at for frame in shown])
    tokens = np.array(
        [_tokens(whole, race, shown=len(frame.texts[side])) for frame in shown], dtype=float
    )
    lengths = np.array([len(frame.texts[side]) for frame in shown], dtype=float)
    grown = [len(after) - len(before) for before, after in pairwise(texts)]
    found = {
        "tokens": tokens[-1],
        "characters": lengths[-1],
        "mean characters": float(lengths.mean()),
        "steps": float(sum(step > 0 for step in grown)),
        "largest step": float(max(grown, default=0)),
        "first length": lengths[0],
        "first tokens": tokens[0],
        "ends in a letter": fmean(float(text[-1:].isalnum()) for text in texts),
        "last ends in a letter": float(last[-1:].isalnum()),
        "before a space": fmean(float(whole[len(f.texts[side]) :][:1] == " ") for f in shown),
        "token clock": _unsteadiness(times, tokens),
        "character clock": _unsteadiness(times, lengths),
    }
    for name, slow in (("slow", True), ("fast", False)):
        borders = {0, *_token_ends(whole, race.tokens[not slow])}
        on_border = [float(length in borders) for length in lengths]
        found[f"on a border of {name}"] = fmean(on_border)
        found[f"first on a border of {name}"] = on_border[0]
        due = np.array(
            [
                race.due_s(_tokens(whole, race, slow=slow, shown=len(f.texts[side])), slow=slow)
                for f in shown
            ]
        )
        late = times - due
        found[f"first is late for {name}"] = late[0]
        found[f"first is off for {name}"] = abs(late[0])
        found[f"late for {name}"] = float(late.mean())
        found[f"off for {name}"] = float(np.abs(late).mean())
        found[f"spread for {name}"] = float(late.std())
        found[f"last is off for {name}"] = abs(late[-1])
    found["log token clock"] = float(np.log(found["token clock"] + 1e-3))
    found["log spread"] = float(np.log(found["spread for slow"] + 1e-3))
    return found


def ended_figures(battle: Battle, race: Race, side: int) -> dict[str, float]:
    """Return figures of a side from a whole battle: its length, its end, and what came after."""
    whole, other = battle.wholes[side], battle.wholes[1 - side]
    ends = [_end(battle, one) for one in (side, 1 - side)]
    last, first_end = battle.frames[-1], min(ends)
    longer = float(len(whole) > len(other)) - float(len(whole) < len(other))
    tail = [frame for frame in battle.frames if frame.at >= first_end]
    tail_pace = abs(len(whole) - len(other)) / max(last.at - first_end, 1e-3)
    common_pace = min(len(whole), len(other)) / first_end
    steps = [sum(map(len, b.texts)) - sum(map(len, a.texts)) for a, b in pairwise(tail)]
    count = _tokens(whole, race)
    found = {
        "longer": longer,
        "longer, tail slower": longer * float(tail_pace < common_pace),
        "longer by pace": longer * float(np.log((tail_pace + 1) / common_pace)),
        "longer by largest step": longer * max(steps, default=0) / common_pace,
        "longer by unsteady steps": longer * float(np.std(steps[:-1] or [0])) / common_pace,
        "longer by common pace": longer * common_pace,
        "longer by tail": longer * (last.at - first_end),
        "whole tokens": float(count),
        "whole characters": float(len(whole)),
    }
    moments = {"end": ends[0], "first end": first_end, "last": last.at}
    for name, moment in moments.items():
        for speed, slow in (("slow", True), ("fast", False)):
            late = moment - race.due_s(_tokens(whole, race, slow=slow), slow=slow)
            found[f"{name} is late for {speed}"] = late
            found[f"{name} is off for {speed}"] = abs(late)
            found[f"{name} before {speed}"] = float(late < 0)
    ready_s = max(
        race.due_s(count, slow=True), race.due_s(_tokens(other, race, slow=False), slow=False)
    )
    found["ready is off"] = abs(last.at - ready_s)
    found["ready is late"] = last.at - ready_s
    found["before ready"] = float(last.at < ready_s - 1e-6)
    found["a second after ready"] = float(0 <= last.at - ready_s <= 1)
    return found


def differences(figures: Sequence[dict[str, float]]) -> list[float]:
    """Return the figures of the left side less those of the right."""
    left, right = figures
    return [left[name] - right[name] for name in left]


def until(battle: Battle, share: float) -> Sequence[Frame]:
    """Return frames of the first `share` of the time before one side has ended; one at least.

    A share of 0 is the first frame with text.
    """
    growing = battle.growing
    first = next((n for n, frame in enumerate(growing) if any(frame.texts)), len(growing) - 1)
    if share == 0:
        return growing[: first + 1]
    end = growing[-1].at * share
    return [frame for frame in growing if frame.at <= end + 1e-9] or growing[:1]


def _changes(frames: Sequence[Frame], side: int) -> list[Frame]:
    """Return the frames in which a side changes, its time being when it came."""
    changes = [frames[0]] if frames else []
    for frame in frames[1:]:
        if frame.texts[side] != changes[-1].texts[side]:
            changes.append(frame)
    return changes


def _end(battle: Battle, side: int) -> float:
    whole = battle.wholes[side]
    return next(frame.at for frame in battle.frames if frame.texts[side] == whole)


@cache
def _token_ends(text: str, pattern: str) -> tuple[int, ...]:
    return tuple(found.end() for found in re.finditer(pattern, text))


def _tokens(text: str, race: Race, *, slow: bool = True, shown: int | None = None) -> int:
    """Return how many tokens of such a model lie in the first `shown` characters."""
    ends = _token_ends(text, race.tokens[not slow])
    return bisect_right(ends, len(text) if shown is None else shown)


def _unsteadiness(times: np.ndarray, counts: np.ndarray) -> float:
    """Return the standard deviation from the straight line through counts over time."""
    if len(times) < 3:
        return 0.0
    line = np.polyfit(times, counts, 1)
    return float(np.std(counts - np.polyval(line, times)))


_NOTHING = (Frame(0.0, ("a b", "a b")), Frame(1.0, ("a b c", "a b c")))
_GROWING = tuple(growing_figures(_NOTHING, Race(2.0), 0, "a b c"))
