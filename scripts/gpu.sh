#!/bin/sh
# Runs the stages of tests/gpu. With gpu-wheels/ there: by PYTHON, which has PyTorch, and with those
# packages beside it in a folder of their own; nothing else is installed, nothing downloaded.
# Usage: gpu.sh PYTHON [STAGE...]
set -eu
python=$1
shift
cd "$(dirname "$0")/.."
path=$PWD
if [ -d gpu-wheels ]; then
    site=$(mktemp -d)
    trap 'rm -rf "$site"' EXIT
    "$python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-compile \
        --no-cache-dir --target "$site" gpu-wheels/*.whl
    path=$site:$PWD
fi
HF_HUB_OFFLINE=1 PYTHONPATH=$path "$python" -m tests.gpu "$@"
