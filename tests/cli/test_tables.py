"""Tables as plain text: nothing is cut in a pipe, and no two names are ever cut to the same."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from arena.cli.tables import Column, plain, shortened, table_lines
from arena.cli.wording import pluralized

LONG = [f"organisation/family-of-models-{size}-instruct" for size in ("7b", "13b", "70b")]


def _columns() -> list[Column]:
    return [
        Column("model", LONG, name=True),
        Column("opponent", LONG[::-1], name=True),
        Column("rate", ["50.0 %"] * 3),
        Column("prompts", ["12", "1,200", "3"], spare=1),
        Column("agree", ["40.0 %"] * 3, spare=2),
    ]


def test_in_a_pipe_everything_is_whole_and_aligned() -> None:
    title, head, rule, *rows = table_lines("Rates", _columns(), width=None)

    assert (title, len(rows)) == ("Rates", 3)
    assert {len(line) for line in (head, rule, *rows)} == {len(rule)}
    assert rows[0].split() == [LONG[0], LONG[2], "50.0", "%", "12", "40.0", "%"]


def test_on_a_terminal_names_give_way_but_stay_different() -> None:
    _, _, _, *rows = table_lines("Rates", _columns(), width=80)

    assert all(len(row) <= 80 for row in rows)
    assert len({row.split()[0] for row in rows}) == 3
    assert all("…" in row.split()[0] for row in rows)


def test_on_a_narrow_terminal_spare_columns_go_and_are_named() -> None:
    _, head, *_, last = table_lines("Rates", _columns(), width=40)

    assert head.split() == ["model", "opponent", "rate"]
    assert last == "No room for: prompts, agree. A wider terminal, or a pipe, shows them."


@given(st.sets(st.text("ab-漢", max_size=12), max_size=8), st.integers(3, 14))
def test_two_names_never_come_out_the_same(names: set[str], width: int) -> None:
    short = shortened(names, width)

    assert len(set(short.values())) == len(names)
    if all(cell_len(name) <= width for name in names):
        assert all(short[name] == name for name in names)


def test_names_that_differ_in_the_middle_get_the_room_that_they_need() -> None:
    short = shortened(["aaaaaaaa1bbbbbbbb", "aaaaaaaa2bbbbbbbb"], 6)

    assert set(map(len, short.values())) == {10}


def test_wide_letters_count_twice() -> None:
    _, head, _, row = table_lines(
        "", [Column("模型", ["文心"], name=True), Column("n", ["1"])], width=None
    )

    assert (head, row) == ("模型  n", "文心  1")


def test_what_a_terminal_would_obey_or_hide_is_spelt_out() -> None:
    assert plain("a\x1b[31m\nb\u200b中") == r"a\x1b[31m\nb\u200b中"


def test_a_number_agrees_with_its_noun() -> None:
    assert [pluralized(number, "vote") for number in (0, 1, 2000)] == [
        "0 votes",
        "1 vote",
        "2000 votes",
    ]
    assert pluralized(2, "person", "people") == "2 people"
