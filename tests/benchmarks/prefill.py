"""What a long prompt does to replies that run: in chunks, and in the manager's largest steps."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count, pairwise
from random import Random
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import Any, Final, NamedTuple

from arena.engine.batching.generator import SamplingParams
from tests.benchmarks.gpu import random_model
from tests.fakes.waiting import until

LLAMA_7M: Final[Mapping[str, Any]] = {
    "vocab_size": 8192,
    "hidden_size": 256,
    "intermediate_size": 704,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 12_288,
}

_ENDLESS: Final = 4000
_WARM_TOKENS: Final = 8
_SECONDS: Final = 3.0
_HEAD: Final = (
    "| way | replies before | during | after | kept | kept by CPU | gap p50 | p99 | longest "
    "| first word alone | beside 8 replies | ratio |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|",
)
_LEGEND: Final = """\
A Llama of random weights ({name}); {replies} replies run, and a prompt of {prompt:,} tokens comes
in. Tokens/s of all replies together in {seconds:.0f} s before, until its first word, and in
{seconds:.0f} s after; gaps between two tokens of a reply meanwhile. Medians of {rounds} rounds in
which both ways take turns, in one process. `largest steps` is the manager's own scheduler
(`fifo`), all else alike. `kept` is during to before and after together; `by CPU`, in tokens for
each second of the process's CPU, for machines that do other work too."""


@dataclass(frozen=True, slots=True)
class Load:
    """What comes together: replies that run, and the tokens of the long prompt."""

    replies: int = 8
    prompt: int = 8000
    seconds: float = _SECONDS


@dataclass(frozen=True, slots=True)
class Stall:
    """One round: tokens/s of all replies, their gaps while the prompt came in, its first word.

    All in seconds or tokens a second; `kept` are shares of what is undisturbed.
    """

    before: float
    during: float
    after: float
    kept: float
    kept_by_cpu: float
    gaps: Sequence[float]
    first_alone: float
    first_beside: float


@dataclass(slots=True)
class Reply:
    """When a reply's tokens came, one moment each."""

    moments: list[float] = field(default_factory=list)

    def arrive(self, output: Any) -> None:
        """Note an output, which holds all tokens so far."""
        fresh = len(output.generated_tokens) - len(self.moments)
        self.moments.extend([perf_counter()] * fresh)


def prefill_table() -> str:
    """The table."""
    load, rounds = Load(), 3
    found = stalls(LLAMA_7M, load, rounds)
    legend = _LEGEND.format(
        name="7 M parameters",
        replies=load.replies,
        prompt=load.prompt,
        seconds=load.seconds,
        rounds=rounds,
    )
    return "\n".join([legend, "", *_HEAD, *(line(way, found[way]) for way in found)])


def line(way: str, rounds: Sequence[Stall]) -> str:
    """One way's row: medians over its rounds, gaps over all of them."""
    gaps = sorted(gap for one in rounds for gap in one.gaps)
    p99 = quantiles(gaps, n=100)[98] if len(gaps) > 1 else gaps[0]
    before, during, after, kept, by_cpu, alone, beside = (
        median(getattr(one, name) for one in rounds)
        for name in (
            *("before", "during", "after", "kept", "kept_by_cpu"),
            *("first_alone", "first_beside"),
        )
    )
    ratio = median(one.first_beside / one.first_alone for one in rounds)
    return (
        f"| {way} | {before:.0f} tokens/s | {during:.0f} | {after:.0f} | {kept:.2f} | {by_cpu:.2f} "
        f"| {median(gaps):.2f} s | {p99:.2f} s | {gaps[-1]:.2f} s "
        f"| {alone:.1f} s | {beside:.1f} s | {ratio:.2f} |"
    )


