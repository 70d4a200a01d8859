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
from transformers.integrations import ggml as ggml_integration
from transformers.integrations import gguf as gguf_integration

from arena.checkpoints.gguf_header import TOKENS, GgufHeader
from arena.engine.loading.failures import LoadingFailed
from arena.engine.loading.progress import Report

_READING: Final[Any] = modeling_gguf_pytorch_utils
_INTEGRATION: Final[Any] = gguf_integration
"""transformers' modules for GGUF, which have no types."""

_NAMES: Final[Mapping[str, Any]] = ggml_integration.GGUF_CONFIG_MAPPING
"""What configurations call the fields of each architecture, and of the tokenizer."""


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
    config = AutoConfig.for_model(**configuration(header))
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


def configuration(header: GgufHeader) -> dict[str, Any]:
    """Return the fields of a configuration, by transformers' own list of names.

    Its reader of the same fields is not asked: it takes twenty seconds for what stands beside them.
    """
    own, roles = _NAMES[header.architecture], _NAMES["tokenizer"]
    found = [
        *((name, header.metadata.get(f"tokenizer.{field}")) for field, name in roles.items()),
        *((name, header.field(field)) for field, name in own.items()),
        ("head_dim", header.field("attention.key_length")),
    ]
    return {
        "vocab_size": len(header.metadata[TOKENS]),
        "tie_word_embeddings": all(one.name != "output.weight" for one in header.tensors),
        "model_type": header.architecture,
        **{name: value for name, value in found if name and value is not None},
    }


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
