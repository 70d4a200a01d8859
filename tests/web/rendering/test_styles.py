"""The style sheet of answers: readable colours of code, in light and dark."""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[3] / "arena" / "web" / "static" / "answers.css").read_text("utf-8")
_PAIR = r"light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)"
COLOURS = {
    name: (light, dark)
    for name, light, dark in re.findall(rf"\.code \.([a-z]+) \{{ color: {_PAIR}", CSS)
}


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Return the contrast of WCAG 2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", COLOURS)
def test_code_is_readable(name: str, scheme: int) -> None:
    background = re.search(rf"--a-code: {_PAIR}", CSS)
    assert background

    assert contrast(COLOURS[name][scheme], background[scheme + 1]) >= 4.5


def test_every_colour_of_code_is_known() -> None:
    assert set(COLOURS) == {"kw", "st", "nu", "co", "fu", "bu", "at", "de", "in"}
