"""The recipes of the shipped checkpoints: every number that a training run depends on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """Size of a Llama-type model."""

    dim: int
    layers: int
    heads: int
    ffn: int


@dataclass(frozen=True)
class Recipe:
    """`widths` is the cycle of window lengths; every step has `tokens_per_step` tokens."""

    name: str
    shape: Shape
    steps: int
    seed: int = 0
    tokens_per_step: int = 2048
    widths: tuple[int, ...] = (256, 256, 512, 1024)
    matrix_learning_rate: float = 0.02
    other_learning_rate: float = 4e-3
    warmup_steps: int = 50
    decay_share: float = 0.4
    tokenizer_seed: int = 123
    tokenizer_samples: int = 60_000


RECIPES: tuple[Recipe, ...] = (
    Recipe("arena-demo-a", Shape(dim=128, layers=4, heads=4, ffn=384), steps=4800),
    Recipe("arena-demo-b", Shape(dim=96, layers=3, heads=3, ffn=256), steps=2000, seed=1),
)


def recipe_named(name: str) -> Recipe:
    """Return the recipe of that name.

    Raises:
        KeyError: No recipe has the name; the message lists those that there are.
    """
    for recipe in RECIPES:
        if recipe.name == name:
            return recipe
    raise KeyError(f"no recipe {name!r}; known: {', '.join(recipe.name for recipe in RECIPES)}")
