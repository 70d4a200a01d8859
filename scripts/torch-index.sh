#!/bin/sh
# Which index PyTorch comes from: prints its address, or nothing for PyPI.
#   sh scripts/torch-index.sh PYTHON [INDEX]
# PyPI's PyTorch for Linux brings 3 GB of CUDA; without an NVIDIA GPU the CPU build does, if its index
# can be reached. Elsewhere PyPI's is small.
set -eu
python=$1
index=${2:-https://download.pytorch.org/whl/cpu}

[ "$(uname -s)" = Linux ] || exit 0
if [ -e /proc/driver/nvidia/version ] || nvidia-smi -L >/dev/null 2>&1; then
  echo "An NVIDIA GPU is here: PyTorch comes from PyPI, with CUDA" >&2
  exit 0
fi
if "$python" -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=5)' \
  "$index/torch/" >/dev/null 2>&1; then
  echo "No NVIDIA GPU here: PyTorch for CPUs comes from $index" >&2
  echo "$index"
else
  echo "No NVIDIA GPU here, but $index does not answer:" >&2
  echo "PyTorch comes from PyPI, 3 GB larger than it need be; it runs on CPUs as well." >&2
fi
