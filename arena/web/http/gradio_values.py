"""Validation of event values, by the component that each of them comes from."""

from collections.abc import Callable, Collection, Mapping
from functools import partial

import gradio as gr
from gradio.components import Component

from arena.domain.characters import to_well_formed

Reader = Callable[[object], object]
"""Makes a value out of what a browser sent. Raises `BadValue` for what no page of ours sends."""


class BadValue(Exception):
    """A value that its component cannot have."""


def event_readers(blocks: gr.Blocks) -> Mapping[int, tuple[Reader, ...]]:
    """Return the readers of all values of each event, by the event's number.

    Events that run in the browser alone are left out.

    Raises:
        TypeError: A component has no reader yet.
    """
    return {
        number: tuple(map(_reader, event.inputs))
        for number, event in blocks.fns.items()
        if event.fn is not None
    }


def _reader(component: object) -> Reader:
    match component:
        case gr.Textbox() | gr.Button():
            return _text
        case gr.Checkbox():
            return _tick
        case gr.Dropdown(multiselect=None | False):
            return partial(_choice, _values(component))
        case gr.CheckboxGroup():
            return partial(_choices, _values(component))
    raise TypeError(f"say in {__name__} what a page may send of {component!r}")


def _values(component: Component) -> Collection[object]:
    """Of choices, the first is what one reads, the second what is sent."""
    return [value for _, value in getattr(component, "choices", ())]


def _text(value: object) -> str:
    """In whole characters: Gradio cannot send others back.

    A field that nobody has touched is sent as nothing.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadValue
    return to_well_formed(value)


def _tick(value: object) -> bool:
    if not isinstance(value, bool | None):
        raise BadValue
    return bool(value)


def _choice(choices: Collection[object], value: object) -> object:
    if value is not None and value not in choices:
        raise BadValue
    return value


def _choices(choices: Collection[object], value: object) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list) or any(one not in choices for one in value):
        raise BadValue
    return value
