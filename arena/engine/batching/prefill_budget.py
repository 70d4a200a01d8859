"""How many prompt tokens may join a step, so that running replies go on meanwhile.

Stall-free batching (Agrawal et al., "Taming Throughput-Latency Tradeoff in LLM Inference with
Sarathi-Serve", OSDI 2024): every running reply decodes in each step, and prompts are prefilled in
chunks beside them. Here the chunks follow from how long steps last: no machine is tuned by hand.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Final, NamedTuple

_RECENT: Final = 3
"""Medians of so many measurements: a step that another program held up counts for nothing."""

_MEASURED_EVERY: Final = 16
"""After so many steps with prompt tokens comes one without, to see what decoding costs now."""

_LONGEST_DEBT: Final = 16
"""Most decoding steps' worth of time that a chunk is held to have taken from the replies."""


@dataclass(frozen=True, slots=True)
class PrefillTargets:
    """What prompts may cost the replies that run; times in seconds.

    `decode_share` of their undisturbed speed stays with replies while a long prompt comes in.
    A step with a chunk may always last `chunk_step_s`. `whole_step_s` is for short prompts, and
    for chunks where no reply runs: others arrive, and cancellations are read between steps.
    Below `least_tokens` a chunk costs more by itself than by its tokens.
    """

    decode_share: float = 0.65
    chunk_step_s: float = 0.25
    whole_step_s: float = 1.0
    least_tokens: int = 128


class Allowance(NamedTuple):
    """Tokens that the next step may have of whole prompts, and of one that comes in chunks."""

    whole: int
    chunk: int


class StepLoad(NamedTuple):
    """What a step processes: replies, tokens of whole prompts, and of one that is in chunks."""

    replies: int
    whole: int
    chunk: int

    @property
    def prompt_tokens(self) -> int:
        """All but those of replies."""
        return self.whole + self.chunk


class PrefillBudget:
    """Grants prompt tokens step by step, from the durations of the steps before."""

    def __init__(
        self, clock: Callable[[], float], targets: PrefillTargets = PrefillTargets()
    ) -> None:
        self._clock, self._targets = clock, targets
        self._decoding_s: deque[float] = deque(maxlen=_RECENT)
        self._token_s: deque[float] = deque(maxlen=_RECENT)
        self._unmeasured_steps = 0
        self._credit_s = 0.0
        self._running: tuple[StepLoad, float] | None = None

    def allowance(self, replies: int) -> Allowance:
        """Return what the next step may have beside so many replies."""
        targets = self._targets
        if not replies:
            tokens = self._tokens_within(targets.whole_step_s)
            return Allowance(tokens, tokens)
        if not self._decoding_s or self._unmeasured_steps >= _MEASURED_EVERY:
            return Allowance(0, 0)
        decoding_s = median(self._decoding_s)
        whole = self._tokens_within(targets.whole_step_s - decoding_s)
        if self._credit_s < 0:
            return Allowance(whole, 0)
        step_s = max(targets.chunk_step_s, decoding_s / targets.decode_share)
        return Allowance(whole, self._tokens_within(step_s - decoding_s))

    def begin(self, load: StepLoad) -> None:
        """Note that a step starts."""
        self._running = (load, self._clock())

    def end(self) -> None:
        """Note that the step has ended, and learn from it; without a step, do nothing."""
        if self._running is None:
            return
        load, began = self._running
        self._running = None
        seconds = self._clock() - began
        self._learn(load, seconds)
        self._settle(load, seconds)

    def _tokens_within(self, seconds: float) -> int:
        least = self._targets.least_tokens
        return max(least, int(seconds / median(self._token_s))) if self._token_s else least

    def _learn(self, load: StepLoad, seconds: float) -> None:
        """Take the time of a decoding step, or of a prompt token beside one."""
        if not load.prompt_tokens:
            self._decoding_s.append(seconds)
            self._unmeasured_steps = 0
            return
        self._unmeasured_steps += 1
        if 2 * load.prompt_tokens >= self._targets.least_tokens:  # fewer say nothing about many
            decoding_s = median(self._decoding_s) if load.replies and self._decoding_s else 0.0
            self._token_s.append(max(seconds - decoding_s, 1e-6) / load.prompt_tokens)

    def _settle(self, load: StepLoad, seconds: float) -> None:
        """Credit the prompts with the replies' token, and charge the replies' share of the time.

        What whole prompts took is nobody's debt: they are short, and replies soon.
        """
        if not load.replies or not self._decoding_s:
            self._credit_s = 0.0
            return
        decoding_s = median(self._decoding_s)
        extra_s = max(seconds - decoding_s, 0.0) * load.chunk / max(load.prompt_tokens, 1)
        credit_s = self._credit_s + decoding_s
        credit_s -= self._targets.decode_share * (decoding_s + extra_s)
        self._credit_s = max(min(credit_s, decoding_s), -_LONGEST_DEBT * decoding_s)
