"""The fields of a board filter."""

from dataclasses import replace

import pytest

from arena.domain.board import FILTER_FIELDS, NO_CATEGORY, BoardFilter, FilterField


@pytest.mark.parametrize("field", FILTER_FIELDS, ids=lambda field: str(field.name))
def test_a_filter_without_limits_sets_no_field(field: FilterField) -> None:
    assert not field.is_set(BoardFilter())


def test_comparisons_without_a_category_are_a_limit_too() -> None:
    without = replace(BoardFilter(), category=NO_CATEGORY)
    assert [one.name for one in FILTER_FIELDS if one.is_set(without)] == ["category"]


def test_no_two_fields_share_a_name_an_option_or_a_place() -> None:
    for taken in (
        [one.name for one in FILTER_FIELDS],
        [one.option for one in FILTER_FIELDS],
        [one.attribute for one in FILTER_FIELDS],
    ):
        assert len(set(taken)) == len(FILTER_FIELDS)
