"""How the steps of a continuous batch run: launched one by one, or captured as CUDA graphs.

A decoding step of a 7B launches some 400 kernels, each from Python: on a fast card that takes
longer than what they compute. A graph launches them all at once.
"""

import logging
from dataclasses import dataclass, replace
from typing import Final, Literal

from arena.engine.batching.attention_choice import Attention
from arena.engine.loading.loader import LoadedModel

logger = logging.getLogger(__name__)

GpuSteps = Literal["auto", "eager", "compiled"]
"""A row's own word: graphs where they can be had, none, or graphs of what torch.compile makes."""


@dataclass(frozen=True, slots=True)
class StepPlan:
    """How steps run.

    `captured`: decoding steps are CUDA graphs. `overlapped`: the host prepares a step while the
    device computes the one before. `compiled`: torch.compile fuses the kernels of decoding.
    """

    captured: bool = False
    overlapped: bool = False
    compiled: bool = False

    @property
    def slower(self) -> "StepPlan | None":
        """What to try where this one does not work; None after the last."""
        if self.compiled:
            return replace(self, compiled=False)
        return None if self == EAGER else EAGER

    def __str__(self) -> str:
        if not self.captured:
            return "single kernels"
        return "compiled CUDA graphs" if self.compiled else "CUDA graphs"


EAGER: Final = StepPlan()


def plan_steps(device: str, attention: Attention, wanted: GpuSteps) -> StepPlan:
    """Return the fastest plan for a device, such as `cuda`, and the attention of its card.

    Graphs need an attention that reads the cache page by page: any other reads as many keys as
    there are in this step, and a graph reads what it read when it was captured.
    """
    if device != "cuda" or not attention.is_paged or wanted == "eager":
        return EAGER
    return StepPlan(captured=True, overlapped=True, compiled=wanted == "compiled")


def steps_of(loaded: LoadedModel, attention: Attention, wanted: GpuSteps = "auto") -> StepPlan:
    """Return the plan of a loaded model; say so where it is not what its row asks for."""
    plan = plan_steps(loaded.model.device.type, attention, wanted)
    if wanted == "compiled" and not plan.compiled:
        logger.warning("`gpu_steps: compiled` needs a GPU and flash attention: not compiled")
    return plan
