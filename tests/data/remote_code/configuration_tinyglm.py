"""Configuration with ChatGLM2's own field names, none of which transformers knows."""

from typing import Any

from transformers import PretrainedConfig


class TinyGlmConfig(PretrainedConfig):
    """Without `num_hidden_layers`, `vocab_size` and `max_position_embeddings`, as ChatGLM2's."""

    model_type = "tinyglm"

    def __init__(
        self,
        num_layers: int = 2,
        padded_vocab_size: int = 512,
        hidden_size: int = 32,
        ffn_hidden_size: int = 64,
        kv_channels: int = 8,
        num_attention_heads: int = 4,
        seq_length: int = 512,
        multi_query_attention: bool = True,
        multi_query_group_num: int = 2,
        **others: Any,
    ) -> None:
        self.num_layers = num_layers
        self.padded_vocab_size = padded_vocab_size
        self.hidden_size = hidden_size
        self.ffn_hidden_size = ffn_hidden_size
        self.kv_channels = kv_channels
        self.num_attention_heads = num_attention_heads
        self.seq_length = seq_length
        self.multi_query_attention = multi_query_attention
        self.multi_query_group_num = multi_query_group_num
        super().__init__(**others)
