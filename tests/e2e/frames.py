"""What the frames of a streamed battle have in common, whatever the models say."""

from typing import Any


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
    """The message's name and keys, and the operations on every component."""
    output = message.get("output") or {}
    operations = sorted({str(shape(part)) for part in output.get("data") or []})
    names = sorted({str(word) for word in _operations(output.get("data") or [])})
    keys = sorted(set(message) | {f"output.{key}" for key in output})
    if message["msg"] == "process_generating" and names == ["append"]:
        operations = []
    return f"{message['msg']} {keys} {names} {operations}"


def _operations(data: list[Any]) -> list[str]:
    """Names of the changes that a frame makes to what the page has."""
    return [
        change[0]
        for part in data
        if isinstance(part, list)
        for change in part
        if isinstance(change, list) and change and isinstance(change[0], str)
    ]


def added(message: dict[str, Any]) -> tuple[int, ...]:
    """Characters that a frame adds to each column, left to right."""
    if message["msg"] != "process_generating":
        return (0, 0)
    data = message["output"].get("data") or []
    texts = [
        sum(len(change[2]) for change in part if change[0] == "append")
        for part in data
        if isinstance(part, list) and _operations([part]) == ["append"]
    ]
    return tuple(texts) or (0, 0)
