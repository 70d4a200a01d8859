"""What a chat template can do, found by rendering it: templates do not say."""

import functools
from dataclasses import dataclass

from arena.domain.conversation import Message
from arena.prompting.formats import PromptFormat
from arena.prompting.probes import ANY_DAY, FOLLOW_UP, QUESTION, REPLY, SYSTEM
from arena.prompting.templating import PromptFormatError, apply_template


@dataclass(frozen=True, slots=True)
class TemplateTraits:
    """`system_role`: a system message shows in the text; otherwise it joins the first user turn.

    `reply_prefix`: the space that the template puts between the generation prompt and a reply.
    `turn_end`: what it puts after a reply, a control token in most formats; may be empty.
    """

    system_role: bool
    reply_prefix: str
    turn_end: str


@functools.lru_cache(maxsize=64)
def validate_template(prompt_format: PromptFormat, *, bos: str, eos: str) -> TemplateTraits:
    """Try a template on the conversations that the arena holds and return its traits.

    Raises PromptFormatError when one turn or a second turn cannot be rendered, or loses text.
    """

    def rendered(*messages: Message, generate: bool = True) -> str:
        return apply_template(
            prompt_format.template, messages, bos=bos, eos=eos, generate=generate, now=ANY_DAY
        )

    opening = rendered(QUESTION)
    _demand(opening, QUESTION)
    _demand(rendered(QUESTION, REPLY, FOLLOW_UP), QUESTION, REPLY, FOLLOW_UP)
    try:
        system_role = SYSTEM.content in rendered(SYSTEM, QUESTION)
    except PromptFormatError:
        system_role = False
    answered = rendered(QUESTION, REPLY, generate=False)
    before, _, after = answered.partition(REPLY.content)
    lead = " " if before == f"{opening} " else ""
    return TemplateTraits(system_role, lead, after.strip())


def _demand(text: str, *messages: Message) -> None:
    position = 0
    for message in messages:
        position = text.find(message.content, position)
        if position < 0:
            raise PromptFormatError(f"the prompt template drops the {message.role} message")
