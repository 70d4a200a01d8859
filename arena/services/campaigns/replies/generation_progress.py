"""How far a generation is, how fast, and when it will be done."""

from collections.abc import Callable
from dataclasses import dataclass

from arena.domain.campaign_replies import ReplyStatus
from arena.domain.clock import Clock
from arena.domain.conversation import ModelKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The state of a generation. `number` of `models` is being asked; counts are replies.

    `done` of `total` places of this model are settled, `all_done` of `all_total` places of all.
    Rates are those of this model since its first request; `left_s` is the time left for all
    models at the rate so far. None where nothing can be said yet. `note` is what the model does
    while it is not ready.
    """

    model: ModelKey
    name: str
    number: int
    models: int
    done: int
    total: int
    all_done: int
    all_total: int
    replies_per_s: float | None = None
    tokens_per_s: float | None = None
    left_s: float | None = None
    note: str = ""


Report = Callable[[Progress], None]
"""Takes the progress after every change, on the event loop."""


class Rate:
    """What was written, by time spent writing. The time in which models load does not count."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began_s: float | None = None
        self._spent_s = 0.0
        self.replies = 0
        self.tokens = 0

    @property
    def seconds(self) -> float:
        """How long models were writing."""
        running = 0.0 if self._began_s is None else self._clock.monotonic() - self._began_s
        return self._spent_s + running

    def begin(self) -> None:
        """Note that a model writes now."""
        self._began_s = self._clock.monotonic()

    def end(self) -> None:
        """Note that it does no more."""
        self._spent_s, self._began_s = self.seconds, None

    def note(self, tokens: int | None) -> None:
        """Count a reply."""
        self.replies += 1
        self.tokens += tokens or 0

    def per_s(self, amount: int) -> float | None:
        """Return an amount a second; None before anything was written."""
        return amount / self.seconds if amount and self.seconds > 0 else None


class Tally:
    """Counts what a generation does, and reports it."""

    def __init__(self, clock: Clock, report: Report, *, models: int, all_total: int) -> None:
        self._clock = clock
        self._report = report
        self._models = models
        self._all_total = all_total
        self._all_done = 0
        self._whole_run = Rate(clock)
        self._number = 0

    def model(self, key: ModelKey, name: str, total: int) -> "ModelTally":
        """Begin to count for the next model, which has `total` places."""
        self._number += 1
        return ModelTally(self, self._clock, key=key, name=name, total=total)

    def settle(self, places: int) -> None:
        """Count places of which nothing more will be asked."""
        self._all_done += places

    def writing(self, *, begins: bool) -> None:
        """Note that a model begins to write, or ends."""
        if begins:
            self._whole_run.begin()
        else:
            self._whole_run.end()

    def wrote(self, tokens: int | None) -> None:
        """Count a reply that was written."""
        self._whole_run.note(tokens)

    def tell(self, model: "ModelTally") -> None:
        """Report how far the generation is."""
        per_s = self._whole_run.per_s(self._whole_run.replies)
        left = self._all_total - self._all_done
        self._report(
            Progress(
                model=model.key,
                name=model.name,
                number=self._number,
                models=self._models,
                done=model.done,
                total=model.total,
                all_done=self._all_done,
                all_total=self._all_total,
                replies_per_s=model.rate.per_s(model.rate.replies),
                tokens_per_s=model.rate.per_s(model.rate.tokens),
                left_s=0.0 if not left else left / per_s if per_s else None,
                note=model.note,
            )
        )


class ModelTally:
    """Counts the replies of one model."""

    def __init__(self, tally: Tally, clock: Clock, *, key: ModelKey, name: str, total: int) -> None:
        self.key = key
        self.name = name
        self.total = total
        self.done = 0
        self.note = ""
        self.requests = 0
        self.reused = 0
        self.rate = Rate(clock)
        self.failures: dict[ReplyStatus, int] = {}
        self._tally = tally

    def settle(self, places: int = 1, *, reused: bool = False) -> None:
        """Count places of which nothing more will be asked."""
        self.done += places
        self.reused += places if reused else 0
        self._tally.settle(places)
        self._tally.tell(self)

    def tell(self, note: str) -> None:
        """Report what the model does while it is not ready."""
        if note != self.note:
            self.note = note
            self._tally.tell(self)

    def begin(self) -> None:
        """Note that the model writes now."""
        self.note = ""
        self.rate.begin()
        self._tally.writing(begins=True)

    def end(self) -> None:
        """Note that it does no more."""
        self.rate.end()
        self._tally.writing(begins=False)

    def wrote(self, tokens: int | None) -> None:
        """Count a reply that was written."""
        self.rate.note(tokens)
        self._tally.wrote(tokens)
