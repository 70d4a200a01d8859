"""How many slots a battle has, and how it is therefore judged."""

from dataclasses import dataclass

PAIR = 2
"""So many slots are one comparison."""


@dataclass(frozen=True, slots=True)
class Mode:
    """A kind of battle. `slots` models answer side by side."""

    slots: int

    @property
    def by_verdict(self) -> bool:
        """Whether one verdict says everything; larger battles are judged by ranks alone."""
        return self.slots == PAIR


PAIRWISE = Mode(slots=PAIR)
"""Two models, one verdict."""
