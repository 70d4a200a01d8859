"""Small tensors to a GPU and back without waiting for what is queued there.

`torch.tensor(values, device="cuda")` waits for all of it: host and device would take turns.
"""

from collections.abc import Sequence
from typing import Any

import torch


def to_device(
    values: Sequence[Any], device: torch.device, dtype: torch.dtype | None = None
) -> torch.Tensor:
    """Return numbers as a tensor on a device, in the order of what is queued there."""
    made = torch.tensor(values, dtype=dtype)
    if device.type != "cuda":
        return made.to(device)
    return made.pin_memory().to(device, non_blocking=True)


def to_host(found: torch.Tensor) -> torch.Tensor:
    """Return a copy on the host, which is filled once all that is queued before it is done."""
    if found.device.type != "cuda":
        return found.cpu()
    kept = torch.empty(found.shape, dtype=found.dtype, pin_memory=True)
    return kept.copy_(found, non_blocking=True)
