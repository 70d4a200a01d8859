"""The environment of child processes: variables that are listed here, and no others.

A list of what to leave out forgets the next secret: the key of a disabled row, a cloud's, a proxy's
password of another program. docs/deploying.md has the same list in words.
"""

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

PYTHON_NAMES: Final = frozenset(
    {
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TMPDIR",
        "TMP",
        "TEMP",
        "VIRTUAL_ENV",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "GLIBC_TUNABLES",
        "SYSTEMROOT",  # Windows starts no Python without it
        "NUMEXPR_NUM_THREADS",
    }
)
"""What Python and its libraries need to start and to find their files."""

PYTHON_PREFIXES: Final = ("LC_", "PYTHON", "OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "MALLOC_")
"""Languages, Python itself, and threads and memory of numerical libraries."""

ENGINE_NAMES: Final = frozenset(
    {
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "HUGGINGFACE_HUB_CACHE",
        "GPU_DEVICE_ORDINAL",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
        "DO_NOT_TRACK",
        "HF_HUB_DISABLE_IMPLICIT_TOKEN",  # no token, but whether to look for one
    }
)
"""What an engine needs as well: certificates and proxies for downloads, cache folders."""

ENGINE_PREFIXES: Final = (
    *("CUDA_", "NVIDIA_", "CUBLAS_", "CUDNN_", "NCCL_", "HIP_", "HSA_", "ROCR_", "ROCM_"),
    *("TORCH_", "TORCHINDUCTOR_", "PYTORCH_", "TRITON_", "TRANSFORMERS_", "ACCELERATE_"),
    *("HF_", "TOKENIZERS_", "SAFETENSORS_", "BNB_", "VLLM_", "FLASHINFER_"),
)
"""Settings of GPUs and of the libraries that an engine is made of."""

HUB_TOKENS: Final = frozenset(
    {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_OIDC_ID_TOKEN"}
)
"""Secrets of the hub: only for engines whose files come from there."""

ENGINE_TOKEN: Final = "ARENA_ENGINE_TOKEN"  # noqa: S105  (a variable's name)
"""Where an engine finds the secret that its clients must send."""

_OF_THIS_PYTHON: Final = frozenset({"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"})
"""Where this Python finds its modules; another one would find the wrong ones."""

_SECRET_WORDS: Final = frozenset(
    {"TOKEN", "TOKENS", "KEY", "KEYS", "SECRET", "SECRETS", "PASSWORD", "CREDENTIALS", "AUTH"}
)
"""A name with one of these words needs more than a known beginning: NVIDIA_API_KEY opens a paid
service, and HF_TOKEN somebody's account."""


def engine_environment(
    environment: Mapping[str, str], *, from_hub: bool, named: Collection[str] = ()
) -> dict[str, str]:
    """Return what an engine may know. `from_hub` adds the hub's token, `named` what its row names.

    Never the arena's own settings, nor a key to a remote model.
    """
    names = PYTHON_NAMES | ENGINE_NAMES | frozenset(named) | (HUB_TOKENS if from_hub else set())
    return _listed(environment, names, PYTHON_PREFIXES + ENGINE_PREFIXES)


def python_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what a process of our own code needs that reaches neither network nor GPU."""
    return _listed(environment, PYTHON_NAMES, PYTHON_PREFIXES)


def of_other_python(environment: Mapping[str, str], python: str) -> dict[str, str]:
    """Return an environment for the Python of another one: with none of this Python's paths.

    Its programs come first in PATH: packages there compile with what lies beside their Python.
    """
    kept = {name: value for name, value in environment.items() if name not in _OF_THIS_PYTHON}
    paths = (str(Path(python).parent), kept.get("PATH", os.defpath))
    return {**kept, "PATH": os.pathsep.join(paths)}


def visible_gpus(gpus: Sequence[int]) -> dict[str, str]:
    """Return the variables that show a process just these GPUs, which it numbers from 0.

    `gpus` are numbers of nvidia-smi; CUDA counts as it does only when told to.
    """
    return {
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "CUDA_VISIBLE_DEVICES": ",".join(map(str, gpus)),
    }


def _listed(
    environment: Mapping[str, str], names: Collection[str], prefixes: tuple[str, ...]
) -> dict[str, str]:
    return {
        name: value
        for name, value in environment.items()
        if name in names or (name.startswith(prefixes) and not _SECRET_WORDS & set(name.split("_")))
    }
