"""What to load next and what to evict for it. Pure: the driver carries it out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from arena.domain.conversation import ModelKey
from arena.inference.placement.planning import Meeting, Plan
from arena.inference.placement.sizes import Placement, Stay

_NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class Situation:
    """What is in memory, what may not be evicted, and when each model was last used (seconds)."""

    resident: Mapping[ModelKey, Placement]
    in_use: frozenset[ModelKey] = frozenset()
    last_used: Mapping[ModelKey, float] | None = None

    def idle(self, spared: Collection[ModelKey]) -> list[ModelKey]:
        """Return what may be evicted, the least recently used first."""
        used = self.last_used or {}
        movable = [key for key in self.resident if key not in self.in_use and key not in spared]
        return sorted(movable, key=lambda key: (used.get(key, _NEVER), key))


@dataclass(frozen=True, slots=True)
class Step:
    """Evict these, then load those, one after another.

    `drain`: some to be evicted are in use; stop drawing them and wait until they are not.
    """

    evict: tuple[ModelKey, ...] = ()
    load: tuple[Placement, ...] = ()
    drain: bool = False


def room_for(plan: Plan, wanted: Collection[ModelKey], situation: Situation) -> Step | None:
    """Return how to bring all of `wanted` into memory together; None while models in use bar it.

    Gives up as few models as possible, the least recently used first. If even an empty machine
    has them badly placed, those of `wanted` that are already there are moved.
    """
    missing = [key for key in plan.possible if key in wanted and key not in situation.resident]
    idle = situation.idle(wanted)
    for count in range(len(idle) + 1):
        step = _try(plan, missing, idle[:count], situation)
        if step is not None:
            return _frugal(plan, missing, step, situation)
    moved = situation.idle(())
    return _try(plan, [key for key in plan.possible if key in wanted], moved, situation)


def turn_for(plan: Plan, wanted: Collection[ModelKey], situation: Situation) -> Step | None:
    """Return how to bring `wanted` into memory even if busy models must go, once they are free.

    Without it, models that people use all the time would never make room for the others.
    """
    step = room_for(plan, wanted, situation)
    if step is not None:
        return step
    step = room_for(plan, wanted, replace(situation, in_use=frozenset()))
    return None if step is None else replace(step, drain=True)


def filling(plan: Plan, situation: Situation) -> Step | None:
    """Return one more model to load where there is room without evicting any, if there is one.

    The plan's own choice for the start first, at its own place; then those longest out of use.
    """
    used = situation.last_used or {}
    absent = [key for key in plan.possible if key not in situation.resident]
    absent.sort(key=lambda key: (plan.placements[key].stay != Stay.LOADED, used.get(key, _NEVER)))
    for key in absent:
        planned = plan.placements[key]
        if _fits_as_planned(plan, planned, situation):
            return Step(load=(planned,))
        placed = plan.add([key], situation.resident.values())
        if placed is not None:
            return Step(load=placed)
    return None


def next_meeting(
    plan: Plan, met: Mapping[Meeting, float], resident: Collection[ModelKey]
) -> Meeting | None:
    """Return the pair that has waited longest to be in memory together; None if all are."""
    waiting = [meeting for meeting in plan.meetings if not meeting <= set(resident)]
    return min(
        waiting, key=lambda meeting: (met.get(meeting, _NEVER), sorted(meeting)), default=None
    )


def _try(
    plan: Plan, missing: Collection[ModelKey], evict: Collection[ModelKey], situation: Situation
) -> Step | None:
    staying = [place for key, place in situation.resident.items() if key not in evict]
    if any(place.key in missing for place in staying):
        return None
    placed = plan.add(missing, staying)
    return None if placed is None else Step(tuple(evict), placed)


def _frugal(plan: Plan, missing: Collection[ModelKey], step: Step, situation: Situation) -> Step:
    """Keep what need not be evicted after all: the last one given up may be large enough alone."""
    for key in reversed(step.evict):
        fewer = [evicted for evicted in step.evict if evicted != key]
        step = _try(plan, missing, fewer, situation) or step
    return step


def _fits_as_planned(plan: Plan, planned: Placement, situation: Situation) -> bool:
    if planned.stay is not Stay.LOADED or plan.requests[planned.key].footprint is None:
        return False
    room = plan.machine.room()
    for place in (*situation.resident.values(), planned):
        for device, taken in place.takes.items():
            room[device] -= taken
    return min(room.values()) >= 0
