"""What a page may send of each component, as Gradio's own components would have it."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import gradio as gr
import pytest

from arena.web.http.gradio_values import BadValue, Reader, event_readers

Make = Callable[[], Any]
CHOICES: Any = [("Writing", "writing"), ("Any", "")]


def reader_of(make: Make) -> Reader:
    """The reader of an event's only value."""

    def fill() -> None:
        gr.Button("x").click(lambda value: None, make(), None)

    ((reader,),) = readers_of(fill).values()
    return reader


def readers_of(fill: Callable[[], None]) -> Mapping[int, tuple[Reader, ...]]:
    """The readers of a page's events."""

    async def build() -> gr.Blocks:  # in a loop: outside one Gradio makes its own and leaves it
        blocks = gr.Blocks(analytics_enabled=False)
        with blocks:
            fill()
        return blocks

    return event_readers(asyncio.run(build()))


@pytest.mark.parametrize(
    ("make", "sent", "read"),
    [
        (gr.Textbox, "天空\x00", "天空\x00"),
        (gr.Textbox, None, ""),
        (gr.Textbox, "half \ud83d of one", "half \ufffd of one"),
        (partial(gr.Button, "Why?"), "Why?", "Why?"),
        (gr.Checkbox, True, True),
        (gr.Checkbox, None, False),
        (partial(gr.Dropdown, CHOICES), "writing", "writing"),
        (partial(gr.Dropdown, CHOICES), "", ""),
        (partial(gr.Dropdown, CHOICES), None, None),
        (partial(gr.CheckboxGroup, CHOICES), ["writing", ""], ["writing", ""]),
        (partial(gr.CheckboxGroup, CHOICES), [], []),
        (partial(gr.CheckboxGroup, CHOICES), None, []),
    ],
)
def test_what_a_page_sends_is_read(make: Make, sent: object, read: object) -> None:
    assert reader_of(make)(sent) == read


@pytest.mark.parametrize(
    ("make", "sent"),
    [
        (gr.Textbox, 1),
        (gr.Textbox, ["a"]),
        (gr.Textbox, {"path": "/etc/passwd"}),
        (gr.Textbox, True),
        (partial(gr.Button, "Why?"), 1),
        (gr.Checkbox, "yes"),
        (gr.Checkbox, 1),
        (partial(gr.Dropdown, CHOICES), "Writing"),
        (partial(gr.Dropdown, CHOICES), ["writing"]),
        (partial(gr.Dropdown, CHOICES), 0),
        (partial(gr.CheckboxGroup, CHOICES), "writing"),
        (partial(gr.CheckboxGroup, CHOICES), ["nonsense"]),
        (partial(gr.CheckboxGroup, CHOICES), ["writing", None]),
        (partial(gr.CheckboxGroup, CHOICES), [{"path": "/etc/passwd"}]),
    ],
)
def test_what_no_page_sends_is_refused(make: Make, sent: object) -> None:
    with pytest.raises(BadValue):
        reader_of(make)(sent)


@pytest.mark.parametrize(
    "make", [gr.File, gr.State, partial(gr.Dropdown, CHOICES, multiselect=True)]
)
def test_a_component_of_which_nobody_has_said_what_it_holds_stops_the_start(
    make: Make,
) -> None:
    with pytest.raises(TypeError, match="say in arena"):
        reader_of(make)


def test_what_runs_in_the_browser_alone_is_no_event() -> None:
    def fill() -> None:
        text = gr.Textbox()
        gr.Button("x").click(None, text, text, js="(text) => text")

    assert readers_of(fill) == {}
