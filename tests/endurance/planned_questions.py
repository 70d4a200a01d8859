"""Whether what `arena plan` promises comes out: `python -m tests.endurance.planned_questions`."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from arena.statistics.campaign_plans import (
    Collecting,
    Likeness,
    pilot_of,
    plan_for_half_width,
    plan_to_tell_apart,
)
from tests.endurance.planned_campaigns import World, share_significant

BOARDS: Final = 1000
WORLDS: Final[Mapping[str, World]] = {
    "60 %, nobody differs": World(0.6),
    "60 %, annotator sd .7": World(0.6, 0.7),
    "65 %, both sd .7, 3 votes a prompt": World(0.65, 0.7, 0.7, 10, 3),
    "57 %, annotator sd .5, prompt sd 1": World(0.57, 0.5, 1.0, 20, 2),
}
HALF_WIDTH: Final = 0.05


def likeness_of(world: World) -> Likeness:
    """What a user would guess who knows how people and prompts of this world differ."""
    whole = world.rate * (1 - world.rate)
    return Likeness(world.spread.annotator / whole, world.spread.prompt / whole)


def collecting_of(world: World) -> Collecting:
    """How its votes are collected."""
    return Collecting(world.each, world.per_prompt)


def narrow_enough(
    world: World, people: int, half_width: float, *, campaigns: int
) -> tuple[float, float]:
    """Share of campaigns whose interval is at most so wide, and the median half-width."""
    intervals = [
        rate.interval
        for rate in world.rates(people, world.each, campaigns, seed=9)
        if rate.interval is not None
    ]
    widths = np.array([(one.high - one.low) / 2 for one in intervals])
    return float(np.mean(widths <= half_width)), float(np.median(widths))


def found_after_pilots(world: World, people: int, pilots: int) -> float:
    """Share of new campaigns that find the rate, each planned by a pilot of so many people."""
    found = []
    for number, rate in enumerate(world.rates(people, world.each, pilots, seed=10)):
        pilot = pilot_of([rate])
        assert pilot is not None
        plan = plan_to_tell_apart(world.rate, pilot.likeness, collecting_of(world))
        assert plan is not None
        found.append(share_significant(world.rates(plan.people, world.each, 1, 10_000 + number)))
    return float(np.mean(found))


def main() -> None:
    """Print both tables."""
    print("| world | people | told apart (80 % planned) | planned by a pilot of 30 people |")
    print("|---|---|---|---|")
    for name, world in WORLDS.items():
        plan = plan_to_tell_apart(world.rate, likeness_of(world), collecting_of(world))
        assert plan is not None
        kept = share_significant(world.rates(plan.people, world.each, BOARDS, seed=11))
        piloted = found_after_pilots(world, 30, BOARDS)
        print(f"| {name} | {plan.people} | {kept:.1%} | {piloted:.1%} |", flush=True)
    print(
        f"\n| world | people | at most {HALF_WIDTH} wide | median half-width |\n|---|---|---|---|"
    )
    for name, world in WORLDS.items():
        wide = plan_for_half_width(
            HALF_WIDTH, likeness_of(world), collecting_of(world), rate=world.rate
        )
        assert wide is not None
        share, middle = narrow_enough(world, wide.people, HALF_WIDTH, campaigns=BOARDS)
        print(f"| {name} | {wide.people} | {share:.1%} | {middle:.4f} |", flush=True)


if __name__ == "__main__":
    main()
