"""What is known of a model that thinks: from its row, from its prompts, from earlier replies."""

from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import Final

from arena.domain.conversation import FinishReason, Message
from arena.domain.reasoning_tags import Closings, Tags
from arena.inference.clock import Clock
from arena.inference.remote.reasoning import ReasoningSplitter

LISTENING_S: Final = 3.0
"""For so long the text of a model of which no reply is known is held back, to see whether it
closes reasoning that nothing opened."""

_REPLIES_WITHOUT: Final = 3
"""After so many replies in a row without the closing tag a model is not held back any more."""


class Habit(Enum):
    """Whether a model closes reasoning that it never opened, as a template makes it do."""

    UNKNOWN = auto()
    NEVER = auto()
    ALWAYS = auto()


class Thinking:
    """How the replies of one model are to be split.

    A template that ends in an opening tag leaves the closing one alone in the reply. The row says
    so (`declared`, with an empty `open`), our own engine tells the prompt (`prompt_is_told`), and
    of other servers it is learned from the first reply that does it.
    """

    def __init__(self, declared: Tags | None, *, prompt_is_told: bool, clock: Clock) -> None:
        self._declared = declared
        self._learns = not prompt_is_told
        self._clock = clock
        self._without = 0
        self.habit = Habit.UNKNOWN
        self.closing = ""

    @property
    def inside(self) -> Tags | None:
        """The tags of a model whose row says that its replies begin in reasoning."""
        declared = self._declared
        return declared if declared is not None and not declared.open else None

    @property
    def declared(self) -> Tags | None:
        """The tags of the row."""
        return self._declared

    @property
    def is_certain(self) -> bool:
        """Whether every new reply is known to begin in reasoning."""
        return self.inside is not None or self.habit is Habit.ALWAYS

    def splitter(self, messages: Iterable[Message]) -> ReasoningSplitter:
        """Return the splitter of the next reply, which may quote tags that the messages hold."""
        inside = self.inside
        if inside is not None or not self._learns:
            return ReasoningSplitter(self._declared, inside=inside)
        return ReasoningSplitter(
            self._declared,
            closings=Closings((message.content for message in messages), self._declared),
            holds=self._holds(),
            thinks=self.habit is Habit.ALWAYS,
        )

    def learn_unopened(self, closing: str) -> None:
        """Learn that the model closes reasoning that it never opened, and with which tag."""
        self.habit, self._without, self.closing = Habit.ALWAYS, 0, closing

    def learn(self, splitter: ReasoningSplitter, reason: FinishReason) -> None:
        """Learn from a whole reply; one that was cut may not have come to its closing tag."""
        if splitter.unopened is not None:
            self.learn_unopened(splitter.unopened)
        elif reason is FinishReason.STOP and self.habit is Habit.UNKNOWN:
            self.habit = Habit.NEVER
        elif reason is FinishReason.STOP and self.habit is Habit.ALWAYS and not splitter.opened:
            self._without += 1
            if self._without == _REPLIES_WITHOUT:
                self.habit = Habit.NEVER

    def _holds(self) -> Callable[[], bool]:
        """Return whether text is still held back, counted from the first call."""
        habit, began = self.habit, None

        def holds() -> bool:
            nonlocal began
            now = self._clock.monotonic()
            began = now if began is None else began
            return habit is Habit.ALWAYS or (habit is Habit.UNKNOWN and now - began < LISTENING_S)

        return holds
