"""A manager's loop without a model: steps cost virtual time, and tokens are all the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from transformers.generation.continuous_batching.requests import RequestState

_STEP_TOKENS = 2048
_CACHE_TOKENS = 10**6


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds that a step takes: by itself, for each token, and for each 1,000 tokens read."""

    step_s: float = 0.1
    token_s: float = 0.005
    thousand_read_s: float = 0.01


@dataclass(slots=True)
class Seen:
    """When a request got its tokens, in virtual seconds, and its prompt tokens step by step."""

    token_at: list[float] = field(default_factory=list)
    fed: list[int] = field(default_factory=list)


class _Pool:
    def try_to_free_sectors(self) -> None:
        pass


class _RoomyCache:
    """What a scheduler asks of a paged cache, with room for all but those in `refused`."""

    use_prefix_sharing = False
    max_blocks_per_request = 0
    max_decode_fast_path_length = 0
    read_cache_limit = None

    def __init__(self) -> None:
        self.pool = _Pool()
        self.freed: list[str] = []
        self.refused: set[str] = set()

    def compute_free_capacity(self) -> float:
        return 1.0

    def can_store_request_tokens(self, state: RequestState, request_len: int) -> bool:
        del request_len
        return state.request_id not in self.refused

    def count_new_complete_blocks(self, state: RequestState, request_len: int) -> dict[str, int]:
        del state, request_len
        return {}

    def free_blocks(self, request_id: str) -> None:
        self.freed.append(request_id)


class SteppedMachine:
    """Plays the manager's loop over a scheduler that `make` builds for a cache and a clock.

    `overlapped`: the loop waits for a step while the next one is already on its way.
    """

    def __init__(
        self,
        make: Callable[[Any, Callable[[], float]], Any],
        costs: Costs = Costs(),
        *,
        overlapped: bool = False,
    ) -> None:
        self.now = 0.0
        self.costs = costs
        self._overlapped = overlapped
        self._on_its_way = 0.0
        self.cache = _RoomyCache()
        self.scheduler = make(self.cache, lambda: self.now)
        self.seen: dict[str, Seen] = {}
        self._numbers = count()

    def add(self, prompt_tokens: int, new_tokens: int = 10**6) -> str:
        """Submit a request; returns its id."""
        name = f"request-{next(self._numbers)}"
        state = RequestState(name, [7] * prompt_tokens, max_new_tokens=new_tokens)
        self.scheduler.add_waiting_request(state)
        self.seen[name] = Seen()
        return name

    def cancel(self, request: str) -> None:
        """Cancel a request, as its client would, in mid-step."""
        self.scheduler.set_request_cancellation(request)

    def step(self) -> Mapping[str, int]:
        """Play one step; returns how many tokens of each request were in it."""
        self.scheduler.clear_cancelled_requests()
        if not self.scheduler.has_pending_requests():
            return {}
        batch, _, queries, read = self.scheduler.schedule_batch(_STEP_TOKENS, _CACHE_TOKENS)
        assert batch, "work, and nothing scheduled"
        costs = self.costs
        took = costs.step_s + costs.token_s * queries + costs.thousand_read_s * read / 1000
        if self._overlapped:
            took, self._on_its_way = self._on_its_way, took
        self.now += took
        for one in batch:
            self._update(one)
        return {one.state.request_id: one.query_length for one in batch}

    def _update(self, one: Any) -> None:
        state, seen = one.state, self.seen[one.state.request_id]
        state.position_offset += one.query_length
        if not seen.token_at:
            seen.fed.append(one.query_length)
        if one.has_new_token:
            seen.token_at.append(self.now)
            if state.update_and_check_completion(7, None):
                self.scheduler.finish_request(state.request_id)
