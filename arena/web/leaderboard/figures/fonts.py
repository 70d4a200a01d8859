"""Fonts of figures: DejaVu comes with matplotlib, Chinese ones are taken from the system."""

from collections.abc import Iterable
from functools import lru_cache

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

BUNDLED = "DejaVu Sans"
_WITH_HAN = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "Arial Unicode MS",
)


@lru_cache(maxsize=1)
def families() -> tuple[str, ...]:
    """Return the fonts in order: each character is taken from the first that has it."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return (BUNDLED, *(name for name in _WITH_HAN if name in installed))


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    paths = {font_manager.findfont(name, fallback_to_default=False) for name in families()}
    return frozenset(code for path in paths for code in FT2Font(path).get_charmap())


def can_draw(text: str) -> bool:
    """Return whether every character is in one of the fonts."""
    return all(ord(letter) in covered() for letter in text)


def drawable(spellings: Iterable[str]) -> str:
    """Return the first spelling that can be drawn; the last one with escapes if none can."""
    spelling = ""
    for spelling in spellings:
        if can_draw(spelling):
            return spelling
    return "".join(letter if can_draw(letter) else f"\\u{ord(letter):04x}" for letter in spelling)
