"""Loads a model and its tokenizer: one at a time, with the right number format, completely."""

import logging
import threading
from dataclasses import dataclass
from typing import Any

import torch
from accelerate import init_empty_weights
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    FineGrainedFP8Config,
    GenerationConfig,
)

from arena.catalog import ModelRow
from arena.engine.loading.failures import (
    LoadingFailed,
    is_memory_fault,
    loading_failure,
    memory_failure,
)
from arena.engine.loading.gpus import tightest_memory
from arena.engine.loading.number_formats import FORMATS, ChooseFormat, cpu_format, format_name
from arena.engine.loading.remote_code import remote_model_class, restore_legacy_defaults
from arena.engine.loading.sentencepieces import decode_as_sentencepiece
from arena.engine.loading.tokenizing import known_legacy

logger = logging.getLogger(__name__)

_FAULTS = (
    *(OSError, ValueError, ImportError, RuntimeError, AttributeError, TypeError, LookupError),
    *(MemoryError, SafetensorError),
)
"""What loading raises: files are missing or broken, code does not fit transformers, no memory."""

_SPILL = "dispatched on the CPU or the disk"
"""So bitsandbytes' loader refuses a model that has no room on its GPUs."""

_BESIDE = frozenset({"cpu", "disk"})


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model ready to run, its tokenizer, and the ids that end a reply."""

    model: Any
    tokenizer: Any
    eos: frozenset[int]

    @property
    def vocabulary(self) -> int:
        """Number of ids that the model knows, padded ones included."""
        return int(self.model.get_input_embeddings().weight.shape[0])

    @property
    def number_format(self) -> str:
        """Name of the numbers that it computes with, such as float32."""
        return format_name(self.model.dtype)

    @property
    def item_bytes(self) -> int:
        """Bytes of one number of the KV cache."""
        return int(self.model.dtype.itemsize)

    @property
    def text_config(self) -> Any:
        """Configuration of the language model, also where it is a part of a larger one."""
        return self.model.config.get_text_config()

    @property
    def is_spread(self) -> bool:
        """Whether the weights lie on more than one device."""
        return len(set(getattr(self.model, "hf_device_map", {}).values())) > 1


class ModelLoader:
    """Loads models one after another: `from_pretrained` patches process-wide defaults."""

    def __init__(self, *, on_cpu: ChooseFormat = cpu_format) -> None:
        self._lock = threading.Lock()
        self._on_cpu = on_cpu

    def load(self, row: ModelRow) -> LoadedModel:
        """Load a row's model; blocks for as long as it takes. Raises `LoadingFailed`."""
        with self._lock:
            try:
                tokenizer = _tokenizer(row)
                config = _config(row)
                dtype = self.dtype(row, config)
                made = remote_model_class(config, row.resolved_source(), row.revision)
                model = (
                    (made or AutoModelForCausalLM)
                    .from_pretrained(
                        **_where(row),
                        config=config,
                        dtype=dtype,
                        device_map=_device_map(row),
                        quantization_config=_quantization(row, dtype),
                    )
                    .eval()
                )
            except _FAULTS as error:
                raise _failure(error, row) from error
        _refuse_incomplete(model)
        eos = _end_tokens(model, tokenizer)
        # generate() fills unset fields from here: a checkpoint's own taste must not leak in.
        model.generation_config = GenerationConfig()  # type: ignore[no-untyped-call]
        return LoadedModel(model, tokenizer, eos)

    def dtype(self, row: ModelRow, config: Any) -> torch.dtype:
        """Return the row's number format; `config` is that of its model.

        `auto` is bfloat16 on a GPU, and on a CPU the faster one of that and float32.
        """
        if row.dtype != "auto":
            return FORMATS[row.dtype]
        if uses_gpu(row):
            return torch.bfloat16
        return torch.float32 if row.quantization else self._on_cpu(config)

    def config(self, row: ModelRow) -> Any:
        """Return only the configuration of a row's model. Raises `LoadingFailed`."""
        with self._lock:
            try:
                return _config(row)
            except _FAULTS as error:
                raise _failure(error, row) from error

    def without_weights(self, row: ModelRow, config: Any) -> Any:
        """Return a row's model without weights, which takes no memory. Raises `LoadingFailed`."""
        with self._lock, init_empty_weights():
            try:
                made = remote_model_class(config, row.resolved_source(), row.revision)
                from_config = AutoModelForCausalLM.from_config
                if made is not None:
                    from_config = made._from_config  # noqa: SLF001  (what from_config calls)
                model: Any = from_config(config)  # type: ignore[no-untyped-call]
            except _FAULTS as error:
                raise _failure(error, row) from error
        model.tie_weights()  # made without memory, shared weights look like two
        return model


