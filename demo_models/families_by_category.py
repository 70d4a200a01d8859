"""Which families belong to which category, and how often each is drawn in training."""

from dataclasses import dataclass

from demo_models.exchange import Family
from demo_models.families import agent, coding, math, multilingual, reasoning, unknown, writing


@dataclass(frozen=True)
class Category:
    name: str
    weight: float
    families: tuple[tuple[Family, float], ...]


CATEGORIES: tuple[Category, ...] = (
    Category("writing", 1.1, writing.FAMILIES),
    Category("coding", 0.9, coding.FAMILIES),
    Category("math", 2.0, math.FAMILIES),
    Category("reasoning", 1.3, reasoning.FAMILIES),
    Category("agent", 0.8, agent.FAMILIES),
    Category("multilingual", 1.3, multilingual.FAMILIES),
    Category("unknown", 0.5, unknown.FAMILIES),
)
