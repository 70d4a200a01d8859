"""What it costs to choose tokens from a large vocabulary: ours beside transformers' processors."""

import asyncio
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import SystemRandom
from statistics import median
from time import perf_counter
from typing import Any, Final, Protocol, TypeAlias

from arena.engine.batching.generator import SamplingParams
from tests.benchmarks.gpu import random_model

SMOLLM_135M: Final[Mapping[str, Any]] = {
    "vocab_size": 49_152,
    "hidden_size": 576,
    "intermediate_size": 1536,
    "num_hidden_layers": 30,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "max_position_embeddings": 1024,
    "tie_word_embeddings": True,
}

_REQUESTS: Final = (1, 4, 16)
_TOKENS: Final = 16
_ROUNDS: Final = 3
_DTYPES: Final = ("float32", "bfloat16", "auto")
_HEAD: Final = (
    "| requests | sampling | numbers | tokens/s | transformers' processors | ratio |",
    "|---|---|---|---|---|---|",
)
_LEGEND: Final = """\
A Llama of random weights in the shape of SmolLM2 135M (49,152 words); replies of {tokens} tokens,
medians of {rounds} rounds in which both ways take turns, in one process. The right way is how
transformers' manager samples by itself, with attention and everything else as here; beside `auto`,
which is what the engine takes on this CPU, it computes in float32."""


class Batch(Protocol):
    """What takes requests: ours, and transformers' own way."""

    def add(self, request_id: str, prompt: Any, sampling: SamplingParams, on_output: Any) -> None:
        """Submit a request; `on_output` gets cumulative outputs on the running loop."""
        ...

    def forget(self, request_id: str, *, cancel: bool) -> None:
        """Drop the handler."""
        ...


Samplings: TypeAlias = Mapping[str, SamplingParams]


def samplings(words: int, tokens: int) -> Samplings:
    """Return greedy, unlimited, by top-k and by top-p, at a temperature of .7."""
    return {
        "greedy": SamplingParams(1.0, 1.0, 1, 1.0, tokens, ignore_end=True),
        "unlimited": SamplingParams(0.7, 1.0, words, 1.0, tokens, ignore_end=True),
        "top-k 40": SamplingParams(0.7, 1.0, 40, 1.0, tokens, ignore_end=True),
        "top-p .95": SamplingParams(0.7, 0.95, words, 1.0, tokens, ignore_end=True),
    }


@dataclass(frozen=True, slots=True)
class Speeds:
    """Tokens a second of both ways for so many requests at once."""

    requests: int
    sampling: str
    dtype: str
    ours: float
    theirs: float


def sampling_table() -> str:
    """The table."""
    found = [
        one for dtype in _DTYPES for one in speeds(SMOLLM_135M, dtype, _REQUESTS, _TOKENS, _ROUNDS)
    ]
    rows = [
        f"| {one.requests} | {one.sampling} | {one.dtype} | {one.ours:.1f} | {one.theirs:.1f} "
        f"| {one.ours / one.theirs:.2f} |"
        for one in sorted(found, key=lambda one: one.requests)
    ]
    legend = _LEGEND.format(tokens=_TOKENS, rounds=_ROUNDS)
    return "\n".join([legend, "", *_HEAD, *rows])


def speeds(
    sizes: Mapping[str, Any], dtype: str, requests: Sequence[int], tokens: int, rounds: int
) -> Iterator[Speeds]:
    """Measure every way of sampling of a model of this shape; `auto` beside their float32."""
    numbers = itertools.count()
    chosen = samplings(sizes["vocab_size"], tokens)
    plain = "float32" if dtype == "auto" else dtype
    taken = auto_format(sizes) if dtype == "auto" else dtype
    named = f"auto: {taken}" if dtype == "auto" else dtype
    with _ours(sizes, taken) as ours, _theirs(sizes, plain) as theirs:
        for count, (name, sampling) in itertools.product(requests, chosen.items()):
            rounds_of: list[list[float]] = [[], []]
            for _ in range(rounds + 1):  # the first warms up
                for seconds, batch in zip(rounds_of, (ours, theirs), strict=True):
                    ids = [f"request-{next(numbers)}" for _ in range(count)]
                    seconds.append(asyncio.run(_seconds(batch, ids, sampling)))
            made = count * tokens
            mine, other = (made / median(seconds[1:]) for seconds in rounds_of)
            yield Speeds(count, name, named, mine, other)


