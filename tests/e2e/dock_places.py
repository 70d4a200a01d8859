"""Where the controls of the dock stand, and what the tests of the dock share."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests.e2e.browsing import BattleTab, box_of
from tests.e2e.serving import ServedArena

SIZES = ((1440, 900), (1024, 768), (390, 844))
Box = tuple[float, float, float, float]
USABLE = """() => [...document.querySelectorAll("#dock *, #reasons *")]
    .filter((one) => one.matches("button, input, textarea"))
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled)
    .map((one) => {
        const { left, top, right, bottom } = (one.closest("label") ?? one).getBoundingClientRect();
        return [one.dataset.showSlot ?? one.closest("[id]").id, left, top, right, bottom];
    })"""
"""Id, left, top, right and bottom of everything that can be used at the bottom of the window."""
FOCUSED = "() => document.activeElement.closest('[id]')?.id ?? document.activeElement.tagName"
PRESS = "init => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', init))"


def overlaps(one: Box, other: Box) -> bool:
    return (
        min(one[2], other[2]) > max(one[0], other[0]) + 1
        and min(one[3], other[3]) > max(one[1], other[1]) + 1
    )


@contextmanager
def nothing_can_be_stored(arena: ServedArena) -> Iterator[None]:
    """Make the database refuse every reply."""
    with closing(sqlite3.connect(arena.database)) as other, other:
        other.execute(
            "CREATE TRIGGER no BEFORE INSERT ON replies BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
    try:
        yield
    finally:
        with closing(sqlite3.connect(arena.database)) as other, other:
            other.execute("DROP TRIGGER no")


class Places:
    """Where the controls of the dock have stood so far, at each of the sizes."""

    def __init__(self, tab: BattleTab) -> None:
        self._tab = tab
        self._seen: dict[tuple[int, int], dict[str, list[Box]]] = {size: {} for size in SIZES}
        self.docks: dict[tuple[int, int], set[float]] = {size: set() for size in SIZES}
        self.clashes: list[str] = []

    def look(self, state: str) -> None:
        """Note what can be used in this state, and what stands where something else has stood."""
        for width, height in SIZES:
            self._tab.page.set_viewport_size({"width": width, "height": height})
            self.docks[width, height].add(round(box_of(self._tab.element("dock"))["height"]))
            seen = self._seen[width, height]
            usable = [(name, tuple(box)) for name, *box in self._tab.page.evaluate(USABLE)]
            for name, box in usable:
                self.clashes += [
                    f"{name} of {state} and {other} at {width} pixels"
                    for other, places in seen.items()
                    if other != name and any(overlaps(box, one) for one in places)
                ]
            for name, box in usable:
                seen.setdefault(name, []).append(box)

    @property
    def names(self) -> set[str]:
        """Everything that was seen at all sizes."""
        return set.intersection(*(set(seen) for seen in self._seen.values()))
