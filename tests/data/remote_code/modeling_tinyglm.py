"""A small decoder that leans on transformers the way that ChatGLM2's code of 2023 does.

It reads `config.max_length`, `config.torch_dtype` and `config.use_return_dict`; makes its parts
with `skip_init`; never calls `post_init`; knows only caches that are tuples of (key, value), each
(tokens, rows, groups, channels), which it grows itself; and asks its base class for
`_extract_past_from_model_output`. transformers 5 has dropped or renamed all of these.
"""

from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import skip_init
from transformers.modeling_outputs import CausalLMOutputWithPast
from transformers.modeling_utils import PreTrainedModel

from .configuration_tinyglm import TinyGlmConfig

LayerCache = tuple[torch.Tensor, torch.Tensor]


@torch.jit.script
def rotated(x: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
    """Turn the first half of the channels by their positions; (tokens, rows, heads, channels)."""
    pairs = x[..., : table.shape[-2] * 2].reshape(x.shape[0], x.shape[1], x.shape[2], -1, 2)
    cosine = table[..., 0].unsqueeze(2)
    sine = table[..., 1].unsqueeze(2)
    even = pairs[..., 0] * cosine - pairs[..., 1] * sine
    odd = pairs[..., 1] * cosine + pairs[..., 0] * sine
    turned = torch.stack([even, odd], -1).flatten(3)
    return torch.cat((turned, x[..., table.shape[-2] * 2 :]), dim=-1)


class Rotary(nn.Module):
    """Table of rotations for every position; its buffer is part of the checkpoint."""

    def __init__(self, channels: int, dtype: torch.dtype | None) -> None:
        super().__init__()
        steps = torch.arange(0, channels, 2).to(dtype=dtype)
        self.register_buffer("inv_freq", 1.0 / (10000 ** (steps / channels)))
        self.channels = channels

    def forward(self, length: int) -> torch.Tensor:
        dtype, device = self.inv_freq.dtype, self.inv_freq.device
        steps = torch.arange(0, self.channels, 2, dtype=dtype, device=device)
        theta = 1.0 / (10000 ** (steps / self.channels))
        angles = torch.outer(torch.arange(length, dtype=dtype, device=device), theta).float()
        return torch.stack([torch.cos(angles), torch.sin(angles)], dim=-1).to(dtype)


class Norm(nn.Module):
    """Root-mean-square norm."""

    def __init__(self, size: int, dtype: torch.dtype | None) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size, dtype=dtype))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        variance = x.float().pow(2).mean(-1, keepdim=True)
        return (self.weight * x * torch.rsqrt(variance + 1e-5)).to(x.dtype)


