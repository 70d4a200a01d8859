"""Kinds of OpenAI-compatible servers, one row each: all that the arena knows of their differences.

A new kind is a row here, a word in docs/adding-a-model.md and a test of what it is sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final


@dataclass(frozen=True, slots=True, eq=False)
class Dialect:
    """What a kind of server understands beyond OpenAI's own protocol, and where it wants it.

    `sampling_fields` names its fields for sampling params that OpenAI does not have, by our names
    of them. `continuation` holds the fields with which it continues a partial reply; other servers
    take the reply for a turn that is over. `path` follows an address that has none of its own.
    `key_header` takes the API key, instead of `Authorization`. `host_models_path` is where the host
    lists its models; None means `/models` of the address, with the names that requests use.
    `tokenize_path` is where it counts the tokens of a conversation: of the host where it begins
    with //, else of the address.
    `is_own_engine`: it is an `arena engine`, which adds the system prompt and returns the rendered
    prompt. `is_started_here`: the arena has started it, so that it listens on loopback.
    """

    name: str
    path: str = "/v1"
    sampling_fields: Mapping[str, str] = field(default_factory=dict)
    continuation: Mapping[str, Any] = field(default_factory=dict)
    key_header: str | None = None
    needs_api_version: bool = False
    host_models_path: str | None = None
    tokenize_path: str | None = None
    is_own_engine: bool = False
    is_started_here: bool = False


_VLLM_SAMPLING: Final = MappingProxyType(
    {"top_k": "top_k", "repetition_penalty": "repetition_penalty"}
)
_VLLM_CONTINUATION: Final = MappingProxyType(
    {"continue_final_message": True, "add_generation_prompt": False}
)

OPENAI: Final = Dialect("openai")
"""OpenAI, and all that speak its plain protocol."""

VLLM: Final = Dialect("vllm", sampling_fields=_VLLM_SAMPLING, continuation=_VLLM_CONTINUATION)
"""vLLM and SGLang."""

AZURE: Final = Dialect(
    "azure",
    path="/openai/deployments/{model}",
    key_header="api-key",
    needs_api_version=True,
    host_models_path="/openai/models",
)
"""OpenAI's models at Azure, addressed by the names of their deployments."""

ENGINE: Final = Dialect(
    "engine",
    sampling_fields=_VLLM_SAMPLING,
    continuation=_VLLM_CONTINUATION,
    tokenize_path="/tokenize",
    is_own_engine=True,
    is_started_here=True,
)
"""An `arena engine`; no row names it."""

MANAGED_VLLM: Final = replace(
    VLLM, name="managed vllm", tokenize_path="//tokenize", is_started_here=True
)
"""A vLLM that the arena has started itself; no row names it."""

REMOTE_DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType(
    {dialect.name: dialect for dialect in (OPENAI, VLLM, AZURE)}
)
"""What `server` of a row may name."""
