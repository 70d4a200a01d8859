"""A model that is not whole is not served."""

import pytest
import torch

from arena.engine.loading.failures import LoadingFailed
from arena.engine.loading.loader import _refuse_incomplete


def test_weights_that_were_not_loaded_are_refused() -> None:
    with torch.device("meta"):
        hollow = torch.nn.Linear(2, 2)
    with pytest.raises(LoadingFailed, match="2 weights were not loaded, the first is weight"):
        _refuse_incomplete(hollow)
