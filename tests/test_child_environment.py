"""A child process knows what is listed: a secret that nobody thought of is not."""

from pathlib import Path

import pytest

from arena.child_environment import (
    ENGINE_NAMES,
    ENGINE_PREFIXES,
    HUB_TOKENS,
    PYTHON_NAMES,
    PYTHON_PREFIXES,
    engine_environment,
    python_environment,
)

NEEDED = {
    "PATH": "/bin",
    "HOME": "/home/me",
    "LANG": "C.UTF-8",
    "LC_ALL": "C",
    "TMPDIR": "/tmp",
    "LD_LIBRARY_PATH": "/cuda",
    "PYTHONPATH": "/src",
    "VIRTUAL_ENV": "/venv",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
FOR_ENGINES = {
    "CUDA_VISIBLE_DEVICES": "1",
    "NVIDIA_VISIBLE_DEVICES": "all",
    "HIP_VISIBLE_DEVICES": "0",
    "ROCR_VISIBLE_DEVICES": "0",
    "PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True",
    "TORCH_HOME": "/torch",
    "HF_HOME": "/hub",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "XDG_CACHE_HOME": "/cache",
    "SSL_CERT_FILE": "/ca.pem",
    "https_proxy": "http://proxy:3128",
    "NO_PROXY": "localhost",
}
SECRETS = {
    "ARENA_ADMIN_PASSWORD": "s",
    "ARENA_DATABASE_URL": "s",
    "OPENAI_API_KEY": "s",
    "NVIDIA_API_KEY": "s",
    "PYTHON_KEYRING_PASSWORD": "s",
    "HF_INFERENCE_KEY": "s",
    "AWS_SECRET_ACCESS_KEY": "s",
    "SSH_AUTH_SOCK": "s",
    "PGPASSWORD": "s",
    "UNHEARD_OF": "s",
}
TOKENS = {"HF_TOKEN": "t", "HUGGING_FACE_HUB_TOKEN": "t", "HF_TOKEN_PATH": "/t"}
EVERYTHING = {**NEEDED, **FOR_ENGINES, **SECRETS, **TOKENS}


def test_an_engine_knows_what_is_listed_and_nothing_else() -> None:
    assert engine_environment(EVERYTHING, from_hub=False) == {**NEEDED, **FOR_ENGINES}


def test_only_a_model_of_the_hub_gets_the_hub_s_token() -> None:
    assert engine_environment(EVERYTHING, from_hub=True) == {**NEEDED, **FOR_ENGINES, **TOKENS}


@pytest.mark.parametrize("name", ["UNHEARD_OF", "NVIDIA_API_KEY", "HF_TOKEN"])
def test_a_row_adds_what_it_names(name: str) -> None:
    found = engine_environment(EVERYTHING, from_hub=False, named=(name,))
    assert found == {**NEEDED, **FOR_ENGINES, name: EVERYTHING[name]}


def test_a_process_of_our_own_code_knows_neither_network_nor_gpu() -> None:
    assert python_environment(EVERYTHING) == NEEDED


def test_the_guide_lists_what_an_engine_gets() -> None:
    guide = (Path(__file__).parents[1] / "docs" / "deploying.md").read_text(encoding="utf-8")
    listed = {*PYTHON_NAMES, *ENGINE_NAMES, *HUB_TOKENS} - {"SYSTEMROOT"}
    names = {name for name in listed if name.isupper()}
    names -= {"HF_HUB_DISABLE_IMPLICIT_TOKEN"}  # one of HF_*
    prefixes = {f"{prefix}*" for prefix in (*PYTHON_PREFIXES, *ENGINE_PREFIXES)}
    assert {name for name in names | prefixes if f"`{name}`" not in guide} == set()
