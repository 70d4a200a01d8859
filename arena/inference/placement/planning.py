"""The plan of a catalog: what is loaded from the start, what in turn, and what never fits."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from arena.domain.conversation import ModelKey
from arena.inference.placement.packing import (
    UNKNOWN,
    Request,
    by_key,
    pack,
    refusal,
    requests_of,
)
from arena.inference.placement.sizes import (
    MIN_CACHE_TOKENS,
    DevicePreference,
    Footprint,
    Machine,
    Placement,
    Stay,
)

_THOUSANDS = (192, 160, 128, 112, 96, 80, 64, 56, 48, 40, 32, 24, 16, 12, 8, 6)

CACHE_LIMITS: tuple[int | None, ...] = (
    None,
    *(thousands * 1024 for thousands in _THOUSANDS),
    MIN_CACHE_TOKENS,
)
"""Tokens of cache for each model, tried from the most generous to the least."""

COMFORTABLE_CACHE_TOKENS = 8 * 1024
"""Less than this only where models would otherwise never meet."""

Meeting = frozenset[ModelKey]
"""Two models that can be in memory together; or one alone that can be beside no other."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Placements of all enabled local models, in the order of their file.

    `cache_limit` holds for every model, also those loaded later: so two that can meet in the plan
    can meet whenever they are loaded. `apart` lists the pairs that cannot.
    """

    machine: Machine
    requests: Mapping[ModelKey, Request]
    placements: Mapping[ModelKey, Placement]
    cache_limit: int | None
    meetings: tuple[Meeting, ...]
    apart: tuple[Meeting, ...]

    @property
    def all_together(self) -> bool:
        """Whether every model that fits at all stays in memory."""
        return not any(place.stay is Stay.ON_DEMAND for place in self.placements.values())

    @property
    def possible(self) -> tuple[ModelKey, ...]:
        """The models that fit this machine."""
        return tuple(key for key, place in self.placements.items() if place.stay != Stay.REFUSED)

    def add(
        self, keys: Iterable[ModelKey], beside: Iterable[Placement]
    ) -> tuple[Placement, ...] | None:
        """Place more models beside those in memory; None when they do not fit there."""
        requests = [self.requests[key] for key in keys]
        return pack(requests, self.machine, limit=self.cache_limit, beside=beside)


def plan(
    footprints: Mapping[ModelKey, Footprint | None],
    machine: Machine,
    preferences: Mapping[ModelKey, DevicePreference] | None = None,
    tensor_parallel: Collection[ModelKey] = (),
) -> Plan:
    """Plan all models of `footprints`; None stands for a size that is not known yet.

    `tensor_parallel` names those that vLLM runs, on 1, 2, 4, ... GPUs and on no CPU.

    Deterministic. With more models than memory, the first ones of the file that fit together
    are loaded at the start and the others on demand.
    """
    requests = requests_of(footprints, preferences or {}, tensor_parallel)
    refused = by_key(no for r in requests.values() if (no := refusal(r, machine)) is not None)
    requests = {
        key: request if key in refused else _with_own_limit(request, machine)
        for key, request in requests.items()
    }
    possible = [request for key, request in requests.items() if key not in refused]
    limit, placed = _most_generous(possible, machine)
    meetings = _meetings(possible, machine, limit)
    placements = {
        key: refused.get(key) or placed.get(key) or _on_demand(request, machine, limit)
        for key, request in requests.items()
    }
    apart = _without(_pairs(possible), meetings)
    return Plan(machine, requests, placements, limit, (*meetings, *_loners(meetings, apart)), apart)


def _with_own_limit(request: Request, machine: Machine) -> Request:
    """Bound a model's cache by what it has room for alone, on as few GPUs as ever."""

    def devices(limit: int | None) -> int | None:
        placed = pack([request], machine, limit=limit)
        return len(placed[0].takes) if placed else None

    fewest = devices(MIN_CACHE_TOKENS)
    own = next(limit for limit in CACHE_LIMITS if devices(limit) == fewest)
    return replace(request, max_cache=own)


def _most_generous(
    possible: list[Request], machine: Machine
) -> tuple[int | None, dict[ModelKey, Placement]]:
    """Return the largest cache with which all fit together, and their places.

    If none does: that with which most pairs can meet, then most models are loaded at once.
    """
    for limit in CACHE_LIMITS:
        placed = pack(possible, machine, limit=limit)
        if placed is not None:
            return limit, by_key(placed)
    most = _meetings(possible, machine, MIN_CACHE_TOKENS)
    equal = [limit for limit in CACHE_LIMITS if _meetings(possible, machine, limit) == most]
    comfortable = [limit for limit in equal if limit is None or limit >= COMFORTABLE_CACHE_TOKENS]
    tried = [(limit, _first_that_fit(possible, machine, limit)) for limit in comfortable or equal]
    return max(tried, key=lambda attempt: len(attempt[1]))


def _first_that_fit(
    possible: list[Request], machine: Machine, limit: int | None
) -> dict[ModelKey, Placement]:
    chosen: list[Request] = []
    placed: tuple[Placement, ...] = ()
    for request in possible:
        larger = pack([*chosen, request], machine, limit=limit)
        if larger is not None:
            chosen.append(request)
            placed = larger
    return by_key(placed)


def _pairs(requests: Iterable[Request]) -> list[tuple[Request, Request]]:
    return list(combinations(requests, 2))


def _meetings(possible: list[Request], machine: Machine, limit: int | None) -> tuple[Meeting, ...]:
    return tuple(
        frozenset(request.key for request in pair)
        for pair in _pairs(possible)
        if _may_meet(pair, machine, limit)
    )


def _may_meet(pair: tuple[Request, Request], machine: Machine, limit: int | None) -> bool:
    """Return whether two fit together; models of unknown size may, which loading them shows."""
    if any(request.footprint is None for request in pair):
        return True
    return pack(pair, machine, limit=limit) is not None


def _without(
    pairs: Iterable[tuple[Request, Request]], meetings: Collection[Meeting]
) -> tuple[Meeting, ...]:
    every = (frozenset(request.key for request in pair) for pair in pairs)
    return tuple(pair for pair in every if pair not in set(meetings))


def _loners(meetings: Iterable[Meeting], apart: Iterable[Meeting]) -> tuple[Meeting, ...]:
    """Return models that fit beside no other local one; they still meet remote models."""
    social = frozenset[ModelKey]().union(*meetings)
    lonely = frozenset[ModelKey]().union(*apart) - social
    return tuple(frozenset({key}) for key in sorted(lonely))


def _on_demand(request: Request, machine: Machine, limit: int | None) -> Placement:
    alone = pack([request], machine, limit=limit)
    if alone is None:
        raise AssertionError(f"{request.key} was found to fit and does not")
    why = UNKNOWN if request.footprint is None else alone[0].reason
    reason = f"{why}; in turn with others"
    return replace(alone[0], stay=Stay.ON_DEMAND, reason=reason)
