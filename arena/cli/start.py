"""The last line of a start: how many models are ready, and where the arena is."""

from collections.abc import Callable, Mapping

import typer

from arena.domain.conversation import ModelKey
from arena.domain.mode import PAIRWISE
from arena.inference.backend import ModelState


class Start:
    """A start as its operator follows it.

    One line comes when battles can begin, and another one if further models were still loading.
    """

    def __init__(self, states: Callable[[], Mapping[ModelKey, ModelState]], address: str) -> None:
        self._states = states
        self._address = address
        self._said = ""

    def announce(self) -> bool:
        """Print what is new; return whether nothing more will be."""
        states = list(self._states().values())
        ready, loading = states.count(ModelState.READY), states.count(ModelState.LOADING)
        if ready < PAIRWISE.slots:
            return False
        if not self._said or not loading:
            self._print(ready, len(states), loading)
        return not loading

    def _print(self, ready: int, models: int, loading: int) -> None:
        count = f"{ready}" if ready == models else f"{ready} of {models}"
        more = f", {loading} still loading" if loading else ""
        said = f"Ready: {count} models{more}, {self._address}, admin {self._address}admin/"
        if said != self._said:
            typer.echo(said)
        self._said = said
