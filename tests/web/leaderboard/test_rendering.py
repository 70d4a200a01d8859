"""Templates of the leaderboard: what is put in stays text, and nothing may be missing."""

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from arena.web.leaderboard.parts.sections import panel, paragraphs, stacked
from arena.web.leaderboard.parts.table import Cell, Column, Row, figure_cell, table_of, text_cell
from arena.web.leaderboard.rendering import rendered
from tests.fakes.board_pages import TEXTS

EN = TEXTS.by_language["en"]
NASTY = """<script>alert('1 & "2"')</script>"""
HARMLESS = "&lt;script&gt;alert(&#39;1 &amp; &#34;2&#34;&#39;)&lt;/script&gt;"


def test_a_template_escapes_text_and_leaves_markup() -> None:
    column = Column(NASTY, NASTY, Markup("<i></i>"))
    row = Row([text_cell(NASTY), Cell(Markup("<b>1</b>"), NASTY), figure_cell(NASTY)])

    html = table_of("x", [column] * 3, [row], EN)

    assert "<script" not in html
    assert html.count(HARMLESS) == 12
    assert html.count("<i></i>") == 3
    assert "<b>1</b>" in html


def test_sections_escape_what_is_no_markup() -> None:
    pieces = (panel(NASTY, paragraphs([NASTY], NASTY)), stacked(NASTY, NASTY, Markup("<b>1</b>")))
    for html, times in zip(pieces, (3, 2), strict=True):
        assert "<script" not in html
        assert html.count(HARMLESS) == times
    assert pieces[1].endswith("<small><b>1</b></small>")


def test_a_template_without_one_of_its_values_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        rendered("tabs", tabs=[], here="rates")


def test_line_breaks_of_a_template_are_no_spaces_on_the_page() -> None:
    html = rendered(
        "tabs", tabs=[("rates", "?"), ("matrix", "?tab=matrix")], here="rates", texts=EN
    )

    assert "\n" not in html
    assert "> <" not in html
    assert '<a href="?" id="tab-rates" data-board aria-current="page">' in html
