"""The named prompt formats, as data: what each model family was trained to read.

Checked turn by turn, with white space at both ends of every text, against the makers' own code:
Meta's `llama`, Mistral's `mistral_common` (version 1), OpenChat's `ochat`, FastChat and WizardLM's
demo, Stanford Alpaca, the inference scripts and servers of Chinese-LLaMA-Alpaca 1 and 2,
FlagAlpha's server, THUDM's tokenizer and model; the tokenizers' own templates for Qwen. A text is
trimmed here exactly where its maker trims it. A format that changes gets a new `revision`, since
its models answer another prompt.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

_LLAMA_TOKENS: Final = ("<s>", "</s>")
_ALPACA_PREAMBLE: Final = (
    "Below is an instruction that describes a task. "
    "Write a response that appropriately completes the request."
)


@dataclass(frozen=True, slots=True)
class PromptFormat:
    """A chat template and what has to be known to use it.

    `template` is Jinja in transformers' dialect. `stop` None means: what the template puts after a
    reply. `default_system` applies when a model has no system prompt of its own (an empty one
    switches it off). `prepend_bos` and `prefix_tokens` are explained at `RenderedPrompt`.
    `control_tokens` are written by the template and never let through from a conversation.
    `bos` and `eos` stand in where the tokenizer's own are not known. `revision` counts the
    published versions of a format: another prompt is another configuration of a model.
    """

    name: str
    template: str
    stop: tuple[str, ...] | None = None
    prepend_bos: bool = False
    prefix_tokens: tuple[str, ...] = ()
    control_tokens: tuple[str, ...] = ()
    special_tokens_in_text: bool = True
    default_system: str | None = None
    bos: str = ""
    eos: str = ""
    revision: int = field(default=1, repr=False)


_VICUNA = r"""
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{{- message.content + ' ' -}}
{%- elif message.role == 'user' -%}
{{- 'USER: ' + message.content + ' ASSISTANT:' -}}
{%- else -%}
{{- ' ' + message.content | trim + eos_token -}}
{%- endif -%}
{%- endfor -%}
"""

# Meta joins the system prompt to the user's text and trims the whole: spaces that begin a text
# stay when there is a system prompt.
_LLAMA_2 = r"""
{%- set ns = namespace(system='', begun=false) -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{%- set ns.system = '<<SYS>>\n' + message.content + '\n<</SYS>>\n\n' -%}
{%- elif message.role == 'user' -%}
{{- (bos_token if ns.begun else '') + '[INST] ' + (ns.system + message.content) | trim -}}
{{- ' [/INST]' -}}
{%- set ns.system = '' -%}
{%- set ns.begun = true -%}
{%- else -%}
{{- ' ' + message.content | trim + ' ' + eos_token -}}
{%- endif -%}
{%- endfor -%}
"""

_CHINESE_ALPACA_2 = r"""
{%- set ns = namespace(system='', begun=false) -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{%- set ns.system = '<<SYS>>\n' + message.content + '\n<</SYS>>\n\n' -%}
{%- elif message.role == 'user' -%}
{{- (bos_token if ns.begun else '') + '[INST] ' + ns.system + message.content + ' [/INST]' -}}
{%- set ns.system = '' -%}
{%- set ns.begun = true -%}
{%- else -%}
{{- ' ' + message.content | trim + eos_token -}}
{%- endif -%}
{%- endfor -%}
"""

_MISTRAL = r"""
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{{- raise_exception('no system role') -}}
{%- elif message.role == 'user' -%}
{{- '[INST] ' + message.content + ' [/INST]' -}}
{%- else -%}
{{- ' ' + message.content + eos_token -}}
{%- endif -%}
{%- endfor -%}
"""

_CHATML = r"""
{%- for message in messages -%}
{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{- '<|im_start|>assistant\n' -}}
{%- endif -%}
"""

_OPENCHAT = r"""
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{{- message.content + '<|end_of_turn|>' -}}
{%- elif message.role == 'user' -%}
{{- 'GPT4 Correct User: ' + message.content + '<|end_of_turn|>GPT4 Correct Assistant:' -}}
{%- else -%}
{{- ' ' + message.content + '<|end_of_turn|>' -}}
{%- endif -%}
{%- endfor -%}
"""

# Stanford trained on one turn, with the reply right after the colon; turns are joined as in the
# Chinese-LLaMA-Alpaca demo, by a blank line, which also follows the system prompt.
_ALPACA = r"""
{%- for message in messages -%}
{%- if message.role == 'user' -%}
{{- '### Instruction:\n' + message.content + '\n\n### Response:' -}}
{%- else -%}
{{- message.content + '\n\n' -}}
{%- endif -%}
{%- endfor -%}
"""

_CHINESE_ALPACA = r"""
{%- for message in messages -%}
{%- if message.role == 'user' -%}
{{- '### Instruction:\n\n' + message.content + '\n\n### Response:\n\n' -}}
{%- else -%}
{{- message.content + '\n\n' -}}
{%- endif -%}
{%- endfor -%}
"""

_LLAMA2_CHINESE = r"""
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{{- bos_token + 'System: ' + message.content | trim + '\n' + eos_token -}}
{%- elif message.role == 'user' -%}
{{- bos_token + 'Human: ' + message.content | trim + '\n' + eos_token -}}
{{- bos_token + 'Assistant: ' -}}
{%- else -%}
{{- message.content | trim + '\n' + eos_token -}}
{%- endif -%}
{%- endfor -%}
"""

_CHATGLM2 = r"""
{%- set ns = namespace(round=0) -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{{- raise_exception('no system role') -}}
{%- elif message.role == 'user' -%}
{%- set ns.round = ns.round + 1 -%}
{{- '[Round ' ~ ns.round ~ ']\n\n问：' ~ message.content ~ '\n\n答：' -}}
{%- else -%}
{{- message.content | trim + '\n\n' -}}
{%- endif -%}
{%- endfor -%}
"""

_RAW = r"""{{- messages | map(attribute='content') | join('\n\n') -}}"""


def _llama_family(
    name: str,
    template: str,
    *,
    turns_end_in_eos: bool = True,
    default_system: str | None = None,
    revision: int = 1,
) -> PromptFormat:
    return PromptFormat(
        name,
        template,
        stop=(),
        prepend_bos=True,
        control_tokens=_LLAMA_TOKENS,
        special_tokens_in_text=turns_end_in_eos,
        default_system=default_system,
        bos="<s>",
        eos="</s>",
        revision=revision,
    )


_ALL: Final = (
    PromptFormat("raw", _RAW, stop=(), prepend_bos=True, special_tokens_in_text=False),
    _llama_family("vicuna_v1.1", _VICUNA, revision=2),
    _llama_family("llama-2", _LLAMA_2, revision=2),
    _llama_family("mistral", _MISTRAL),
    PromptFormat(
        "chatml",
        _CHATML,
        stop=("<|im_end|>", "<|endoftext|>"),
        control_tokens=("<|im_start|>", "<|im_end|>", "<|endoftext|>"),
    ),
    PromptFormat(
        "openchat",
        _OPENCHAT,
        stop=("<|end_of_turn|>",),
        prepend_bos=True,
        control_tokens=("<|end_of_turn|>", *_LLAMA_TOKENS),
    ),
    _llama_family("alpaca", _ALPACA, turns_end_in_eos=False, default_system=_ALPACA_PREAMBLE),
    _llama_family(
        "chinese-alpaca",
        _CHINESE_ALPACA,
        turns_end_in_eos=False,
        default_system=_ALPACA_PREAMBLE,
    ),
    _llama_family(
        "chinese-alpaca-2",
        _CHINESE_ALPACA_2,
        default_system="You are a helpful assistant. 你是一个乐于助人的助手。",
        revision=2,
    ),
    PromptFormat(
        "llama2-chinese",
        _LLAMA2_CHINESE,
        stop=("</s>",),
        control_tokens=_LLAMA_TOKENS,
        bos="<s>",
        eos="</s>",
        revision=2,
    ),
    PromptFormat(
        "chatglm2",
        _CHATGLM2,
        stop=(),
        prefix_tokens=("[gMASK]", "sop"),
        special_tokens_in_text=False,
        eos="</s>",
        revision=2,
    ),
)

NAMED_FORMATS: Final[Mapping[str, PromptFormat]] = MappingProxyType({f.name: f for f in _ALL})
"""Every format that `prompt_format` may name, except `auto`, which is the tokenizer's own."""