def stalls(sizes: Mapping[str, Any], load: Load, rounds: int) -> dict[str, list[Stall]]:
    """Measure both ways in turn; the first round of short replies warms up."""
    from arena.engine.batching.chunked_prefill import CHUNKED_PREFILL

    prompts = Prompts(sizes["vocab_size"])
    found: dict[str, list[Stall]] = {"largest steps": [], "chunks": []}
    with (
        _batch(sizes, load, "fifo") as fifo,
        _batch(sizes, load, CHUNKED_PREFILL) as chunked,
    ):
        for batch in (fifo, chunked):
            asyncio.run(_first_word(batch, prompts.next(load.prompt // 8)))
        for _ in range(rounds):
            for way, batch in zip(found, (fifo, chunked), strict=True):
                found[way].append(asyncio.run(stall(batch, load, prompts)))
    return found


class Prompts:
    """Prompts of random tokens: one that came before would be found in the cache."""

    def __init__(self, words: int) -> None:
        self._random = Random(7)
        self._words = words

    def next(self, tokens: int) -> list[int]:
        """Return a new prompt."""
        return self._random.choices(range(3, self._words), k=tokens)


async def stall(batch: Any, load: Load, prompts: Prompts) -> Stall:
    """Measure the prompt alone, then beside replies."""
    alone = await _first_word(batch, prompts.next(load.prompt))
    async with _running(batch, [prompts.next(20) for _ in range(load.replies)]) as replies:
        began = Mark.now()
        await asyncio.sleep(load.seconds)
        asked = Mark.now()
        beside = await _first_word(batch, prompts.next(load.prompt))
        answered = Mark.now()
        await asyncio.sleep(load.seconds)
        ended = Mark.now()
    times = pairwise((began, asked, answered, ended))
    before, during, after = (Spell.between(replies, since, to) for since, to in times)
    calm = before.and_also(after)
    return Stall(
        before=before.per_s,
        during=during.per_s,
        after=after.per_s,
        kept=during.per_s / calm.per_s,
        kept_by_cpu=during.per_cpu_s / calm.per_cpu_s,
        gaps=list(_gaps(replies, asked.moment, answered.moment)),
        first_alone=alone,
        first_beside=beside,
    )


class Mark(NamedTuple):
    """A moment, and the CPU seconds of this process until then."""

    moment: float
    cpu_s: float

    @classmethod
    def now(cls) -> "Mark":
        """Return this moment."""
        return cls(perf_counter(), process_time())


class Spell(NamedTuple):
    """Tokens that replies made in a time, and how long it was."""

    tokens: int
    seconds: float
    cpu_s: float

    @classmethod
    def between(cls, replies: Sequence[Reply], since: Mark, to: Mark) -> "Spell":
        """Count."""
        made = sum(since.moment < at <= to.moment for one in replies for at in one.moments)
        return cls(made, to.moment - since.moment, to.cpu_s - since.cpu_s)

    @property
    def per_s(self) -> float:
        """Tokens a second."""
        return self.tokens / self.seconds

    @property
    def per_cpu_s(self) -> float:
        """Tokens for each second of CPU."""
        return self.tokens / self.cpu_s

    def and_also(self, other: "Spell") -> "Spell":
        """Return both together."""
        return Spell(
            self.tokens + other.tokens, self.seconds + other.seconds, self.cpu_s + other.cpu_s
        )


_numbers = count()


async def _first_word(batch: Any, prompt: Sequence[int]) -> float:
    """Ask for one token; returns the seconds until it comes. Raises RuntimeError."""
    request_id, arrival = f"prompt-{next(_numbers)}", asyncio.get_running_loop().create_future()
    began = perf_counter()
    batch.add(request_id, prompt, _greedy(1), arrival.set_result)
    output = await arrival
    seconds = perf_counter() - began
    batch.forget(request_id, cancel=False)
    if len(output.generated_tokens) != 1:
        raise RuntimeError(f"no token for a prompt of {len(prompt)}: {output.error}")
    return seconds


@asynccontextmanager
async def _running(
    batch: Any, prompts: Sequence[Sequence[int]]
) -> AsyncGenerator[list[Reply], None]:
    """Replies that go on, each with some tokens already; cancelled at the end."""
    replies = {f"reply-{next(_numbers)}": Reply() for _ in prompts}
    for (request_id, one), prompt in zip(replies.items(), prompts, strict=True):
        batch.add(request_id, prompt, _greedy(_ENDLESS), one.arrive)
    await until(lambda: all(len(one.moments) >= _WARM_TOKENS for one in replies.values()))
    try:
        yield list(replies.values())
    finally:
        for request_id in replies:
            batch.forget(request_id, cancel=True)
        await until(lambda: not batch.held()[0])


def _greedy(tokens: int) -> SamplingParams:
    return SamplingParams(1.0, 1.0, 1, 1.0, tokens, ignore_end=True)


def _gaps(replies: Sequence[Reply], since: float, to: float) -> Iterator[float]:
    """Seconds between two tokens of a reply, of which the second came in this time."""
    for one in replies:
        for earlier, later in pairwise(one.moments):
            if since < later <= to:
                yield later - earlier


@contextmanager
def _batch(sizes: Mapping[str, Any], load: Load, scheduler: str) -> Iterator[Any]:
    from arena.engine.assembly import cache_layout
    from arena.engine.batching.continuous_manager import ManagedBatch

    loaded = random_model(sizes, "cpu")
    layout = cache_layout(loaded, sizes["max_position_embeddings"])
    batch = ManagedBatch(loaded, layout, Random(7), scheduler=scheduler)
    try:
        yield batch
    finally:
        batch.stop(10.0)
