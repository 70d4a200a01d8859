"""Writes the weights and the tokenizer of a GGUF file as a checkpoint of transformers.

transformers can load such a file by itself, but as a model that it refuses to save, and with half a
minute for the texts of a large vocabulary at every start. So only its readers are used.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import torch
from accelerate import init_empty_weights
from tokenizers import pre_tokenizers
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    PreTrainedTokenizerFast,
    modeling_gguf_pytorch_utils,
)
from transformers.integrations import gguf as gguf_integration

from arena.checkpoints.gguf_header import GgufHeader
from arena.engine.loading.failures import LoadingFailed
from arena.engine.loading.progress import Report

_READING: Final[Any] = modeling_gguf_pytorch_utils
_INTEGRATION: Final[Any] = gguf_integration
"""transformers' modules for GGUF, which have no types."""


def _every_digit_a_word() -> Any:
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )


_PRE_TOKENIZERS: Final[Mapping[str, Callable[[], Any]]] = {
    "smollm": _every_digit_a_word,  # as in HuggingFaceTB's tokenizer.json
}
"""Ways to cut texts, by llama.cpp's names, for which transformers takes GPT-2's."""


def save_model(file: Path, header: GgufHeader, folder: Path, dtype: str, report: Report) -> None:
    """Write the configuration and the weights, in a number format such as `float32`.

    Raises LoadingFailed where weights are missing, and what transformers raises.
    """
    number_format: torch.dtype = getattr(torch, dtype)
    config = AutoConfig.for_model(**_configuration(file, header))
    with init_empty_weights():
        model: Any = AutoModelForCausalLM.from_config(config, dtype=number_format)  # type: ignore[no-untyped-call]
    with _reported(report):
        tensors = _READING.load_gguf_checkpoint(
            str(file), return_tensors=True, model_to_load=model, torch_dtype=number_format
        )["tensors"]
    unknown = model.load_state_dict(tensors, strict=False, assign=True).unexpected_keys
    model.tie_weights()
    hollow = [name for name, weight in model.named_parameters() if weight.is_meta]
    for name in (*hollow, *unknown):
        raise LoadingFailed(f"{file} does not hold the weights of its architecture: see {name}")
    report("writing the converted model")
    model.save_pretrained(folder)


def _configuration(file: Path, header: GgufHeader) -> dict[str, Any]:
    """Return what transformers reads, and the size of a head, which it does not read for Qwen3."""
    stated: dict[str, Any] = _READING.load_gguf_checkpoint(str(file))["config"]
    head = header.field("attention.key_length")
    return stated if head is None else {**stated, "head_dim": head}


def save_tokenizer(file: Path, folder: Path) -> None:
    """Write the tokenizer and its chat template.

    Not as the class of the model's family, such as LlamaTokenizer: that has rules of its own, which
    need not be those of the vocabulary in the file.
    """
    architecture, stated, settings = _INTEGRATION.get_gguf_tokenizer(str(file))
    backend, more = _INTEGRATION.convert_gguf_tokenizer(architecture, stated)
    own = _PRE_TOKENIZERS.get(stated.get("pre_tokenizer_type", ""))
    if own is not None:
        backend.pre_tokenizer = own()
    tokenizer: Any = PreTrainedTokenizerFast(tokenizer_object=backend, **settings, **more)  # type: ignore[no-untyped-call]
    tokenizer.save_pretrained(folder)


@contextmanager
def _reported(report: Report) -> Iterator[None]:
    """Report how many tensors transformers has unpacked, in place of its bar on standard error."""

    def counted(tensors: Iterable[Any], **_: Any) -> Iterator[Any]:
        every = list(tensors)
        for number, tensor in enumerate(every):
            report(f"converting the weights ({100 * number // len(every)} % of {len(every)})")
            yield tensor

    bar = _READING.tqdm
    _READING.tqdm = counted
    try:
        yield
    finally:
        _READING.tqdm = bar
