"""What a lifecycle needs from outside: models to load, their sizes, its timings."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from arena.domain.conversation import ModelKey
from arena.inference.backend import ModelState
from arena.inference.placement.sizes import Footprint, Machine, Placement

Measure = Callable[[ModelKey], Awaitable[Footprint | None]]
"""How large a model is; None while that cannot be known."""


Look = Callable[[], Awaitable[Machine]]
"""The machine as it is now, with what our own engines hold missing from what is free."""


class Loadable(Protocol):
    """A model that can be put somewhere, loaded and unloaded again."""

    @property
    def state(self) -> ModelState:
        """Current state."""
        ...

    @property
    def given_up(self) -> bool:
        """Whether it can never be loaded, and is not retried."""
        ...

    def assign(self, placement: Placement) -> None:
        """Choose the devices and the cache of the next start."""
        ...

    async def start(self) -> None:
        """Begin loading; returns at once."""
        ...

    async def close(self) -> None:
        """Unload; it can be started again."""
        ...


@dataclass(frozen=True, slots=True)
class LifecycleTimings:
    """All waits, in seconds.

    `leave_s` passes between the last draw of a model and its end, so that a battle that has just
    drawn it can say so. `load_s` is the longest that others wait for a model to load. A new pair
    meets every `rotate_s`, if the models in memory were used since. `hold_s` ends the claim of a
    battle that is not voted on (see Claims), and the wait for busy models to become free. While a
    model has no room, the machine is looked at every `look_s`, and before each load.
    """

    tick_s: float = 0.5
    leave_s: float = 5.0
    load_s: float = 900.0
    rotate_s: float = 1800.0
    hold_s: float = 600.0
    look_s: float = 60.0
