"""How long a vote waits once both texts are ready: `python -m tests.endurance.seconds_to_vote`.

All pairs of the answers in a JSON Lines file (`text`), both sides being ready at once or written
by a slow and a fast model, the slower one left and right.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from tests.endurance.scripted_races import Race, play
from tests.fakes.loop import VirtualTimeLoop

ANSWERS = Path(__file__).parents[1] / "data" / "answers" / "given.jsonl"

WAYS = {
    "ready at once": Race(1.0, 1e6),
    "20 and 20 tokens/s": Race(1.0, 20.0),
    "20 and 60 tokens/s": Race(3.0, 20.0),
    "60 and 60 tokens/s": Race(1.0, 60.0),
    "20 and 60 tokens/s, complete": Race(3.0, 20.0, hold=True),
}


def read_answers(path: Path) -> list[str]:
    """Return the texts of a file of answers that have more than white space."""
    lines = path.read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines if line.strip()]
    return [text for text in texts if text.strip()]


def waits(race: Race, texts: Sequence[str]) -> list[float]:
    """Return the seconds from both texts ready to all shown, of every pair, both ways round."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        battles = [
            runner.run(play(race, pair, slow=slow))
            for pair in combinations(texts, 2)
            for slow in (0, 1)
        ]
    return [battle.frames[-1].at - battle.ready_s for battle in battles]


def main() -> None:
    """Print the table as Markdown."""
    texts = read_answers(Path(sys.argv[1]) if len(sys.argv) > 1 else ANSWERS)
    print(f"{len(texts)} answers, all pairs both ways round\n")
    print("| both texts | median | 95th percentile | most |\n|---|---|---|---|")
    for name, race in WAYS.items():
        median, high, most = np.quantile(waits(race, texts), [0.5, 0.95, 1.0])
        print(f"| {name} | {median:.2f} s | {high:.2f} s | {most:.2f} s |", flush=True)


if __name__ == "__main__":
    main()
