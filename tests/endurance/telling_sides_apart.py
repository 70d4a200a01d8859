"""How often a program names the slow side: `python -m tests.endurance.telling_sides_apart`.

Before one side has ended, after the whole battle, and with answers that show when both are
complete.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tests.endurance.classifiers import LEARNERS, Accuracy, accuracies
from tests.endurance.client_features import differences, ended_figures, growing_figures, until
from tests.endurance.scripted_races import TOKEN, Battle, Race, run_races

SEED = 20_261_129
BATTLES = 600

_SHORT_TOKENS = r" ?\w{1,4}|\W"
_LONG_TOKENS = r" ?\w{1,12}|\W"
_SYLLABLES = r" ?[^\Waeiou]*[aeiou]+|\w|\W"

MOMENTS: Mapping[str, float] = {"first frame": 0.0, "half": 0.5, "all frames": 1.0}
"""Shares of the time before one side has ended."""

RACES: Mapping[str, Race] = {
    "20 tokens/s against 22": Race(1.1),
    "20 tokens/s against 40": Race(2.0),
    "the same, other tokenizers": Race(2.0, tokens=(_LONG_TOKENS, _SYLLABLES)),
    "5 tokens/s against 5.5": Race(1.1, 5.0, tokens=(_SHORT_TOKENS, _LONG_TOKENS)),
    "60 tokens/s against 66, long answers": Race(
        1.1, 60.0, words=(60, 300), tokens=(_SYLLABLES, TOKEN)
    ),
    "60 tokens/s against 120, long answers": Race(2.0, 60.0, words=(60, 300)),
}


def before_one_has_ended(
    race: Race, battles: Sequence[Battle], share: float = 1.0, *, seed: int = SEED
) -> list[Accuracy]:
    """Return each learner's accuracy from frames before one side has ended."""

    def figures(battle: Battle, side: int) -> dict[str, float]:
        return growing_figures(until(battle, share), race, side, battle.wholes[side])

    return _accuracies(battles, figures, seed=seed)


def in_the_end(race: Race, battles: Sequence[Battle], *, seed: int = SEED) -> list[Accuracy]:
    """Return each learner's accuracy from everything that a battle shows."""

    def figures(battle: Battle, side: int) -> dict[str, float]:
        found = ended_figures(battle, race, side)
        if race.hold:
            return found
        return found | growing_figures(battle.growing, race, side, battle.wholes[side])

    return _accuracies(battles, figures, seed=seed)


def _accuracies(
    battles: Sequence[Battle], figures: Callable[[Battle, int], dict[str, float]], *, seed: int
) -> list[Accuracy]:
    rows = [differences([figures(battle, side) for side in (0, 1)]) for battle in battles]
    return accuracies(rows, [battle.slow == 0 for battle in battles], seed=seed)


def main() -> None:
    """Print the tables as Markdown: each cell has the better learner, and its interval."""
    print(f"{BATTLES} battles a row; the better of {' and '.join(LEARNERS)}.\n")
    columns = [*MOMENTS, "the whole battle", "complete"]
    print(f"| race | {' | '.join(columns)} |\n|---|" + "---|" * len(columns))
    for name, race in RACES.items():
        battles = run_races(race, BATTLES, seed=SEED)
        found = [before_one_has_ended(race, battles, share) for share in MOMENTS.values()]
        found.append(in_the_end(race, battles))
        held = replace(race, hold=True)
        found.append(in_the_end(held, run_races(held, BATTLES, seed=SEED)))
        print(f"| {name} | {' | '.join(map(_cell, found))} |", flush=True)
    race = RACES["20 tokens/s against 40"]
    print("\n| reading pace | the whole battle |\n|---|---|")
    for pace in (30.0, 75.0, 150.0, 300.0):
        battles = run_races(replace(race, reading_pace=pace), BATTLES, seed=SEED)
        print(f"| {pace:.0f} | {_cell(in_the_end(race, battles))} |", flush=True)


def _cell(found: Sequence[Accuracy]) -> str:
    best = max(found, key=lambda one: one.share)
    return f"{best.share:.2f} ({best.interval.low:.2f} to {best.interval.high:.2f})"


if __name__ == "__main__":
    main()
