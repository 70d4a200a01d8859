"""Which number format a model gets where its row leaves that open (`dtype: auto`).

bfloat16 on a GPU. On a CPU it halves what every step reads, and takes several times as long where
the processor has no instructions for it: so there both are timed, and the faster one is taken.
"""

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, Final

import torch

from arena.checkpoints.remembered_formats import RememberedFormats
from arena.checkpoints.step_shape import StepShape
from arena.engine.loading.step_times import CROWD, StepTimes, step_times

logger = logging.getLogger(__name__)

FORMATS: Final = {
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}

_CLEARLY_FASTER: Final = 1.2
"""A gain below this is not worth fewer digits, and noise could decide it."""

_AS_FAST: Final = 0.9
_INSTRUCTIONS: Final = ("avx512_bf16", "amx_bf16", "sve_bf16", "bf16")
"""How torch names what a processor needs to multiply bfloat16: x86's two, ARM's two."""

ChooseFormat = Callable[[Any], torch.dtype]
"""Returns the number format of a model with this configuration."""


def cpu_format(
    config: Any, *, choose: Callable[[StepShape], torch.dtype] | None = None
) -> torch.dtype:
    """Return the number format of a model on a CPU of this machine.

    `choose` decides for models that are worth a choice, by default from what was measured. The same
    answer at every start: it is remembered.
    """
    shape = _shape(config)
    return torch.float32 if shape is None else (choose or _remembered)(shape)


def measured_format(shape: StepShape) -> torch.dtype:
    """Return the faster format of this shape on this CPU, measured now."""
    if not multiplies_bfloat16(torch.cpu.get_capabilities()):
        return torch.float32
    return faster_format(step_times(shape))


def faster_format(times: StepTimes) -> torch.dtype:
    """Return bfloat16 where it is clearly faster for many replies and not slower for one."""
    alone, crowd = (times[torch.float32, rows] / times[torch.bfloat16, rows] for rows in (1, CROWD))
    logger.info("bfloat16 is %.2f times as fast for one reply, %.2f for %d", alone, crowd, CROWD)
    is_faster = crowd >= _CLEARLY_FASTER and alone >= _AS_FAST
    return torch.bfloat16 if is_faster else torch.float32


def format_name(numbers: torch.dtype) -> str:
    """Return the name that rows use for a number format."""
    return str(numbers).removeprefix("torch.")


def multiplies_bfloat16(capabilities: Mapping[str, Any]) -> bool:
    """Return whether a processor has instructions for it; `torch.cpu.get_capabilities`."""
    return any(capabilities.get(name) for name in _INSTRUCTIONS)


def _shape(config: Any) -> StepShape | None:
    """Return the shape of a model that is worth a choice."""
    text = config.get_text_config()
    shape = StepShape.of(lambda name: getattr(text, name, None))
    is_quantised = getattr(config, "quantization_config", None) is not None
    return shape if shape is not None and shape.is_worth_a_choice and not is_quantised else None


def _remembered(shape: StepShape) -> torch.dtype:
    formats = RememberedFormats.of_user(os.environ)
    return FORMATS[formats.recall(shape, lambda: format_name(measured_format(shape)))]
