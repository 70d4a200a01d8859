"""Rules of `engine: vllm` in a local row: what vLLM needs, and what the arena tells it already."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from arena.catalog.rule_fault import RuleFault
from arena.prompting import AUTO, NAMED_FORMATS

ENGINE_FIELDS: Final = ("engine", "python", "arguments")

_VLLM_ALONE: Final = ("python", "arguments", "system_prompt_role")
"""Keys of a local row that our own engine does not know."""

_OWN_ENGINE_ALONE: Final = ("legacy_tokenizer", "gpu_steps")

_NEEDED: Final = (
    "engine vllm needs the Python of the environment that vLLM is installed in, such as "
    "/opt/vllm/bin/python"
)
_UNFIT: Final[Mapping[str, tuple[object, str]]] = {
    "devices": ("cpu", "vLLM runs on GPUs: write auto or their numbers"),
    "quantization": (
        "bitsandbytes-8bit",
        "vLLM makes 8 bits with fp8, and 4 with bitsandbytes-4bit",
    ),
}
"""Values that only our own engine knows, by key."""

_SET_ELSEWHERE: Final[Mapping[str, str]] = {
    "--model": "write `source`",
    "--revision": "write `revision`",
    "--code-revision": "write `revision`",
    "--tokenizer-revision": "write `revision`",
    "--trust-remote-code": "write `trust_remote_code`",
    "--dtype": "write `dtype`",
    "--quantization": "write `quantization`, or leave it out: checkpoints name their own",
    "-q": "write `quantization`, or leave it out: checkpoints name their own",
    "--max-model-len": "write `max_context`",
    "--chat-template": "write `prompt_format`",
    "--generation-config": "write `sampling`",
    "--tensor-parallel-size": "write `devices`",
    "-tp": "write `devices`",
    "--gpu-memory-utilization": "the arena plans the memory",
    "--served-model-name": "the arena asks for the row's key",
    "--host": "it listens on loopback",
    "--port": "it gets a free one",
    "--uds": "it gets a free port",
    "--api-key": "each start has a new one",
    "--config": "write its lines as arguments",
}
"""Options of vLLM that the arena sets, and where its user says the same."""


def engine_faults(own: Mapping[str, Any], merged: Mapping[str, Any]) -> Iterator[RuleFault]:
    """Yield what is wrong between `engine` and the other keys of a local row.

    `own` holds what the row itself says, `merged` the same over the defaults; both unchecked.
    """
    if merged.get("engine") != "vllm":
        for field in _VLLM_ALONE:
            if own.get(field) is not None:
                yield RuleFault(
                    field, "means nothing for backend local without `engine: vllm`: remove it"
                )
        return
    if merged.get("python") in (None, ""):
        yield RuleFault("python", _NEEDED)
    for field in _OWN_ENGINE_ALONE:
        if own.get(field) is not None:
            yield RuleFault(field, "means nothing for engine vllm: remove it")
    for field, (unfit, sentence) in _UNFIT.items():
        if merged.get(field) == unfit:
            yield RuleFault(field, sentence)
    yield from _format_faults(merged.get("prompt_format", AUTO))
    yield from _argument_faults(merged.get("arguments"))


def _format_faults(name: object) -> Iterator[RuleFault]:
    if isinstance(name, str) and name in NAMED_FORMATS:
        yield RuleFault(
            "prompt_format",
            f"vLLM renders by itself and knows no {name}: write auto, or the path of a Jinja file",
        )


def _argument_faults(arguments: object) -> Iterator[RuleFault]:
    if not isinstance(arguments, list | tuple):
        return
    for argument in arguments:
        name = str(argument).split("=")[0].replace("_", "-")
        if name in _SET_ELSEWHERE:
            yield RuleFault("arguments", f"leave out {name}: {_SET_ELSEWHERE[name]}")
