"""The snapshots of boards on the tab of time: a list, a new one, and two of them compared."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup, escape

from arena.domain.board import FILTER_FIELDS
from arena.domain.board_fields import filter_of, written
from arena.services.board.snapshots.comparing import comparison_table
from arena.services.board.snapshots.keeping import SnapshotHead
from arena.web.common.markup import NOTHING
from arena.web.common.texts import link_to
from arena.web.leaderboard.parts.messages import alarm
from arena.web.leaderboard.parts.numbers import NONE, count
from arena.web.leaderboard.parts.scope import day_words, filter_words
from arena.web.leaderboard.parts.table import Cell, Row, figure_cell, table, text_cell
from arena.web.leaderboard.parts.value_tables import Words, value_panel
from arena.web.leaderboard.query import Tab
from arena.web.leaderboard.rendering import rendered
from arena.web.leaderboard.view import BoardView, ShownSnapshots, Texts

PLACE: Final = "/leaderboard/snapshots"
_SHORT: Final = 12
"""Digits of a fingerprint in the list: the page of a snapshot has them all."""
_COLUMNS = ("snapshot", "frozen", "scope", "votes", "models", "fingerprint")


def snapshots_panel(view: BoardView) -> Markup:
    """Return the panel, and below it what has changed between the two that are compared."""
    found = view.snapshots
    if found is None:
        return NOTHING
    texts, query = view.texts, view.query
    panel = rendered(
        "snapshots",
        place=PLACE,
        token=view.freezing,
        limits=[(one.name, value) for one in FILTER_FIELDS for value in written(one, query.filter)],
        table=_table(view, found.heads) if found.heads else NOTHING,
        heads=found.heads,
        tab=Tab.TIME.value,
        chosen=_chosen(view, found),
        faults=_faults(view, found),
        texts=texts,
    )
    return panel + _comparison(found, texts)


def scope_words(head: SnapshotHead, texts: Texts) -> str:
    """Return what the board of a snapshot counts."""
    words = filter_words(filter_of(head.limits), texts) or [texts["leaderboard.all_votes"]]
    return " · ".join(words)


def _chosen(view: BoardView, found: ShownSnapshots) -> tuple[int | None, int | None]:
    """Return the numbers that the form starts from: those compared, or the newest two."""
    if view.query.earlier is not None and view.query.later is not None:
        return (view.query.earlier, view.query.later)
    newest = [head.number for head in found.heads[:2]]
    return (newest[-1], newest[0]) if newest else (None, None)


def _faults(view: BoardView, found: ShownSnapshots) -> Markup:
    texts, query = view.texts, view.query
    if found.missing:
        numbers = texts["leaderboard.list_separator"].join(map(str, found.missing))
        return alarm(texts["leaderboard.snapshots.missing"].format(numbers=numbers))
    if query.earlier is not None and query.earlier == query.later:
        return alarm(texts["leaderboard.snapshots.same"])
    return NOTHING


def _comparison(found: ShownSnapshots, texts: Texts) -> Markup:
    if found.compared is None:
        return NOTHING
    earlier, later = found.compared
    words = Words(texts, {**earlier.names, **later.names})
    return value_panel(words, comparison_table(earlier, later), open_at_once=True)


def _table(view: BoardView, heads: Sequence[SnapshotHead]) -> Markup:
    columns = (*_COLUMNS, "frozen_by") if view.freezing else _COLUMNS
    rows = [Row(_cells(head, view.texts, named=bool(view.freezing))) for head in heads]
    return table("snapshots", columns, rows, view.texts)


def _cells(head: SnapshotHead, texts: Texts, *, named: bool) -> list[Cell]:
    title = texts["leaderboard.snapshots.title"].format(number=head.number)
    link = Markup('<a href="{}/{}">{}</a>').format(link_to(texts, PLACE), head.number, title)
    cells = [
        Cell(link, head.number),
        Cell(escape(day_words(head.at, texts)), head.at.isoformat()),
        text_cell(scope_words(head, texts)),
        figure_cell(count(head.votes), head.votes),
        figure_cell(count(head.models), head.models),
        Cell(Markup("<code>{}</code>").format(head.fingerprint[:_SHORT]), head.fingerprint),
    ]
    return [*cells, text_cell(head.who or NONE)] if named else cells
