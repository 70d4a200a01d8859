"""The address of a board: read back as it was written, and never a reason to fail."""

from dataclasses import fields
from datetime import UTC, datetime

import pytest

from arena.domain.board import FILTER_FIELDS, BoardFilter
from arena.domain.conversation import ModelKey
from arena.web.leaderboard.query import BoardQuery, MoreColumn, Tab, read_query

EVERYTHING = BoardQuery(
    tab=Tab.MATRIX,
    baseline=ModelKey("a&b=c #1"),
    columns=frozenset({MoreColumn.MEAN, MoreColumn.VOID}),
    filter=BoardFilter(
        campaign="spring & autumn",
        category="math",
        language="zh",
        group="students",
        models=frozenset({ModelKey("模型"), ModelKey("x")}),
        since=datetime(2026, 1, 2, tzinfo=UTC),
        until=datetime(2026, 2, 1, tzinfo=UTC),
        include_flagged=True,
        without_one_address=True,
        votes_per_address=300,
    ),
)


@pytest.mark.parametrize("query", [BoardQuery(), EVERYTHING])
def test_an_address_is_read_as_it_was_written(query: BoardQuery) -> None:
    assert read_query(query.address) == query


def test_the_last_day_of_a_period_is_included() -> None:
    query = read_query("?since=2026-01-02&until=2026-01-31")
    assert query.filter.since == datetime(2026, 1, 2, tzinfo=UTC)
    assert query.filter.until == datetime(2026, 2, 1, tzinfo=UTC)
    assert "until=2026-01-31" in query.address


@pytest.mark.parametrize(
    ("address", "faults"),
    [
        ("?since=yesterday&until=2026-13-01", ("since", "until")),
        ("?until=9999-12-31", ("until",)),
        ("?tab=elo", ("tab",)),
        ("?without=everybody", ("without",)),
        ("?" + "&".join(["among=x"] * 2000), ("among",)),
        ("?flagged=yes", ("flagged",)),
        ("?address_votes=many", ("address_votes",)),
        ("?address_votes=0", ("address_votes",)),
        ("?address_votes=-5", ("address_votes",)),
        ("?address_votes=1234567890", ("address_votes",)),
        ("?columns=elo", ("columns",)),
        ("?tab=&model=&flagged=0&unknown=1", ()),
        ("", ()),
    ],
)
def test_what_makes_no_sense_is_named_and_left_out(address: str, faults: tuple[str, ...]) -> None:
    query = read_query(address)
    assert query.faults == faults
    assert query.filter == BoardFilter()
    assert query.tab is Tab.RATES


def test_every_field_of_a_filter_comes_back_from_the_address_it_is_written_to() -> None:
    chosen = BoardFilter(
        campaign="spring",
        category="math",
        language="zh",
        group="experts",
        since=datetime(2026, 1, 1, tzinfo=UTC),
        until=datetime(2026, 2, 1, tzinfo=UTC),
        models=frozenset({ModelKey("a"), ModelKey("b")}),
        include_flagged=True,
        without_one_address=True,
        votes_per_address=300,
    )
    assert all(field.of(chosen) != field.of(BoardFilter()) for field in FILTER_FIELDS)
    assert read_query(BoardQuery(filter=chosen).address).filter == chosen


def test_what_is_no_field_is_found_out_by_services() -> None:
    inner = {one.name for one in fields(BoardFilter)} - {one.attribute for one in FILTER_FIELDS}
    assert inner == {"left_out"}
