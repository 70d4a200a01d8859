"""A figure in the widths of a journal's page: its panels, its letters, its colours."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations, product
from typing import Final

import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from arena.domain.conversation import ModelKey
from arena.storage.database import Database
from arena.web.leaderboard.figure_style import FigureChoice, FigureStyle, FigureWidth
from arena.web.leaderboard.figures.content import FigureContent, figure_content
from arena.web.leaderboard.figures.data import figure_data
from arena.web.leaderboard.figures.drawing import FigureFormat, draw, figure_of_content
from arena.web.leaderboard.figures.fonts import families
from arena.web.leaderboard.figures.subjects import AnyContent
from tests.builders import seed_votes
from tests.web.leaderboard.boards import in_one_order, varied_votes, view_of

TODAY: Final = date(2026, 4, 1)
LONG: Final = "an-organisation/a-model-of-a-rather-long-name-70b-instruct"
MILLIMETRES: Final = {FigureWidth.ONE: 84, FigureWidth.TWO: 174}


@pytest.fixture
def board(database: Database) -> Database:
    """Four models: one pair in one order, one with a long name, one without a decisive vote."""
    in_one_order(database)
    varied_votes(database, ("alpha", LONG), 60)
    seed_votes(database, models=("beta", LONG), wins=3, losses=2)
    seed_votes(database, models=("alpha", "undecided"), ties=2)
    return database


def content_of(database: Database, *models: str, **choice: object) -> FigureContent:
    chosen = FigureChoice(models=tuple(map(ModelKey, models)), **choice)  # type: ignore[arg-type]
    found = figure_content(view_of(database), TODAY, chosen)
    assert found is not None
    return found


def drawn(content: AnyContent, style: FigureStyle) -> Figure:
    with mpl.rc_context({"font.family": list(families())}):
        figure = figure_of_content(content, style)
        FigureCanvasAgg(figure).draw()  # type: ignore[no-untyped-call]
    return figure


def letters(figure: Figure) -> Iterator[Text]:
    """The texts that are seen."""
    for text in figure.findobj(Text):
        if isinstance(text, Text) and text.get_visible() and text.get_text().strip():
            yield text


STYLES: Final = [
    FigureStyle(width=width, titles=words, notes=words)
    for width, words in product(FigureWidth, (True, False))
]


@pytest.mark.parametrize("models", [("alpha",), ("alpha", "beta"), ("alpha", "beta", LONG)])
@pytest.mark.parametrize("style", STYLES, ids=repr)
def test_letters_are_large_enough_stay_on_the_page_and_apart(
    board: Database, models: tuple[str, ...], style: FigureStyle
) -> None:
    check_letters(drawn(content_of(board, *models), style), style)


def check_letters(figure: Figure, style: FigureStyle) -> None:
    """As wide as its style says; no letter too small, off the page or on another."""
    width, _ = figure.get_size_inches()
    assert width * 25.4 == pytest.approx(MILLIMETRES[style.width])
    page = figure.bbox
    shown = list(letters(figure))
    boxes = [(text.get_text(), text.get_window_extent()) for text in shown]
    assert min(float(text.get_fontsize()) for text in shown) >= 7
    for text, box in boxes:
        assert page.x0 <= box.x0, text
        assert box.x1 <= page.x1 + 0.5, text
        assert page.y0 <= box.y0, text
        assert box.y1 <= page.y1 + 0.5, text
    for (one, first), (other, second) in combinations(boxes, 2):
        overlap = first.intersection(first, second)
        assert overlap is None or overlap.width < 1 or overlap.height < 2, (one, other)


def test_several_models_have_a_panel_each_with_their_names(board: Database) -> None:
    svg = draw(content_of(board, "alpha", "beta"), FigureFormat.SVG).decode()
    bare = draw(
        content_of(board, "alpha", "beta"), FigureFormat.SVG, FigureStyle(titles=False, notes=False)
    ).decode()

    for text in (svg, bare):
        assert text.count(">Name of alpha<") == 2  # the panel, and a row of the other
        assert text.count(">Name of beta<") == 2
    assert "weakest result first" in svg
    assert "weakest result first" not in bare
    assert "2026-04-01" not in bare


def test_a_pair_in_two_panels_is_counted_once(board: Database) -> None:
    alone, both = content_of(board, "alpha"), content_of(board, "alpha", "beta")

    assert "260 decisive comparisons of 262" in alone.caption[-1]
    assert "265 decisive comparisons of 267" in both.caption[-1]


def test_opponents_are_chosen_and_the_notes_say_how_many_are_not_shown(board: Database) -> None:
    chosen = content_of(board, "alpha", opponents=frozenset({ModelKey("beta")}))
    enough = content_of(board, "alpha", least=1)

    assert [bar.key for bar in chosen.panels[0].bars] == ["beta"]
    assert "Opponents not shown: 2." in chosen.caption
    assert "undecided" not in [bar.key for bar in enough.panels[0].bars]
    assert "Opponents not shown, with fewer than 1 decisive comparisons: 1." in enough.caption


def test_without_an_opponent_to_show_there_is_no_figure(board: Database) -> None:
    choice = FigureChoice(models=(ModelKey("alpha"),), least=1_000)

    assert figure_content(view_of(board), TODAY, choice) is None


def test_the_data_have_the_rows_of_every_panel(board: Database) -> None:
    rows = figure_data(content_of(board, "alpha", "beta")).decode().splitlines()[1:]

    assert [row.split(",")[0] for row in rows] == ["alpha"] * 3 + ["beta"] * 2


def test_a_grey_figure_has_no_colour(board: Database) -> None:
    svg = draw(content_of(board, "alpha"), FigureFormat.SVG, FigureStyle(grey=True)).decode()

    assert "#1f5fa8" not in svg
    assert "#4d4d4d" in svg


def test_the_fonts_of_a_pdf_are_embedded_as_outlines(board: Database) -> None:
    pdf = draw(content_of(board, "alpha"), FigureFormat.PDF)

    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    assert b"/MediaBox [ 0 0 493.2" in pdf  # 174 mm in points


def test_more_panels_than_a_page_holds_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 6 models"):
        FigureChoice(models=tuple(ModelKey(f"m{number}") for number in range(7)))
