"""Runs a step's forward pass, decoding as graphs, and chooses its tokens after it.

The manager's own graphs would hold the choosing of tokens too: its rows are Python's, and every
later step would be sampled as those of the first.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import torch
from transformers.generation.continuous_batching.model_runner import ModelRunner
from transformers.generation.continuous_batching.utils import pad_to_pow2, stream_context

from arena.engine.batching.cuda_graphs import Capture, Work
from arena.engine.batching.flash_attention import WHOLE_TABLES

logger = logging.getLogger(__name__)

_COMPILED: Final[dict[str, Any]] = {"mode": "default", "dynamic": True, "fullgraph": False}
"""One compilation for batches of all sizes; attention breaks the graph of each layer in two."""


class CaptureFailed(RuntimeError):
    """A step could not be captured: it waits for the device, or there is no memory for it."""


class StepRunner(ModelRunner):
    """Stands for the manager's runner. `runs_unmasked`: the model's attention reads no mask."""

    def __init__(
        self,
        theirs: ModelRunner,
        *,
        capture: Capture | None,
        is_compiled: bool = False,
        runs_unmasked: bool = True,
    ) -> None:
        super().__init__(
            logit_processor=theirs.logit_processor,
            cb_config=theirs.cb_config,
            inputs_and_outputs=theirs.inputs_and_outputs,
            cache=theirs.cache,
            do_sample=False,
            return_logprobs=False,
        )
        self.pad_inputs = False
        self._most_rows = int(theirs.cb_config.max_requests_per_batch or 1)
        self._capture = capture
        self._capturing: Capture | None = None
        self._runs_unmasked = runs_unmasked
        self._decode: Callable[..., torch.Tensor] = (
            torch.compile(self._forward, **_COMPILED) if is_compiled else self._forward
        )
        self._graphs: dict[tuple[int, int], Work] = {}
        self._logits: torch.Tensor | None = None
        self._fault: Exception | None = None

    @property
    def captured(self) -> int:
        """How many graphs there are."""
        return len(self._graphs)

    def maybe_pad_inputs(
        self,
        num_q_tokens: int,
        max_kv_read: int,
        use_decode_fast_path: bool,  # noqa: FBT001  (the manager gives it by position)
    ) -> tuple[int, int]:
        """Return the tokens and cached tokens of a step as it will run: padded if it has a graph.

        The manager asks for `pad_inputs` after it.
        """
        rows = pad_to_pow2(num_q_tokens, self._most_rows)
        self.pad_inputs = use_decode_fast_path and (
            self._capturing is not None or self._key(rows) in self._graphs
        )
        return (rows, 0) if self.pad_inputs else (num_q_tokens, max_kv_read)

    def compute_batch(self, model: Any, batch_data: dict[str, Any]) -> None:
        """Compute a step, or capture it, on the manager's stream; waits for nothing."""
        ios = self.inputs_and_outputs
        carried, before, chosen = ios.get_cb_kwargs()
        if self.supports_logits_to_keep(model):
            batch_data["logits_to_keep"] = batch_data["logits_indices"]
        if self._runs_unmasked:  # else transformers makes one, and waits for the device to do so
            batch_data["attention_mask"] = batch_data["input_ids"].new_empty(1, 1, 1, 1)
        if self.pad_inputs:
            batch_data["cu_seq_lens_k"][WHOLE_TABLES] = True
        forward = self._decode if ios.use_block_table else self._forward
        run = partial(forward, model, batch_data, carried, before)
        rows = batch_data["input_ids"].shape[1]
        with stream_context(ios.compute_stream):
            if self._capturing is not None:
                self._take(self._capturing, run, rows)
                return
            scores = self._computed(run, rows).float()
            ids, arguments = batch_data["input_ids"], batch_data["logits_processor_args"]
            self._sample(self.logit_processor(ids, scores, arguments)[None], chosen)

    @torch.inference_mode()
    def warm_up(self, model: Any) -> None:
        """Capture decoding steps of 1, 2, 4, ... rows, the largest first. Raises CaptureFailed."""
        if self._capture is None or self.cache.max_decode_fast_path_length <= 0:
            return
        ios: Any = self.inputs_and_outputs
        pairs = len(getattr(ios, "io_pairs", (ios,)))  # two where steps overlap
        self._capturing = self._capture
        for _ in range(pairs):
            for rows in _sizes(self._most_rows):
                self.run_one_warmup(model, rows, None)  # it only logs what it raises
                if self._fault is not None:
                    raise CaptureFailed(str(self._fault).partition("\n")[0]) from self._fault
            if pairs > 1:
                ios.swap_io_pairs()
        self._capturing, self.pad_inputs = None, False
        self.cache.reset()  # the pages of its requests, as the manager's own warm-up does

    def _key(self, rows: int) -> tuple[int, int]:
        return getattr(self.inputs_and_outputs, "current_pair", 0), rows

    def _computed(self, run: Callable[[], torch.Tensor], rows: int) -> torch.Tensor:
        """Return the logits of a step's rows, by its graph if it has one."""
        if not self.pad_inputs or self._logits is None:
            return run()
        self._graphs[self._key(rows)]()
        return self._logits[:rows]

    def _take(self, capture: Capture, run: Callable[[], torch.Tensor], rows: int) -> None:
        """Capture a step of so many rows. All graphs leave their logits in one place."""
        try:
            if self._logits is None:
                self._logits = torch.empty_like(run())
            place = self._logits[:rows]

            def work() -> None:
                place.copy_(run())

            self._graphs[self._key(rows)] = capture(work, self.inputs_and_outputs.compute_stream)
        except Exception as error:
            self._fault = error
            raise

    def _forward(
        self,
        model: Any,
        batch_data: dict[str, Any],
        carried: torch.Tensor,
        before: torch.Tensor,
    ) -> torch.Tensor:
        """Return logits [rows, words]. Tokens chosen by the step before are taken from it first.

        What layers share of a step lies beside the lengths of its keys, and a capture that found
        it there would repeat nothing of it: each run has its own.
        """
        batch_data = {**batch_data, "cu_seq_lens_k": dict(batch_data["cu_seq_lens_k"])}
        self.inputs_and_outputs.carry_over_tokens(batch_data["input_ids"], carried, before)
        logits: torch.Tensor = model(**batch_data).logits[0]
        if "logits_to_keep" in batch_data:
            return logits
        return logits[batch_data["logits_indices"]]


def _sizes(most: int) -> list[int]:
    """Return 1, 2, 4, ... and the most itself, in falling order."""
    doubled = [1 << power for power in range(most.bit_length())]
    return sorted({*doubled, most}, reverse=True)
