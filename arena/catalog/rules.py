"""Rules between the fields of a row, checked on raw values so that no other fault hides them."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from arena.catalog.dialects import OPENAI, REMOTE_DIALECTS, Dialect
from arena.catalog.engine_rules import ENGINE_FIELDS, engine_faults
from arena.catalog.explanations import suggestion
from arena.catalog.rows import PROMPT_FORMAT_NAMES
from arena.catalog.rule_fault import RuleFault
from arena.catalog.sources import SOURCE_HINT, source_fault

KEY_PATTERN: Final = re.compile(r"[a-z0-9][a-z0-9._-]*")
PIN_DEMAND: Final = (
    "an enabled model with trust_remote_code runs its author's code: pin the commit that you have "
    "read, as 40 hex digits"
)

_REQUIRED: dict[str, dict[str, str]] = {
    "local": {"source": f"a local model needs {SOURCE_HINT}"},
    "openai": {
        "base_url": "an openai model needs its server's address, such as https://host/v1",
        "model": "an openai model needs the name that its server knows it by",
    },
    "scripted": {"script": "a scripted model needs a script with at least one reply"},
}
_REMOTE = ("server", "base_url", "api_version", "model", "api_key_env")
_OWN_ENGINE = ("legacy_tokenizer", "gpu_steps")
_FOREIGN: dict[str, tuple[str, ...]] = {
    "local": (*_REMOTE, "script"),
    "openai": ("script", "environment", *_OWN_ENGINE, *ENGINE_FIELDS),
    "scripted": (
        *("source", *_REMOTE, "timeouts", "environment", *_OWN_ENGINE, *ENGINE_FIELDS),
        *("system_prompt_role", "reasoning"),
    ),
}
_EXTRA_SAMPLING = {"top_k": None, "repetition_penalty": 1}
"""Sampling params that only some dialects understand, and the value that changes nothing."""

_COMMIT = re.compile(r"[0-9a-f]{40}")


def broken_rules(
    own: Mapping[str, Any], merged: Mapping[str, Any], directory: Path
) -> Iterator[RuleFault]:
    """Yield what is wrong between the fields of a row.

    `own` holds what the row itself says, `merged` the same over the defaults; both unchecked.
    """
    yield from _backend_rules(own, merged)
    if merged.get("backend") == "local":
        yield from engine_faults(own, merged)
    yield from _server_rules(own, merged)
    yield from _source_rules(merged)
    yield from _format_rules(merged, directory)
    if lacks_pin(merged):
        yield RuleFault("revision", PIN_DEMAND)


def is_commit(revision: object) -> bool:
    """Return whether a revision is a commit, which never changes, and not a branch or a tag."""
    return isinstance(revision, str) and _COMMIT.fullmatch(revision) is not None


def lacks_pin(row: Mapping[str, Any]) -> bool:
    """Return whether an enabled row would run remote code that can change under it."""
    runs_code = row.get("trust_remote_code") is True and row.get("enabled", True) is True
    return runs_code and not is_commit(row.get("revision"))


def _backend_rules(own: Mapping[str, Any], merged: Mapping[str, Any]) -> Iterator[RuleFault]:
    backend = str(merged.get("backend"))
    for field, demand in _REQUIRED.get(backend, {}).items():
        if merged.get(field) in (None, ""):
            yield RuleFault(field, demand)
    for field in _FOREIGN.get(backend, ()):
        if own.get(field) is not None:
            yield RuleFault(field, f"means nothing for backend {backend}: remove it")


def understood_sampling(own: Mapping[str, Any], merged: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sampling of a row without inherited keys that its server does not understand.

    A row's own such key is a fault; one of the defaults is meant for the other rows.
    """
    given = own.get("sampling")
    kept = given if isinstance(given, Mapping) else {}
    dropped = _unknown_sampling(merged) - kept.keys()
    return {name: value for name, value in merged["sampling"].items() if name not in dropped}


def _dialect(row: Mapping[str, Any]) -> Dialect | None:
    """Return the dialect of a remote row; None for other rows and for a name that is a fault."""
    if row.get("backend") != "openai":
        return None
    return REMOTE_DIALECTS.get(str(row.get("server", OPENAI.name)))


def _unknown_sampling(row: Mapping[str, Any]) -> set[str]:
    """Return the sampling params that the server of a row does not understand."""
    dialect = _dialect(row)
    return set() if dialect is None else _EXTRA_SAMPLING.keys() - dialect.sampling_fields.keys()


def _server_rules(own: Mapping[str, Any], merged: Mapping[str, Any]) -> Iterator[RuleFault]:
    if merged.get("backend") != "openai":
        return
    dialect = _dialect(merged)
    if dialect is not None and dialect.needs_api_version:
        if merged.get("api_version") in (None, ""):
            yield RuleFault("api_version", "Azure needs its version, such as '2024-10-21'")
    elif own.get("api_version") is not None:
        yield RuleFault("api_version", "means something for `server: azure` only: remove it")
    sampling = own.get("sampling")
    given = sampling if isinstance(sampling, Mapping) else {}
    for name in sorted(_unknown_sampling(merged)):
        if given.get(name, _EXTRA_SAMPLING[name]) != _EXTRA_SAMPLING[name]:
            yield RuleFault(
                f"sampling.{name}",
                "is unknown to this kind of server: remove it, or write `server: vllm` if it is "
                "vLLM or SGLang",
            )


def _source_rules(merged: Mapping[str, Any]) -> Iterator[RuleFault]:
    source = merged.get("source")
    fault = source_fault(source) if isinstance(source, str) else None
    if fault is not None:
        yield RuleFault("source", fault)


def _format_rules(merged: Mapping[str, Any], directory: Path) -> Iterator[RuleFault]:
    name = merged.get("prompt_format")
    if not isinstance(name, str) or not name or name in PROMPT_FORMAT_NAMES:
        return
    if (directory / name).is_file():
        return
    if "/" in name or name.endswith((".jinja", ".jinja2", ".j2")):
        yield RuleFault("prompt_format", f"there is no file {directory / name}")
    else:
        yield RuleFault(
            "prompt_format",
            f"unknown format {name!r}{suggestion(name, PROMPT_FORMAT_NAMES)}; choose "
            f"{', '.join(PROMPT_FORMAT_NAMES)}, or the path of a Jinja file",
        )
