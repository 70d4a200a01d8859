"""What a board counts, in words: its filters, and until when votes were cast."""

from datetime import datetime

from arena.domain.board import FILTER_FIELDS, BoardFilter, FieldKind
from arena.domain.board_fields import day_of, written
from arena.web.leaderboard.view import BoardView, Texts

_SEPARATOR = " · "
_WITH_FIGURES = ("include_flagged", "without_one_address")
"""Switches of which more is said than that they are on."""


def scope_line(view: BoardView) -> str:
    """Return the sentence above a board; the day of the last vote is there when it is known."""
    words = [
        view.texts["leaderboard.scope_line"],
        *(filter_words(view.board.filter, view.texts) or [view.texts["leaderboard.all_votes"]]),
    ]
    if view.last_vote or not view.complete:
        day = day_words(view.last_vote, view.texts) if view.last_vote else "…"
        name = "last_import" if view.is_import_day else "last_vote"
        words.append(view.texts[f"leaderboard.{name}"].format(day=day))
    return _SEPARATOR.join(words)


def day_words(moment: datetime, texts: Texts) -> str:
    """Return a day (UTC) as people write it."""
    months = texts["leaderboard.months"].split(",")
    return texts["leaderboard.day"].format(
        day=moment.day, month=months[moment.month - 1], year=moment.year
    )


def filter_words(board_filter: BoardFilter, texts: Texts) -> list[str]:
    """Return what the filter limits, piece by piece; nothing where everything is counted."""
    words = [
        f"{texts[f'leaderboard.filter.{field.name}']}: {texts.get(f'{field.name}.{value}', value)}"
        for field in FILTER_FIELDS
        if field.kind in {FieldKind.CHOICE, FieldKind.NUMBER}
        for value in written(field, board_filter)
    ]
    words += [
        texts[f"leaderboard.filter.{field.name}"]
        for field in FILTER_FIELDS
        if field.kind is FieldKind.SWITCH and field.attribute not in _WITH_FIGURES
        if field.is_set(board_filter)
    ]
    words += _days(board_filter, texts)
    if board_filter.models:
        words.append(texts["leaderboard.figure.among"].format(models=len(board_filter.models)))
    return words


def _days(board_filter: BoardFilter, texts: Texts) -> list[str]:
    first, last = (
        day_of(field, board_filter)
        for kind in (FieldKind.FIRST_DAY, FieldKind.LAST_DAY)
        for field in FILTER_FIELDS
        if field.kind is kind
    )
    if not first and not last:
        return []
    period = f"{first or '…'} – {last or '…'}"
    return [texts["leaderboard.figure.days"].format(period=period)]
