"""Wraps transformers' continuous batching manager, and works around its pitfalls."""

import gc
import threading
import traceback
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import torch
from transformers import ContinuousBatchingConfig, GenerationConfig

from arena.engine.batching.attention_choice import Attention, attention_of
from arena.engine.batching.chunked_prefill import CHUNKED_PREFILL, OVERLAPPED_PREFILL
from arena.engine.batching.cuda_graphs import Capture, CudaGraphs
from arena.engine.batching.generator import SamplingParams
from arena.engine.batching.packed_attention import leave_uncompiled
from arena.engine.batching.patience import Patience
from arena.engine.batching.row_sampler import GREEDY_ROW, RowSampler, RowSampling
from arena.engine.batching.step_ends import watch_step_ends
from arena.engine.batching.step_plan import EAGER, StepPlan
from arena.engine.batching.step_runner import StepRunner
from arena.engine.batching.streamed_request import StreamedRequest
from arena.engine.loading.capacity import CacheLayout
from arena.engine.loading.loader import LoadedModel

NO_END = -1
_LOOK_S = 0.5

_SHARE_WITHOUT_MASK = 1.5
"""It counts a mask and repeated keys, which our attention never makes: a third of its footprint."""


class ManagerDied(Exception):
    """The manager's thread has ended; every request it had is lost."""


def is_supported(loaded: LoadedModel) -> bool:
    """Return whether the architecture claims paged attention; self_test finds wrong claims."""
    model = loaded.model
    claims = bool(getattr(model, "_supports_attention_backend", False))
    return claims and not getattr(model, "_is_stateful", False) and not loaded.is_spread


def batching_config(
    layout: CacheLayout, scheduler: str = CHUNKED_PREFILL, *, overlapped: bool = False
) -> ContinuousBatchingConfig:
    """Return the manager's configuration: its memory, and who chooses the requests of a step.

    It compares what it will need, as it counts it, with `max_memory_percent` of what is free. Its
    own 0.8 refuses plans that fit: ours keep a reserve themselves.
    """
    return ContinuousBatchingConfig(
        num_blocks=layout.blocks,  # never None: that takes most of the memory
        page_size=layout.page_tokens,
        max_batch_tokens=layout.batch_tokens,
        max_requests_per_batch=min(layout.rows, layout.batch_tokens),
        max_memory_percent=1.0 if layout.is_masked else _SHARE_WITHOUT_MASK,
        scheduler_type=scheduler,
        use_cuda_graph=False,  # its own would sample all later steps as their first rows
        use_async_batching=overlapped,
    )


