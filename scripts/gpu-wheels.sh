#!/bin/sh
# Downloads what `make gpu` needs beside PyTorch, for a machine without a network, into gpu-wheels/.
# That machine has PyTorch and NumPy already; versions are those of constraints.txt.
# Usage: gpu-wheels.sh PYTHON [3.12]
set -eu
python=$1 version=${2:-3.12}
folder=gpu-wheels
cd "$(dirname "$0")/.."

needed="accelerate annotated-doc annotated-types anyio certifi click fastapi h11 httpcore httpcore2
httpx httpx2 huggingface_hub idna opentelemetry-api packaging protobuf psutil pydantic pydantic_core PyYAML regex
ruamel.yaml safetensors sentencepiece sniffio starlette tokenizers tqdm transformers truststore
typing-inspection typing_extensions uvicorn"

pins=$(for name in $needed; do grep -i "^$name==" constraints.txt; done)
mkdir -p "$folder"
platforms=""
for glibc in 2_17 2_24 2_27 2_28 2_31 2_34; do
    platforms="$platforms --platform manylinux_${glibc}_x86_64"
done
# shellcheck disable=SC2086  (lists of words)
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --python-version "$version" --implementation cp $platforms --platform manylinux2014_x86_64 \
    --dest "$folder" $pins
du -sh "$folder"
