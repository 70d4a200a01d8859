"""Models that bring their own code: which class to take, and what has changed since it was written.

Such code is as old as its checkpoint. ChatGLM2's is of 2023 and made for transformers 4.27; what
it misses in transformers 5 is given back here, to its own classes only.
"""

from collections.abc import Mapping
from typing import Any, Final

from transformers.dynamic_module_utils import get_class_from_dynamic_module
from transformers.models.auto.auto_factory import add_generation_mixin_to_remote_model

_ENTRIES: Final = ("AutoModelForCausalLM", "AutoModelForSeq2SeqLM", "AutoModel")
"""Entries of `auto_map` that can name a model with a head; ChatGLM2 has only the last two."""

_LEGACY_DEFAULTS: Final[Mapping[str, Any]] = {"max_length": 20, "use_cache": True}
"""Fields that every configuration had in transformers 4, and that its code reads without asking."""


def remote_model_class(config: Any, source: str, revision: str | None) -> Any:
    """Return the class that a checkpoint's code defines; None where transformers has its own.

    Runs the checkpoint's code, which loading `config` with trust has allowed already: without
    trust it would be one of transformers' classes. `source` is a hub id or a folder.
    """
    if type(config).__module__.startswith("transformers."):
        return None
    entries = getattr(config, "auto_map", None) or {}
    named = next((entries[entry] for entry in _ENTRIES if entry in entries), None)
    if named is None:
        return None
    return _finished(get_class_from_dynamic_module(named, source, revision=revision))


def restore_legacy_defaults(config: Any) -> None:
    """Add the fields that old code expects of any configuration; those it has stay."""
    for name, value in _LEGACY_DEFAULTS.items():
        if not hasattr(config, name):
            setattr(config, name, value)


def _finished(made: Any) -> Any:
    """Return a class that ends its construction with `post_init`, which loading relies on now."""

    def construct(self: Any, *arguments: Any, **options: Any) -> None:
        made.__init__(self, *arguments, **options)
        if not hasattr(self, "all_tied_weights_keys"):
            self.post_init()

    generating = add_generation_mixin_to_remote_model(made)  # type: ignore[no-untyped-call]
    own = {"__init__": construct, "__module__": made.__module__}
    return type(made.__name__, (generating,), own)
