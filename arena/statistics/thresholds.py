"""When a number is shown, and how far it can be relied on."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a rate needs. Shares are from 0 to 1."""

    decisive: int = 30
    """Decisive comparisons below which a rate says nothing yet."""
    clusters: int = 8
    """Annotators, and prompts, below which their spread cannot be estimated."""
    half_width: float = 0.05
    """Half-width of the interval up to which a rate counts as established."""


DEFAULT_THRESHOLDS = Thresholds()


class Scope(StrEnum):
    """What an interval generalizes to: the clusters of its variance."""

    ANNOTATORS_AND_PROMPTS = "annotators and prompts"
    PROMPTS = "prompts"
    NONE = "none"


def scope_of(*, annotators: int, prompts: int, thresholds: Thresholds) -> Scope:
    """Return the scope that so many annotators and prompts allow; `NONE` is no interval.

    A variance between fewer than about eight clusters is too uncertain for any quantile to make
    up for: few annotators are therefore taken as they are, few prompts end it.
    """
    if prompts < thresholds.clusters:
        return Scope.NONE
    return Scope.PROMPTS if annotators < thresholds.clusters else Scope.ANNOTATORS_AND_PROMPTS


def scope_label(scope: Scope, *, annotators: int) -> str | None:
    """Return the scope in words, to be shown beside the interval; None without one."""
    if scope is Scope.NONE:
        return None
    if scope is Scope.PROMPTS and annotators == 1:
        return "for this one annotator only"
    if scope is Scope.PROMPTS:
        return f"for these {annotators} annotators only"
    return "for annotators and prompts like these"
