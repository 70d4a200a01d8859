"""What is being worked on: the battle that a log names, and what its annotator has written."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """A battle, and the texts that no log may repeat."""

    battle: str
    prompts: Sequence[str] = ()


_current: ContextVar[Subject | None] = ContextVar("subject", default=None)


@contextmanager
def about_battle(battle_id: str, prompts: Sequence[str] = ()) -> Iterator[None]:
    """Name a battle in everything that this task, and those that it starts, log meanwhile.

    What repeats one of the `prompts`, as errors of a model's server may, is masked.
    """
    token = _current.set(Subject(battle_id, tuple(prompts)))
    try:
        yield
    finally:
        _current.reset(token)


def subject() -> Subject | None:
    """Return what is being worked on here; None outside battles."""
    return _current.get()
