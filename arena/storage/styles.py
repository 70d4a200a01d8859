"""Styles of replies, counted once, when a reply is stored."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select

from arena.domain.style import style_of
from arena.storage.schema import replies, reply_styles

_AT_ONCE = 500
_INSERT_STYLE: Final = insert(reply_styles)


def insert_styles(connection: Connection, texts: Mapping[int, str]) -> None:
    """Count the style of replies by their numbers; an empty text is one that is not known."""
    rows = [{"reply_id": number, **_counted(text)} for number, text in texts.items() if text]
    if rows:
        connection.execute(_INSERT_STYLE, rows)


def fill_styles(connection: Connection) -> None:
    """Count the style of every reply that has none yet."""
    last = 0
    missing = (
        select(replies.c.id, replies.c.text)
        .outerjoin(reply_styles, reply_styles.c.reply_id == replies.c.id)
        .where(replies.c.id > bindparam("last"), reply_styles.c.reply_id.is_(None))
        .where(replies.c.text != "")
        .order_by(replies.c.id)
        .limit(_AT_ONCE)
    )
    while texts := {row.id: row.text for row in connection.execute(missing, {"last": last})}:
        insert_styles(connection, texts)
        last = max(texts)


def _counted(text: str) -> dict[str, int]:
    return {feature.value: count for feature, count in style_of(text).items()}
