"""Whether several measures put the same models in the same order."""

from collections.abc import Mapping, Sequence

from arena.domain.conversation import ModelKey

_ALIKE = 1e-9
"""Values closer than this part of the larger one are equal: sums differ in a last digit."""


def first_of(values: Mapping[ModelKey, float]) -> tuple[ModelKey, ...]:
    """Return the models with the highest value, by key; several where they are equal."""
    if not values:
        return ()
    highest = max(values.values())
    return tuple(sorted(model for model in values if not _above(highest, values[model])))


def orders_differ(measures: Sequence[Mapping[ModelKey, float]]) -> bool:
    """Return whether one measure puts a model above another that a second measure puts below.

    Only models that all measures know are compared; equal values contradict nothing.
    """
    common = set.intersection(*(set(values) for values in measures)) if measures else set()
    return any(
        _contradicts([values[model] for model in common], [others[model] for model in common])
        for position, values in enumerate(measures)
        for others in measures[:position]
    )


def _contradicts(ours: Sequence[float], theirs: Sequence[float]) -> bool:
    """Return whether a pair is in one order in `ours` and in the other in `theirs`."""
    pairs = sorted(zip(ours, theirs, strict=True))
    return any(
        _above(pairs[high][0], pairs[low][0]) and _above(pairs[low][1], pairs[high][1])
        for high in range(len(pairs))
        for low in range(high)
    )


def _above(value: float, other: float) -> bool:
    return value - other > _ALIKE * max(abs(value), abs(other))


def places_of(values: Mapping[ModelKey, float]) -> dict[ModelKey, int]:
    """Return places from 1, the highest value first; equal values share the better place."""
    found: dict[ModelKey, int] = {}
    previous: ModelKey | None = None
    for place, model in enumerate(sorted(values, key=lambda key: (-values[key], key)), start=1):
        shared = previous is not None and not _above(values[previous], values[model])
        found[model] = found[previous] if shared and previous is not None else place
        previous = model
    return found