class ManagedBatch:
    """One life of a manager and its thread, from construction to `stop`."""

    def __init__(
        self,
        loaded: LoadedModel,
        layout: CacheLayout,
        random: Random,
        *,
        attention: Attention | None = None,
        scheduler: str | None = None,
        steps: StepPlan = EAGER,
        capture: Callable[[], Capture] = CudaGraphs,
    ) -> None:
        self._random, self._vocabulary = random, loaded.vocabulary
        self.steps = steps
        self._runner: StepRunner | None = None
        config = GenerationConfig(  # type: ignore[no-untyped-call]
            do_sample=False,  # our sampler chooses, and the manager takes what it chose
            max_new_tokens=256,
            eos_token_id=sorted(loaded.eos) or NO_END,
        )
        self._end = sorted(loaded.eos) or NO_END
        attention = attention or attention_of(loaded)
        if attention.name is not None:
            loaded.model.set_attn_implementation("sdpa")
        scheduler = scheduler or (OVERLAPPED_PREFILL if steps.overlapped else CHUNKED_PREFILL)
        planned = batching_config(layout, scheduler, overlapped=steps.overlapped)
        planned.auto_switch_to_flash = attention.name is None  # it would ask the hub for kernels
        pages = layout.table_blocks if attention.is_paged else 0
        if attention.name is None and attention.is_paged:
            planned.max_blocks_per_request = pages
        self._manager: Any = loaded.model.init_continuous_batching(
            generation_config=config,
            continuous_batching_config=planned,
        )
        self._manager.logit_processor = RowSampler(waits=not steps.overlapped)
        if attention.name is not None:
            # Its own tests know no such attention: it is named after them, and before the cache.
            loaded.model.set_attn_implementation(attention.name)
            self._manager.continuous_batching_config.max_blocks_per_request = pages
        self._stopped = threading.Event()
        _without_autograd(self._manager)
        if steps.compiled and attention.name is not None:
            leave_uncompiled(attention.name)
        if steps != EAGER:
            self._run_steps_by(steps, capture, runs_unmasked=attention.name is not None)
        self._manager.start()

    def _run_steps_by(
        self, steps: StepPlan, capture: Callable[[], Capture], *, runs_unmasked: bool
    ) -> None:
        """Let the manager's thread run steps as planned, and capture them before it begins."""
        manager, create = self._manager, self._manager._create_batch_processor  # noqa: SLF001

        def created() -> Any:
            processor = create()
            if steps.overlapped:
                watch_step_ends(processor, manager.logit_processor)
            self._runner = StepRunner(
                processor.model_runner,
                capture=capture() if steps.captured else None,
                is_compiled=steps.compiled,
                runs_unmasked=runs_unmasked,
            )
            processor.model_runner = self._runner
            self._runner.warm_up(manager.model)
            return processor

        manager._create_batch_processor = created  # noqa: SLF001  (transformers has no other place)

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs and takes requests."""
        status = self._manager.background_thread_status
        return bool(self._manager.is_running()) and status.can_accept_new_requests() is None

    @property
    def fatal_error(self) -> str:
        """What ended the thread, as far as it is known."""
        return str(self.cause or "its thread has ended")

    @property
    def cause(self) -> BaseException | None:
        """The error that ended the thread, if any."""
        error: BaseException | None = self._manager.background_thread_status.fatal_error
        return error

    def held(self) -> tuple[int, int, int]:
        """Return how many requests run, wait, and have blocks in the KV cache, by its own count."""
        processor = self._manager.batch_processor
        if processor is None:  # its thread is starting, or has stopped
            return 0, self._manager.input_queue.qsize(), 0
        scheduler = processor.scheduler
        waiting = len(scheduler.waiting_requests) + self._manager.input_queue.qsize()
        tables = [len(books.block_table) for books in processor.cache.cache_allocators.values()]
        return len(scheduler.active_requests), waiting, max(tables, default=0)

    def add(
        self,
        request_id: str,
        prompt: Sequence[int],
        sampling: SamplingParams,
        on_output: Callable[[Any], None],
    ) -> None:
        """Submit a request; `on_output` is called on the running loop with cumulative outputs.

        Raises `ManagerDied` when the manager takes nothing any more.
        """
        manager = self._manager
        if manager.background_thread_status.can_accept_new_requests() is not None:
            raise ManagerDied(self.fatal_error)
        manager.register_result_handler(request_id, on_output)  # before adding, or tokens of the
        manager.input_queue.put(  # first step are lost
            StreamedRequest(
                request_id=request_id,
                initial_tokens=list(prompt),
                max_new_tokens=sampling.max_new_tokens,
                streaming=True,
                eos_token_id=NO_END if sampling.ignore_end else self._end,
                logit_processor_kwargs={"sampling": self._row(sampling)},
            )
        )
        manager._wake_up_loop.set()  # noqa: SLF001  (as its own `add_request` does)

    def _row(self, sampling: SamplingParams) -> RowSampling:
        """Return how a request's rows are sampled, with randomness of its own."""
        seed = self._random.getrandbits(64) if sampling.seed is None else sampling.seed
        return RowSampling(
            temperature=float(sampling.temperature),
            top_k=int(sampling.top_k) if sampling.top_k < self._vocabulary else None,
            top_p=float(sampling.top_p) if sampling.top_p < 1 else None,
            draws=Random(seed),  # noqa: S311  (chooses words, guards nothing)
        )

    def forget(self, request_id: str, *, cancel: bool) -> None:
        """Drop the handler, and cancel the request unless it has ended: then no output comes."""
        if cancel:
            self._manager.cancel_request(request_id)
        router = self._manager.output_router
        with router._lock:  # noqa: SLF001  (transformers offers no way to unregister)
            router.result_handlers.pop(request_id, None)

    def greedy(self, prompts: Sequence[Sequence[int]], length: int, within_s: float) -> Any:
        """Generate greedily for all prompts at once, blocking; for the self-test at load.

        Returns a list of token lists; raises `ManagerDied`, also when a step takes longer than
        `within_s` seconds of this process's CPU time.
        """
        for number, prompt in enumerate(prompts):
            self._manager.add_request(
                list(prompt),
                request_id=f"selftest-{number}",
                max_new_tokens=length,
                eos_token_id=NO_END,
                sampling=GREEDY_ROW,
            )
        patience = Patience(within_s)
        outputs: dict[str, list[int]] = {}
        for _ in prompts:
            output = self._next_result(patience, within_s)
            if output.error is not None:
                raise ManagerDied(output.error)
            outputs[output.request_id] = output.generated_tokens
        self._manager.output_router.output_queue = _Unclaimed(self._manager.cancel_request)
        return [outputs[f"selftest-{number}"] for number in range(len(prompts))]

    def _next_result(self, patience: Patience, within_s: float) -> Any:
        while (output := self._manager.get_result(timeout=min(_LOOK_S, within_s))) is None:
            if not self.is_alive:
                raise ManagerDied(self.fatal_error)
            if patience.is_over(self._steps_done):
                raise ManagerDied(f"no text came within {within_s:.0f} s of CPU time")
        return output

    @property
    def _steps_done(self) -> int:
        captured = 0 if self._runner is None else self._runner.captured
        return captured + int(getattr(self._manager, "current_batch", 0))  # its thread sets it

    def stop(self, within_s: float) -> None:
        """End the thread, failing what it had; free the cache; blocks `within_s`. Idempotent."""
        if not self._stopped.is_set():
            self._stopped.set()
            self._manager.stop(block=True, timeout=within_s, hard_stop=True)
            self._runner = None  # and with it the memory of its graphs
            _free_frames(self._manager.background_thread_status.fatal_error)


def _without_autograd(manager: Any) -> None:
    """Run a manager's steps in inference mode: with its own `no_grad` they take 3 to 7 % more."""
    step = manager._generation_step  # noqa: SLF001  (transformers offers no other place)
    manager._generation_step = torch.inference_mode()(step)  # noqa: SLF001


class _Unclaimed:
    """Stands for the queue of outputs without a reader: cancels their requests once more.

    A cancellation that the manager reads before its request has no effect: that request would
    run to its budget. And the queue would keep the last outputs of every cancelled request.
    """

    def __init__(self, cancel: Callable[[str], None]) -> None:
        self._cancel = cancel

    def put(self, output: Any) -> None:
        """Take an output, in the manager's thread."""
        if not output.is_finished():
            self._cancel(output.request_id)


def _free_frames(error: BaseException | None) -> None:
    """Drop the local variables of an error's frames: the cache is among them, and must go."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__
    gc.collect()
    torch.cuda.empty_cache()  # nothing happens where there is no GPU
