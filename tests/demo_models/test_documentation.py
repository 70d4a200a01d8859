"""The figures of the documentation are those of the records."""

from pathlib import Path

import pytest

from demo_models.checkpoint import CHECKPOINTS, read_record
from demo_models.families_by_category import CATEGORIES
from demo_models.recipes import RECIPES

PAGE = Path(__file__).parents[2] / "docs" / "embedded-models.md"
RECORDS = [read_record(CHECKPOINTS / recipe.name) for recipe in RECIPES]


def row(label: str, values: list[str]) -> str:
    return f"| {label} | {' | '.join(values)} |"


@pytest.mark.parametrize("category", [category.name for category in CATEGORIES])
def test_the_scores_by_category_are_documented(category: str) -> None:
    scores = [record["held_out_percent"]["by_category"][category] for record in RECORDS]
    assert row(category, [f"{value} %" for value in scores]) in PAGE.read_text(encoding="utf-8")


def test_the_overall_scores_and_the_steps_are_documented() -> None:
    page = PAGE.read_text(encoding="utf-8")
    overall = [f"{record['held_out_percent']['overall']} %" for record in RECORDS]
    steps = [f"{record['recipe']['steps']:,}" for record in RECORDS]
    assert row("overall", overall) in page
    assert row("steps", steps) in page


def test_the_documented_number_of_families_is_the_real_one() -> None:
    families = sum(len(category.families) for category in CATEGORIES)
    assert f"{families} template families" in PAGE.read_text(encoding="utf-8")


def test_the_parameters_are_documented() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for record in RECORDS:
        assert f"{record['parameters']:,}" in page
