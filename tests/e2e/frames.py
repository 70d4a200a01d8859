"""What the frames of a streamed battle have in common, whatever the models say."""

from typing import Any

TEXT = "text"
"""The key of an answer's text in a column's value; its blocks are HTML made from it."""


def shape(value: Any) -> Any:
    """A frame without its texts and figures: kinds, keys, and which component each part is for.

    How much of a text a frame adds depends on the machine's timing, so lists of changes of one
    text count as one.
    """
    if isinstance(value, dict):
        return {key: shape(part) for key, part in sorted(value.items())}
    if isinstance(value, list):
        return [shape(part) for part in value]
    return type(value).__name__


def kind(message: dict[str, Any]) -> str:
    """The message's name and keys, and what a frame changes: components, and paths in their values.

    Numbers of blocks follow from the texts, which everybody can read.
    """
    output = message.get("output") or {}
    keys = sorted(set(message) | {f"output.{key}" for key in output})
    if message["msg"] != "process_generating":
        return f"{message['msg']} {keys} {shape(output.get('data') or [])}"
    changed = sorted(
        {
            f"{number} {change[0]} {[step for step in change[1] if isinstance(step, str)]}"
            for number, part in enumerate(output.get("data") or [])
            for change in changes(part)
        }
    )
    return f"{message['msg']} {keys} {changed}"


def changes(part: Any) -> list[list[Any]]:
    """The changes that a frame makes to one component's value; none for a whole value."""
    if not isinstance(part, list):
        return []
    return [
        change
        for change in part
        if isinstance(change, list) and len(change) == 3 and isinstance(change[0], str)
    ]


def added(message: dict[str, Any]) -> tuple[int, ...]:
    """Characters that a frame adds to each column's newest answer, left to right."""
    if message["msg"] != "process_generating":
        return (0, 0)
    texts = [
        sum(
            len(what)
            for how, path, what in changes(part)
            if how == "append" and path[-1:] == [TEXT]
        )
        for part in message["output"].get("data") or []
        if any(path[-1:] == [TEXT] for _, path, _ in changes(part))
    ]
    return tuple(texts) or (0, 0)
