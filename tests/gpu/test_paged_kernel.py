"""Our own kernel for pages attends as the definition says, by Triton's interpreter on a CPU."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

PROGRAM = """
import torch
from arena.engine.batching.flash_attention import FlashKernel
from arena.engine.batching.kernel_test import HeadShape, kernel_fault
from tests.fakes.flash_kernel import Kernel
from tests.gpu.paged_kernel import with_own_pages

kernel = with_own_pages(FlashKernel(Kernel().forward, takes_pages=False))
for shape in (HeadShape(8, 2, 64), HeadShape(4, 4, 80), HeadShape(28, 4, 128)):
    for pages in (64, 256):
        device = torch.device("cpu")
        fault = kernel_fault(kernel, shape, dtype=torch.float32, device=device, page_tokens=pages)
        assert fault is None, (shape, pages, fault)
print("right")
"""


@pytest.mark.skipif(find_spec("triton") is None, reason="Triton comes with PyTorch for CUDA only")
def test_it_is_right_for_own_and_shared_keys_and_odd_head_sizes() -> None:
    environment = os.environ | {"TRITON_INTERPRET": "1"}
    command = [sys.executable, "-c", PROGRAM]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if "only 0-dimensional arrays" in ran.stderr:
        pytest.skip("the interpreter of this Triton cannot count with NumPy 2.4 and later")
    assert ran.stdout == "right\n", ran.stderr[-2000:]