def load_tokenizer(row: ModelRow) -> Any:
    """Return only the tokenizer of a row. Raises `LoadingFailed`."""
    try:
        return _tokenizer(row)
    except _FAULTS as error:
        raise _failure(error, row) from error


def uses_gpu(row: ModelRow) -> bool:
    """Return whether the row's model will run on a GPU of this machine."""
    return row.devices != "cpu" and torch.cuda.is_available()


def _tokenizer(row: ModelRow) -> Any:
    legacy = known_legacy(row)
    stated = {} if legacy is None else {"legacy": legacy}
    tokenizer = AutoTokenizer.from_pretrained(**_where(row), **stated)
    decode_as_sentencepiece(tokenizer)
    return tokenizer


def _config(row: ModelRow) -> Any:
    config = AutoConfig.from_pretrained(**_where(row))
    if row.trust_remote_code:
        restore_legacy_defaults(config)
    return config


def _where(row: ModelRow) -> dict[str, Any]:
    return {
        "pretrained_model_name_or_path": row.resolved_source(),
        "revision": row.revision,
        "trust_remote_code": row.trust_remote_code,
    }


def _device_map(row: ModelRow) -> Any:
    """Place on the first GPU that this process sees, or spread over several that the row names."""
    if not uses_gpu(row):
        return None
    several = row.devices != "auto" and torch.cuda.device_count() > 1
    return "auto" if several else {"": 0}


def _quantization(row: ModelRow, dtype: torch.dtype) -> Any:
    if row.quantization == "bitsandbytes-8bit":
        return BitsAndBytesConfig(load_in_8bit=True)  # type: ignore[no-untyped-call]
    if row.quantization == "bitsandbytes-4bit":
        return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_compute_dtype=dtype,
        )
    return FineGrainedFP8Config() if row.quantization == "fp8" else None


def _failure(error: Exception, row: ModelRow) -> LoadingFailed:
    if is_memory_fault(error) or _SPILL in str(error):
        return memory_failure(error, tightest_memory(on_gpu=uses_gpu(row)))
    return loading_failure(error, row.resolved_source())


def _refuse_incomplete(model: Any) -> None:
    _refuse_spill(model)
    hollow = [name for name, parameter in model.named_parameters() if parameter.is_meta]
    if hollow:
        raise LoadingFailed(f"{len(hollow)} weights were not loaded, the first is {hollow[0]}")


def _refuse_spill(model: Any) -> None:
    """Refuse a model of which accelerate has put a part off the GPUs: it would crawl, or fail.

    Such weights are on the meta device too, and would be taken for weights that are not there.
    """
    places = getattr(model, "hf_device_map", {})
    beside = [name for name, place in places.items() if str(place) in _BESIDE]
    if beside and len(beside) < len(places):
        raise memory_failure(
            MemoryError(
                f"{len(beside)} of {len(places)} parts found no room on the GPUs, the first is "
                f"{beside[0]} (on {places[beside[0]]})"
            ),
            tightest_memory(on_gpu=True),
        )


def _end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    stated = [
        getattr(model.generation_config, "eos_token_id", None),
        getattr(model.config, "eos_token_id", None),
        tokenizer.eos_token_id,
    ]
    lists = [ids if isinstance(ids, list) else [ids] for ids in stated]
    return frozenset(int(token) for ids in lists for token in ids if token is not None)
