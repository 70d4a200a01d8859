"""Cells that hold a conversation: a list of messages, or the JSON text of one."""

import re
from collections.abc import Mapping, Sequence
from itertools import cycle, groupby, islice
from operator import itemgetter
from typing import Any

from arena.services.importing.fields import Fields
from arena.services.importing.files import parsed_json
from arena.services.importing.rows import ImportedTurn

_ROLES = ("user", "assistant")
_CODE = re.compile(r"[a-z]{2}")


def turns_of(fields: Fields, column: str, other: str) -> tuple[ImportedTurn, ...]:
    """Return the turns of two conversations that ask the same; note what is wrong with them.

    Pictures are left out of the messages, and messages of the system out of the conversations.
    """
    a, b = (_texts(fields, name) for name in (column, other))
    if fields.faults:
        return ()
    if a[::2] != b[::2]:
        fields.fault(other, f"does not ask what {column} asks")
        return ()
    return tuple(map(ImportedTurn, a[::2], zip(a[1::2], b[1::2], strict=True)))


def cell_value(fields: Fields, column: str) -> Any:
    """Return a nested cell, parsed where it is JSON text; the text itself where it is none."""
    cell = fields.raw(column)
    if isinstance(cell, str) and cell.lstrip().startswith(("[", "{")):
        try:
            return parsed_json(cell)
        except (ValueError, RecursionError):
            return cell
    return cell


def objects(value: Any) -> Sequence[Mapping[str, Any]]:
    """Return the objects of a list; nothing of any other value."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text_of(content: Any) -> str | None:
    """Return the words of a message's content: a text, or parts of which some are texts."""
    if content is None or isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    parts = [part.get("text") if isinstance(part, dict) else part for part in content]
    return "\n".join(part for part in parts if isinstance(part, str) and part)


def language_code(word: str) -> str | None:
    """Return a two-letter code; None for any other name of a language."""
    return word if _CODE.fullmatch(word) else None


def _texts(fields: Fields, column: str) -> Sequence[str]:
    """Return texts of user and assistant by turns, as many of both.

    Messages of one role in a row are one; a last reply that is missing is empty.
    """
    messages = cell_value(fields, column)
    if not isinstance(messages, list):
        fields.fault(column, 'should be a list of messages: [{"role": "user", "content": "…"}, …]')
        return ()
    said = [(_role(one), _content(one)) for one in messages if _role(one) != "system"]
    blocks = [(role, [text for _, text in block]) for role, block in groupby(said, itemgetter(0))]
    expected = tuple(islice(cycle(_ROLES), len(blocks)))
    if (
        not blocks
        or tuple(role for role, _ in blocks) != expected
        or any(text is None for _, text in said)
    ):
        fields.fault(column, "should hold messages of user and assistant by turns")
        return ()
    texts = ["\n".join(text for text in texts if text) for _, texts in blocks]
    return [*texts, *[""] * (len(texts) % 2)]


def _role(message: Any) -> Any:
    return message.get("role") if isinstance(message, dict) else None


def _content(message: Any) -> str | None:
    content = message.get("content") if isinstance(message, dict) else None
    return "" if content is None else text_of(content)