class Block(nn.Module):
    """Attention with shared key-value groups, then a gated feed-forward part."""

    def __init__(self, config: TinyGlmConfig) -> None:
        super().__init__()
        self.heads, self.channels = config.num_attention_heads, config.kv_channels
        self.groups = config.multi_query_group_num
        inner = self.heads * self.channels
        size, dtype = config.hidden_size, config.torch_dtype
        self.input_layernorm = Norm(size, dtype)
        width = inner + 2 * self.groups * self.channels
        self.query_key_value = nn.Linear(size, width, bias=True, dtype=dtype)
        self.dense = nn.Linear(inner, size, bias=False, dtype=dtype)
        self.post_attention_layernorm = Norm(size, dtype)
        self.dense_h_to_4h = nn.Linear(size, config.ffn_hidden_size * 2, bias=False, dtype=dtype)
        self.dense_4h_to_h = nn.Linear(config.ffn_hidden_size, size, bias=False, dtype=dtype)

    def forward(
        self,
        x: torch.Tensor,
        mask: torch.Tensor | None,
        table: torch.Tensor,
        cache: LayerCache | None,
    ) -> tuple[torch.Tensor, LayerCache]:
        attended, cache = self._attended(self.input_layernorm(x), mask, table, cache)
        x = x + attended
        gate, value = self.dense_h_to_4h(self.post_attention_layernorm(x)).chunk(2, dim=-1)
        return x + self.dense_4h_to_h(functional.silu(gate) * value), cache

    def _attended(
        self,
        x: torch.Tensor,
        mask: torch.Tensor | None,
        table: torch.Tensor,
        cache: LayerCache | None,
    ) -> tuple[torch.Tensor, LayerCache]:
        shared = self.groups * self.channels
        parts = self.query_key_value(x).split([self.heads * self.channels, shared, shared], dim=-1)
        query, key, value = (p.view(*p.shape[:2], -1, self.channels) for p in parts)
        query, key = rotated(query, table), rotated(key, table)
        if cache is not None:
            key, value = torch.cat((cache[0], key)), torch.cat((cache[1], value))
        grown = (key, value)
        key, value = (p.repeat_interleave(self.heads // self.groups, dim=2) for p in grown)
        query, key, value = (p.permute(1, 2, 0, 3) for p in (query, key, value))
        alone = mask is None and query.shape[2] == key.shape[2]
        seen = None if mask is None else ~mask
        out = functional.scaled_dot_product_attention(query, key, value, seen, is_causal=alone)
        return self.dense(out.permute(2, 0, 1, 3).flatten(2)), grown


class Encoder(nn.Module):
    """All blocks and the last norm."""

    def __init__(self, config: TinyGlmConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Block(config) for _ in range(config.num_layers)])
        self.final_layernorm = Norm(config.hidden_size, config.torch_dtype)


class TinyGlmPreTrainedModel(PreTrainedModel):
    """What both models share."""

    config_class = TinyGlmConfig
    base_model_prefix = "transformer"
    _no_split_modules = ["Block"]

    def _init_weights(self, module: nn.Module) -> None:
        return

    def get_masks(
        self, input_ids: torch.Tensor, past: tuple[LayerCache, ...] | None, padding: torch.Tensor
    ) -> torch.Tensor:
        """Where attention is forbidden: (rows, 1, new tokens, all tokens)."""
        rows, length = input_ids.shape
        seen = torch.ones(rows, length, length, device=input_ids.device).tril()
        before = past[0][0].shape[0] if past else 0
        if before:
            seen = torch.cat((torch.ones(rows, length, before, device=seen.device), seen), dim=-1)
        seen = seen * padding.unsqueeze(1)
        if not before:
            seen = seen - (padding.unsqueeze(-1) - 1)
        return (seen < 0.5).unsqueeze(1)


class TinyGlmModel(TinyGlmPreTrainedModel):
    """Embedding, encoder and output layer."""

    def __init__(self, config: TinyGlmConfig) -> None:
        super().__init__(config)
        size, words, dtype = config.hidden_size, config.padded_vocab_size, config.torch_dtype
        self.word_embeddings = skip_init(nn.Embedding, words, size, dtype=dtype)
        self.rotary_pos_emb = Rotary(config.kv_channels // 2, dtype)
        self.encoder = skip_init_module(Encoder, config)
        self.output_layer = skip_init(nn.Linear, size, words, bias=False, dtype=dtype)
        self.seq_length = config.seq_length

    def get_input_embeddings(self) -> nn.Module:
        return self.word_embeddings

    def forward(
        self,
        input_ids: torch.Tensor,
        position_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        past_key_values: tuple[LayerCache, ...] | None = None,
        use_cache: bool | None = None,
    ) -> tuple[torch.Tensor, tuple[LayerCache, ...] | None]:
        length = input_ids.shape[1]
        mask = None
        padded = attention_mask is not None and not attention_mask.all()
        if padded or (past_key_values and length != 1):
            mask = self.get_masks(input_ids, past_key_values, attention_mask)
        table = self.rotary_pos_emb(self.seq_length)
        table = table[None, :length] if position_ids is None else table[position_ids]
        table = table.transpose(0, 1).contiguous()
        x = self.word_embeddings(input_ids).transpose(0, 1).contiguous()
        presents: tuple[LayerCache, ...] = ()
        for number, block in enumerate(self.encoder.layers):
            x, cache = block(x, mask, table, past_key_values[number] if past_key_values else None)
            presents = (*presents, cache)
        return self.encoder.final_layernorm(x), presents if use_cache else None


class TinyGlmForConditionalGeneration(TinyGlmPreTrainedModel):
    """The model that a checkpoint's `auto_map` names."""

    def __init__(self, config: TinyGlmConfig) -> None:
        super().__init__(config)
        self.max_sequence_length = config.max_length
        self.transformer = TinyGlmModel(config)

    def _update_model_kwargs_for_generation(
        self,
        outputs: Any,
        model_kwargs: dict[str, Any],
        is_encoder_decoder: bool = False,
        standardize_cache_format: bool = False,
    ) -> dict[str, Any]:
        model_kwargs["past_key_values"] = self._extract_past_from_model_output(
            outputs, standardize_cache_format=standardize_cache_format
        )
        mask = model_kwargs["attention_mask"]
        model_kwargs["attention_mask"] = torch.cat([mask, mask.new_ones((len(mask), 1))], dim=-1)
        model_kwargs["is_first_forward"] = False
        return model_kwargs

    def prepare_inputs_for_generation(
        self,
        input_ids: torch.Tensor,
        past_key_values: tuple[LayerCache, ...] | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        is_first_forward: bool = True,
        **others: Any,
    ) -> dict[str, Any]:
        if position_ids is None:
            position_ids = torch.arange(input_ids.shape[1]).unsqueeze(0).expand_as(input_ids)
        if not is_first_forward:
            position_ids, input_ids = position_ids[..., -1:], input_ids[:, -1:]
        return {
            "input_ids": input_ids,
            "past_key_values": past_key_values,
            "position_ids": position_ids,
            "attention_mask": attention_mask,
            "return_last_logit": True,
        }

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        past_key_values: tuple[LayerCache, ...] | None = None,
        inputs_embeds: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        use_cache: bool | None = None,
        output_attentions: bool | None = None,
        output_hidden_states: bool | None = None,
        return_dict: bool | None = None,
        return_last_logit: bool | None = False,
    ) -> Any:
        use_cache = use_cache if use_cache is not None else self.config.use_cache
        return_dict = return_dict if return_dict is not None else self.config.use_return_dict
        x, presents = self.transformer(
            input_ids, position_ids, attention_mask, past_key_values, use_cache
        )
        logits = self.transformer.output_layer(x[-1:] if return_last_logit else x)
        logits = logits.transpose(0, 1).contiguous()
        if not return_dict:
            return (logits, presents)
        return CausalLMOutputWithPast(logits=logits, past_key_values=presents)

    @staticmethod
    def _reorder_cache(past: tuple[LayerCache, ...], beams: torch.Tensor) -> Any:
        return tuple(
            (key.index_select(1, beams), value.index_select(1, beams)) for key, value in past
        )


def skip_init_module(made: Any, config: TinyGlmConfig) -> Any:
    """Make a module on the meta device and then in memory, as `skip_init` does."""
    with torch.device("meta"):
        module = made(config)
    return module.to_empty(device="cpu")
