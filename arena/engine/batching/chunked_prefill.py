"""The manager's scheduler: replies go on in every step, and long prompts come in by chunks.

transformers' own gives all of a step's tokens, up to 2,048, to the prompt that came first: on a CPU
such a step lasts for many seconds, in which no reply grows and no other prompt begins.
"""

import time
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, ClassVar, Final, NamedTuple

from transformers.generation.continuous_batching.requests import RequestStatus
from transformers.generation.continuous_batching.scheduler import SCHEDULER_MAPPING, FIFOScheduler

from arena.engine.batching.prefill_budget import Allowance, PrefillBudget, StepLoad

CHUNKED_PREFILL: Final = "arena_chunked_prefill"
OVERLAPPED_PREFILL: Final = "arena_overlapped_prefill"
"""Their names for the manager's `scheduler_type`; the second is for steps that overlap."""

Batch = tuple[list[Any] | None, bool, int, int]
"""What `Scheduler.schedule_batch` returns: requests, fast path, query tokens, tokens read."""


class _Cut(NamedTuple):
    """The prompts that are in chunks, and how many tokens the first has in this step.

    The others stand in for it where the cache has no room for it: a step must not stay empty.
    """

    prompts: list[Any]
    tokens: int


class ChunkedPrefillScheduler(FIFOScheduler):
    """Schedules running replies first, then as many prompt tokens as `PrefillBudget` grants.

    Short prompts come in whole. Of the others one has a chunk, in turns the one that came first
    and the one that is done soonest: none waits for the long ones before it, and none for ever.
    """

    is_overlapped: ClassVar[bool] = False

    def __init__(
        self,
        cache: Any,
        safety_margin: float | None,
        max_requests_per_batch: int,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(cache, safety_margin, max_requests_per_batch)
        self.budget = PrefillBudget(clock)
        self._before: StepLoad | None = None
        self._is_turn_of_first = True

    def has_pending_requests(self) -> bool:
        """Return whether there is anything to do. The manager asks once between two steps."""
        self.budget.end()
        if super().has_pending_requests():
            return True
        self._before = None
        return False

    def schedule_batch(self, token_budget: int, cache_budget: int) -> Batch:
        """Choose the next step's requests within the manager's budgets; see `Scheduler`."""
        replies = self._active(RequestStatus.DECODING)
        granted = self.budget.allowance(len(replies))
        whole, cut = self._admitted(granted, token_budget - len(replies))
        tokens = sum(map(_length, whole)) + cut.tokens
        no_longer_waiting: set[str] = set()
        scheduled, has_failed, is_fast, query_tokens, read_tokens = self._process_candidates(
            [*replies, *whole, *cut.prompts],
            len(replies) + tokens,
            cache_budget,
            no_longer_waiting,
        )
        self._cleanup_waiting_queue(no_longer_waiting)
        if not scheduled and has_failed:
            return None, is_fast, 0, 0
        self._note(scheduled, {state.request_id for state in replies}, cut)
        return scheduled, is_fast, query_tokens, read_tokens

    def _active(self, status: RequestStatus) -> list[Any]:
        return [state for state in self.active_requests.values() if state.status == status]

    def _waiting(self) -> list[Any]:
        """Return the prompts that wait and find a place in the batch.

        A cache that was full blocks new ones until a request has finished. The manager forgets
        that the last one may also have been cancelled.
        """
        if self.block_new_requests and self.active_requests:
            return []
        places = max(self.max_requests_per_batch - len(self.active_requests), 0)
        return self._get_waiting_candidates()[:places]

    def _admitted(self, granted: Allowance, room: int) -> tuple[list[Any], _Cut]:
        """Return the short prompts that come in whole, as they came, and those that are cut."""
        waiting = self._waiting()
        limit = min(granted.whole, room)
        short = [state for state in waiting if _length(state) <= limit]
        long = self._active(RequestStatus.PREFILLING)
        long += [state for state in waiting if _length(state) > limit]
        chunk = min(granted.chunk, room // 2 if short else room)
        cut = self._cut(long, chunk)
        ends = accumulate(map(_length, short), initial=cut.tokens)
        fitting = sum(end <= min(limit + cut.tokens, room) for end in ends) - 1
        return short[: max(fitting, 0)], cut

    def _cut(self, long: Sequence[Any], chunk: int) -> _Cut:
        """Choose who gets a chunk; empty where nobody waits or nothing is granted."""
        if not long or chunk <= 0:
            return _Cut([], 0)
        prompts = list(long) if self._is_turn_of_first else sorted(long, key=_length)
        return _Cut(prompts, min(chunk, _length(prompts[0])))

    def _note(self, scheduled: Sequence[Any], replies: set[str], cut: _Cut) -> None:
        """Tell the budget what runs now, and let the turn pass where a prompt is in chunks."""
        fed = {
            one.state.request_id: one.query_length
            for one in scheduled
            if one.state.request_id not in replies
        }
        chunk = sum(fed.get(state.request_id, 0) for state in cut.prompts)
        if cut.prompts:
            self._is_turn_of_first = not self._is_turn_of_first
        whole = sum(fed.values()) - chunk
        load: StepLoad | None = StepLoad(len(scheduled) - len(fed), whole, chunk)
        if self.is_overlapped:
            self._before, load = load, self._before
        if load is not None:
            self.budget.begin(load)


class _OverlappedPrefillScheduler(ChunkedPrefillScheduler):
    """The same where steps overlap.

    Between two calls the manager waits for the step before the one that it has just been given:
    the time is that one's.
    """

    is_overlapped = True


def _length(state: Any) -> int:
    return len(state.remaining_prefill_tokens)


SCHEDULER_MAPPING[CHUNKED_PREFILL] = ChunkedPrefillScheduler
SCHEDULER_MAPPING[OVERLAPPED_PREFILL] = _OverlappedPrefillScheduler
