"""What was computed from the votes, kept until something is voted, flagged or becomes void."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_MOST = 64


class BoardCache(Generic[Key, Value]):
    """Values by key, each with the board version at which it was computed. Safe for threads.

    A value that many ask for at once is computed once. With version None nothing is kept.
    """

    def __init__(self, *, most: int = _MOST) -> None:
        self._most = most
        self._values: OrderedDict[Key, tuple[int, Value]] = OrderedDict()
        self._computing = Lock()

    def get(self, key: Key, version: int | None, compute: Callable[[], Value]) -> Value:
        """Return the value of a key at a version, computed if it is not known."""
        if version is None:
            return compute()
        found = self._values.get(key)
        if found is not None and found[0] == version:
            return found[1]
        with self._computing:
            found = self._values.get(key)
            if found is None or found[0] != version:
                found = (version, compute())
                self._store(key, found)
        return found[1]

    def known(self, key: Key, version: int | None) -> Value | None:
        """Return the value of a key at a version if it was kept; compute nothing."""
        found = self._values.get(key)
        return found[1] if found is not None and found[0] == version else None

    def keep(self, key: Key, version: int | None, value: Value) -> None:
        """Keep a value that was computed elsewhere."""
        if version is not None:
            with self._computing:
                self._store(key, (version, value))

    def _store(self, key: Key, value: tuple[int, Value]) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        while len(self._values) > self._most:
            self._values.popitem(last=False)
