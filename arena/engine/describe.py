"""What a model is, without its weights in memory: size, context, cache cost, prompt and tokens."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from arena.catalog import ModelRow
from arena.checkpoints.checkpoint_size import QUANTIZED_BITS
from arena.domain.conversation import Message
from arena.engine.loading.capacity import context_length, kv_bytes_per_token
from arena.engine.loading.gguf import unpacked
from arena.engine.loading.loader import ModelLoader, load_tokenizer
from arena.engine.loading.number_formats import format_name
from arena.engine.prompts import PromptBuilder
from arena.prompting import sample_turns


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """Footprint of a model. Bytes are those of its number format or quantisation on this machine.

    `weights_bytes` of a quantised model counts all parameters as quantised, a little too few.
    """

    key: str
    architecture: str
    parameters: int
    weights_bytes: int
    dtype: str
    context: int
    kv_bytes_per_token: int


@dataclass(frozen=True, slots=True)
class TextDescription:
    """The prompt of one turn as the model reads it, with all turns before."""

    rendered: str
    tokens: list[int]
    token_texts: list[str]


def describe(row: ModelRow, texts: Sequence[str] = ()) -> dict[str, Any]:
    """Return the description as JSON-able values; raises LoadingFailed, PromptFormatError.

    With `texts`, what a user says in turn, `turns` holds the prompt of each; the first turn's
    fields stand beside it as well.
    """
    row = unpacked(row, lambda _: None, os.environ)
    tokenizer = load_tokenizer(row)
    document = asdict(describe_model(row, tokenizer))
    if texts:
        prompts = PromptBuilder(row, tokenizer)
        turns = [asdict(describe_turn(prompts, said)) for said in sample_turns(texts)]
        document |= {**turns[0], "turns": turns}
    return document


def describe_model(row: ModelRow, tokenizer: Any) -> ModelDescription:
    """Count parameters on the meta device, where weights take no memory."""
    loader = ModelLoader()
    config = loader.config(row)
    model = loader.without_weights(row, config)
    dtype = loader.dtype(row, config)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    bits = QUANTIZED_BITS.get(row.quantization or "", dtype.itemsize * 8)
    text_config = config.get_text_config()
    return ModelDescription(
        key=row.key,
        architecture=(config.architectures or [type(model).__name__])[0],
        parameters=parameters,
        weights_bytes=int(parameters * bits / 8),
        dtype=format_name(dtype),
        context=context_length(text_config, tokenizer.model_max_length, row.max_context),
        kv_bytes_per_token=kv_bytes_per_token(text_config, dtype.itemsize),
    )


def describe_turn(prompts: PromptBuilder, messages: Sequence[Message]) -> TextDescription:
    """Render a conversation that ends with a user message and show its tokens one by one."""
    prompt = prompts.chat(messages)
    return TextDescription(prompt.text, list(prompt.ids), prompts.token_texts(prompt.ids))
