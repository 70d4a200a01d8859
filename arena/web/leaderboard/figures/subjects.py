"""What a figure says, whatever it shows."""

from datetime import date
from typing import TypeAlias

from arena.web.leaderboard.figure_style import FigureChoice, FigureSubject
from arena.web.leaderboard.figures.content import (
    FigureContent,
    figure_content,
    matrix_content,
    rates_content,
)
from arena.web.leaderboard.figures.ratings import RatingsContent, ratings_content
from arena.web.leaderboard.view import BoardView

AnyContent: TypeAlias = FigureContent | RatingsContent


def content_of(view: BoardView, choice: FigureChoice, today: date) -> AnyContent | None:
    """Return what the chosen figure of a board says; None if there is nothing to show."""
    match choice.subject:
        case FigureSubject.RATES:
            return rates_content(view, today)
        case FigureSubject.MATRIX:
            return matrix_content(view, today)
        case FigureSubject.RATINGS:
            return ratings_content(view, today)
    return figure_content(view, today, choice)


def file_name(content: AnyContent) -> str:
    """Return what a file of it is called, without its ending: its subject, or its first model."""
    if isinstance(content, RatingsContent):
        return FigureSubject.RATINGS.value
    if content.subject is FigureSubject.MODELS:
        return content.panels[0].key or ""
    return content.subject.value
