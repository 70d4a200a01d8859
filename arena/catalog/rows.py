"""One model of the catalog: all that the arena knows about it before it is loaded."""

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field

from arena.catalog.dialects import OPENAI
from arena.catalog.fields import (
    STRICT,
    CheckedAsSampling,
    Devices,
    Names,
    PythonPath,
    ReasoningFields,
    Script,
    ServerAddress,
    ServerKind,
    Text,
    Texts,
    TimeoutFields,
    WebAddress,
)
from arena.catalog.sources import resolved
from arena.domain.conversation import ModelKey, Sampling
from arena.prompting import AUTO, NAMED_FORMATS

PROMPT_FORMAT_NAMES: Final = (AUTO, *NAMED_FORMATS)
"""What `prompt_format` may name; anything else is the path of a Jinja file."""


class ModelRow(BaseModel):
    """A row of `models.yaml`, checked. docs/adding-a-model.md explains every field.

    `directory` is where relative paths of the row begin: the folder of the file it came from.
    `prompt_template` is the content of its Jinja file when the row was read, if its format is one.
    """

    model_config = STRICT

    key: ModelKey
    name: Text
    backend: Literal["local", "openai", "scripted"]
    source: Text | None = None
    revision: Text | None = None
    server: ServerKind = OPENAI.name
    base_url: ServerAddress | None = None
    api_version: Text | None = None
    model: Text | None = None
    api_key_env: Text | None = None
    timeouts: TimeoutFields = TimeoutFields()
    engine: Literal["arena", "vllm"] = "arena"
    python: PythonPath | None = None
    arguments: Texts = ()
    environment: Names = ()
    prompt_format: Text = "auto"
    legacy_tokenizer: bool | None = None
    system_prompt: str | None = None
    system_prompt_role: Literal["system", "user"] = "system"
    reasoning: ReasoningFields | None = None
    sampling: Annotated[Sampling, CheckedAsSampling()] = Sampling()
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    quantization: Literal["bitsandbytes-8bit", "bitsandbytes-4bit", "fp8"] | None = None
    devices: Devices = "auto"
    gpu_steps: Literal["auto", "eager", "compiled"] = "auto"
    max_context: Annotated[int, Field(ge=1)] | None = None
    license: Text | None = None
    links: dict[str, WebAddress] = Field(default_factory=dict)
    identity_words: Texts = ()
    weight: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    enabled: bool = True
    trust_remote_code: bool = False
    description: Text | None = None
    script: Script | None = None
    directory: Path = Path()
    prompt_template: str | None = None

    def resolved_source(self) -> str:
        """Return where the weights are: a hub id, or an absolute path on this machine."""
        return resolved(self.source or "", self.directory)

    def resolved_python(self) -> str:
        """Return the Python of the row's own engine; a symbolic link is what makes it a venv's."""
        return os.path.abspath(self.directory / Path(self.python or "").expanduser())  # noqa: PTH100

    def prompt_format_file(self) -> Path | None:
        """Return the Jinja file of this row's prompt format; None for a named format."""
        if self.prompt_format in PROMPT_FORMAT_NAMES:
            return None
        return (self.directory / self.prompt_format).resolve()

    def configuration(self) -> dict[str, Any]:
        """Return all that can change an answer, as JSON-able values; names and links are not."""
        named = NAMED_FORMATS.get(self.prompt_format)
        revision = named.revision if named is not None and named.revision > 1 else None
        local: dict[str, Any] = {
            "prompt_format_revision": revision,
            "legacy_tokenizer": self.legacy_tokenizer,
            "engine": None if self.engine == "arena" else self.engine,
            "arguments": list(self.arguments) or None,
        }
        later = {
            **(local if self.backend == "local" else {}),
            "system_prompt_role": "user" if self.system_prompt_role == "user" else None,
            "reasoning": self.reasoning.model_dump() if self.reasoning else None,
        }
        return {
            "backend": self.backend,
            "source": self.source,
            "revision": self.revision,
            "server": self.server,
            "base_url": self.base_url,
            "api_version": self.api_version,
            "model": self.model,
            "prompt_format": self.prompt_format,
            "prompt_template": self.prompt_template,
            "system_prompt": self.system_prompt,
            "dtype": self.dtype,
            "quantization": self.quantization,
            "sampling": {**asdict(self.sampling), "stop": list(self.sampling.stop)},
            "max_context": self.max_context,
            "script": self.script.model_dump(mode="json") if self.script else None,
            # Left out where unset, so that rows without them keep the votes that they have.
            **{field: value for field, value in later.items() if value is not None},
        }

    def fingerprint(self) -> str:
        """Return 16 hex digits that change exactly when `configuration()` does."""
        text = json.dumps(self.configuration(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]