def auto_format(sizes: Mapping[str, Any]) -> str:
    """Return what `dtype: auto` is for this shape, measured now."""
    from transformers import AutoConfig

    from arena.engine.loading.number_formats import cpu_format, format_name, measured_format

    return format_name(cpu_format(AutoConfig.for_model("llama", **sizes), choose=measured_format))


async def _seconds(batch: Batch, ids: Sequence[str], sampling: SamplingParams) -> float:
    began = perf_counter()
    await asyncio.gather(*(_reply(batch, one, sampling) for one in ids))
    return perf_counter() - began


async def _reply(batch: Batch, request_id: str, sampling: SamplingParams) -> None:
    arrivals: asyncio.Queue[Any] = asyncio.Queue()
    batch.add(request_id, list(range(5, 25)), sampling, arrivals.put_nowait)
    while not (output := await arrivals.get()).is_finished():
        pass
    batch.forget(request_id, cancel=False)
    if len(output.generated_tokens) != sampling.max_new_tokens:
        raise RuntimeError(f"{len(output.generated_tokens)} tokens: {output.error}")


@contextmanager
def _ours(sizes: Mapping[str, Any], dtype: str) -> Iterator[Batch]:
    from arena.engine.assembly import cache_layout
    from arena.engine.batching.continuous_manager import ManagedBatch

    loaded = random_model(sizes, "cpu", dtype)
    batch = ManagedBatch(loaded, cache_layout(loaded, 1024), SystemRandom())
    try:
        yield batch
    finally:
        batch.stop(10.0)


@contextmanager
def _theirs(sizes: Mapping[str, Any], dtype: str) -> Iterator[Batch]:
    batch = _TransformersOwn(random_model(sizes, "cpu", dtype), sizes["vocab_size"])
    try:
        yield batch
    finally:
        batch.stop()


class _TransformersOwn:
    """The manager with its own processors for each request."""

    def __init__(self, loaded: Any, words: int) -> None:
        from transformers import GenerationConfig

        from arena.engine.assembly import cache_layout
        from arena.engine.batching.continuous_manager import batching_config
        from arena.engine.batching.varlen_attention import VARLEN

        config = batching_config(cache_layout(loaded, 1024))
        config.per_request_processors = True
        # What the configuration leaves at its default, no request can set.
        own = GenerationConfig(  # type: ignore[no-untyped-call]
            do_sample=True, temperature=0.9, top_k=words - 1, top_p=0.99, eos_token_id=-1
        )
        loaded.model.set_attn_implementation("sdpa")
        self._manager: Any = loaded.model.init_continuous_batching(
            generation_config=own, continuous_batching_config=config
        )
        loaded.model.set_attn_implementation(VARLEN)
        self._manager.start()

    def add(
        self,
        request_id: str,
        prompt: Sequence[int],
        sampling: SamplingParams,
        on_output: Callable[[Any], None],
    ) -> None:
        """Submit a request."""
        self._manager.register_result_handler(request_id, on_output)
        self._manager.add_request(
            list(prompt),
            request_id=request_id,
            max_new_tokens=sampling.max_new_tokens,
            streaming=True,
            eos_token_id=-1,
            temperature=float(sampling.temperature),
            top_k=int(sampling.top_k),
            top_p=float(sampling.top_p),
        )

    def forget(self, request_id: str, *, cancel: bool) -> None:
        """Drop the handler."""
        del cancel
        self._manager.output_router.result_handlers.pop(request_id, None)

    def stop(self) -> None:
        """End the thread."""
        self._manager.stop(block=True, timeout=10.0, hard_stop=True)
