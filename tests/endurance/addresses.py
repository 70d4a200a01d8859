"""How often an address is named on boards: `python -m tests.endurance.addresses`."""

from collections.abc import Callable, Iterable, Mapping
from random import Random

from tests.endurance.simulated_addresses import (
    Cast,
    devices,
    farm,
    named,
    room,
    visitors,
)

ROUNDS = 400

SCENES: Mapping[str, Callable[[Random], Iterable[Cast]]] = {
    "a class of 30 for an hour, 45 s a vote": lambda r: room(r, 30, seconds=45),
    "the same, 15 s a vote, a fifth with two browsers": lambda r: room(
        r, 30, seconds=15, second_browsers=0.2
    ),
    "one person with five devices, 15 s a vote, ten hours": lambda r: devices(r, 5, seconds=15),
    "one person, 10 s a vote, ten hours": lambda r: devices(r, 1, seconds=10),
    "60 visitors in half an hour, 1 to 3 votes each": lambda r: visitors(r, 60, minutes=30),
    "80 visitors in half an hour, 1 to 3 votes each": lambda r: visitors(r, 80, minutes=30),
    "a lecture hall of 100, 40 s a vote": lambda r: room(r, 100, seconds=40),
    "a lecture hall of 150, 40 s a vote": lambda r: room(r, 150, seconds=40),
    "a program: 533 accounts, 696 votes in a minute": lambda r: farm(
        r, accounts=533, votes=696, minutes=1
    ),
    "a program: 1 account, 60 votes in a minute": lambda r: farm(
        r, accounts=1, votes=60, minutes=1
    ),
    "a program: 100 accounts, 150 votes in an hour": lambda r: farm(
        r, accounts=100, votes=150, minutes=59
    ),
    "a program: 130 accounts, 1,300 votes in an hour": lambda r: farm(
        r, accounts=130, votes=1300, minutes=59
    ),
    "a program: 60 accounts, 3,000 votes in an hour": lambda r: farm(
        r, accounts=60, votes=3000, minutes=59
    ),
}


def main() -> None:
    """Print a row for each scene."""
    print("| who votes from one address | named |\n|---|---|")
    for scene, cast in SCENES.items():
        found = sum(named(cast(Random(seed))) for seed in range(ROUNDS))
        print(f"| {scene} | {found / ROUNDS:.1%} |")


if __name__ == "__main__":
    main()
