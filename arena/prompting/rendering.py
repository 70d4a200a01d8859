"""A conversation becomes the one string that a model completes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from arena.domain.conversation import Message, Role
from arena.prompting.formats import PromptFormat
from arena.prompting.neutralising import neutralise
from arena.prompting.templating import PromptFormatError, apply_template
from arena.prompting.traits import TemplateTraits, validate_template


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """The exact text for a model, and the rule by which it becomes tokens.

    The ids are, in this order: the BOS id if `prepend_bos` and the tokenizer itself begins texts
    with one; the id of each of `prefix_tokens`; the ids of `text`, tokenised with
    `add_special_tokens=False`. So a BOS is never doubled: either the text carries it or
    `prepend_bos` asks for it. `special_tokens_in_text` says that control tokens in the text are
    meant as such; they are the format's own, those of the conversation are neutralised.
    `stop` ends a reply: entries that are single tokens belong to the end-of-text ids, since a
    decoder that skips special tokens never shows them; the others are matched in the text.
    """

    text: str
    stop: tuple[str, ...]
    special_tokens_in_text: bool
    prepend_bos: bool = False
    prefix_tokens: tuple[str, ...] = ()


def render(
    prompt_format: PromptFormat,
    messages: Sequence[Message],
    *,
    system_prompt: str | None,
    partial_reply: str = "",
    bos: str = "",
    eos: str = "",
    special_tokens: Iterable[str] = (),
    now: datetime | None = None,
) -> RenderedPrompt:
    """Render a conversation that ends with a user message, up to where the model speaks.

    `system_prompt` None takes the format's default, an empty one takes none. The model continues
    `partial_reply` when there is one. `bos`, `eos` and `special_tokens` are the tokenizer's own
    strings; none of them gets through from the conversation. `now` (default: the current time, in
    UTC) is the date for templates that print one. Raises PromptFormatError.
    """
    bos, eos = bos or prompt_format.bos, eos or prompt_format.eos
    control = {*prompt_format.control_tokens, *special_tokens, bos, eos} - {""}
    traits = validate_template(prompt_format, bos=bos, eos=eos)
    safe = [_safe(message, control, traits) for message in messages]
    conversation = _conversation(prompt_format, traits, safe, system_prompt)
    text = apply_template(prompt_format.template, conversation, bos=bos, eos=eos, now=now)
    return RenderedPrompt(
        text=text + _continued(neutralise(partial_reply, control), traits),
        stop=_stop(prompt_format, traits, eos),
        special_tokens_in_text=prompt_format.special_tokens_in_text,
        prepend_bos=prompt_format.prepend_bos,
        prefix_tokens=prompt_format.prefix_tokens,
    )


def _safe(message: Message, control: Iterable[str], traits: TemplateTraits) -> Message:
    content = neutralise(message.content, control)
    if message.role is Role.ASSISTANT:
        content = content.removeprefix(traits.reply_prefix)  # the template writes it
    return replace(message, content=content)


def _conversation(
    prompt_format: PromptFormat,
    traits: TemplateTraits,
    messages: Sequence[Message],
    system_prompt: str | None,
) -> list[Message]:
    turns = [message for message in messages if message.role is not Role.SYSTEM]
    if not turns or turns[0].role is not Role.USER or turns[-1].role is not Role.USER:
        raise PromptFormatError("a conversation begins and ends with a user message")
    own = prompt_format.default_system if system_prompt is None else system_prompt
    spoken = [message.content for message in messages if message.role is Role.SYSTEM]
    system = "\n\n".join(part for part in (own, *spoken) if part)
    if not system:
        return turns
    if traits.system_role:
        return [Message(Role.SYSTEM, system), *turns]
    first = replace(turns[0], content=f"{system}\n\n{turns[0].content}")
    return [first, *turns[1:]]


def _continued(partial_reply: str, traits: TemplateTraits) -> str:
    if not partial_reply or partial_reply[0].isspace():
        return partial_reply
    return traits.reply_prefix + partial_reply


def _stop(prompt_format: PromptFormat, traits: TemplateTraits, eos: str) -> tuple[str, ...]:
    stop = (traits.turn_end,) if prompt_format.stop is None else prompt_format.stop
    return tuple(dict.fromkeys(text for text in (*stop, eos) if text))
