"""A row and its placement become the command line of vLLM."""

from pathlib import Path

import pytest

from arena.domain.byte_sizes import GIB
from arena.domain.conversation import ModelKey
from arena.inference.engines.vllm.command import VllmCommand
from arena.inference.placement import Placement, Stay
from tests.fakes.vllm_environments import VllmEnvironment, vllm_row

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TOTALS = {0: 80 * GIB, 1: 80 * GIB, 2: 24 * GIB}


def command(**fields: object) -> VllmCommand:
    made = VllmEnvironment(Path("/opt/vllm"))
    return VllmCommand(vllm_row(made, **fields), {"PATH": "/bin"}, TOTALS)


def placement(*gpus: int, taken: int = 20, shortened: int | None = None) -> Placement:
    takes = dict.fromkeys(gpus, taken * GIB)
    return Placement(
        key=ModelKey("big"), stay=Stay.LOADED, reason="", takes=takes, shortened_context=shortened
    )


def options(made: VllmCommand) -> dict[str, str]:
    """All options by name; the last one counts, as it does for vLLM."""
    argv = made.argv()
    named = {at: word for at, word in enumerate(argv) if word.startswith("--")}
    return {word: argv[at + 1] if at + 1 < len(argv) else "" for at, word in named.items()}


def test_the_python_of_the_row_runs_the_command_behind_the_guard() -> None:
    argv = command(source="org/model").argv()
    assert argv[2].endswith("guard.py")
    assert argv[3:8] == (
        *("/opt/vllm/bin/python", "-m", "vllm.entrypoints.cli.main"),
        *("serve", "org/model"),
    )


def test_a_plain_row_leaves_to_vllm_what_it_does_not_say() -> None:
    given = options(command())
    assert given["--host"] == "127.0.0.1"
    assert given["--served-model-name"] == "big"
    assert given["--dtype"] == "auto"
    assert given["--tensor-parallel-size"] == "1"
    assert not {"--revision", "--quantization", "--max-model-len"} & given.keys()
    assert not {"--gpu-memory-utilization", "--chat-template", "--port"} & given.keys()
    assert "--trust-remote-code" not in given


def test_sampling_is_the_row_s_and_not_the_checkpoint_s() -> None:
    assert options(command())["--generation-config"] == "vllm"


def test_a_full_row_says_everything() -> None:
    row = {"source": "org/model", "revision": COMMIT, "trust_remote_code": True}
    more = {"dtype": "bfloat16", "quantization": "bitsandbytes-4bit", "max_context": 8192}
    made = command(**row, **more)
    given = options(made)
    assert {given[f"--{kind}revision"] for kind in ("", "tokenizer-", "code-")} == {COMMIT}
    assert (given["--dtype"], given["--quantization"]) == ("bfloat16", "bitsandbytes")
    assert given["--max-model-len"] == "8192"
    assert "--trust-remote-code" in made.argv()


def test_a_revision_means_nothing_for_a_folder() -> None:
    assert "--revision" not in command(source="/models/one", revision="main").argv()


def test_the_row_s_own_arguments_come_before_the_arena_s() -> None:
    argv = command(arguments=["--enforce-eager", "--por=1"]).argv()
    assert argv.index("--enforce-eager") < argv.index("--host")


def test_a_placement_shows_its_gpus_and_shares_their_memory() -> None:
    made = command().placed(placement(2, 1, taken=20))
    given = options(made)
    assert given["--tensor-parallel-size"] == "2"
    assert given["--gpu-memory-utilization"] == "0.250"  # of the larger GPU: it is one for all
    assert made.known()["CUDA_VISIBLE_DEVICES"] == "1,2"
    assert made.known()["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"


def test_the_gpus_of_a_row_are_its_own_without_a_plan() -> None:
    made = command(devices=[3, 4])
    assert options(made)["--tensor-parallel-size"] == "2"
    assert made.known()["CUDA_VISIBLE_DEVICES"] == "3,4"
    assert "CUDA_VISIBLE_DEVICES" not in command().known()


@pytest.mark.parametrize(("own", "length"), [(None, "4096"), (8192, "4096")])
def test_a_cache_that_is_too_small_shortens_the_context(own: int | None, length: str) -> None:
    made = command(max_context=own).placed(placement(0, shortened=4096))
    assert options(made)["--max-model-len"] == length


def test_a_later_start_takes_the_commit_of_the_first() -> None:
    made = command(source="org/model", revision="main").at_commit(COMMIT)
    assert options(made)["--revision"] == COMMIT
    assert made.at_commit(None) == made


def test_another_python_gets_none_of_this_one_s_paths() -> None:
    known = {"PATH": "/bin", "PYTHONPATH": "/src", "VIRTUAL_ENV": "/venv", "HF_HOME": "/hub"}
    row = vllm_row(VllmEnvironment(Path("/opt/vllm")))
    found = VllmCommand(row, known).known()
    assert found["PATH"] == "/opt/vllm/bin:/bin"
    assert not {"PYTHONPATH", "VIRTUAL_ENV"} & found.keys()
    assert (found["HF_HOME"], found["VLLM_NO_USAGE_STATS"]) == ("/hub", "1")


def test_a_command_shows_no_secret_when_it_is_logged() -> None:
    row = vllm_row(VllmEnvironment(Path("/opt/vllm")))
    assert "hf_secret" not in repr(VllmCommand(row, {"HF_TOKEN": "hf_secret"}))
