"""Messages as clients of OpenAI's protocol send them: their content and their other fields."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, field_validator, model_validator

from arena.domain.conversation import Message, Role
from arena.engine.unsupported import asks_for_nothing


def _writable(text: str) -> str:
    """Return text that UTF-8 can write; raise ValueError for half a surrogate pair."""
    text.encode()
    return text


Text = Annotated[str, AfterValidator(_writable)]

HONOURED_OF_A_MESSAGE: Final = frozenset({"role", "content"})
IGNORED_OF_A_MESSAGE: Final = frozenset({"annotations", "reasoning", "reasoning_content"})
"""What servers add to their replies, and clients send back with them."""

_TOOLS: Final = "tools and functions are not called"
_INSTEAD: Final[Mapping[str, str]] = {
    "name": "write it into the content",
    "prefix": "continue_final_message has the last message continued",
    "tool_calls": _TOOLS,
    "tool_call_id": _TOOLS,
    "function_call": _TOOLS,
}


class WireMessage(BaseModel):
    """One message; content as text or as OpenAI's list of text parts."""

    role: Literal["system", "user", "assistant", "developer"]
    content: Text

    @model_validator(mode="before")
    @classmethod
    def _without_surprises(cls, message: object) -> object:
        known = HONOURED_OF_A_MESSAGE | IGNORED_OF_A_MESSAGE
        for field, value in message.items() if isinstance(message, Mapping) else ():
            if field not in known and not asks_for_nothing(value):
                instead = _INSTEAD.get(field, "a message has a role and content")
                raise ValueError(f"{quoted(field)} is not supported here: {instead}")
        return message

    @field_validator("content", mode="before")
    @classmethod
    def _joined(cls, content: object) -> object:
        return "".join(map(_text_of, content)) if isinstance(content, list) else content

    def to_domain(self) -> Message:
        """Return the domain's message; OpenAI's newer name for system is understood."""
        role = Role.SYSTEM if self.role == "developer" else Role(self.role)
        return Message(role, self.content)


def bare(word: str) -> str:
    """Return a client's word as a refusal may repeat it: short, and fit to be written."""
    return repr(word[:60])[1:-1]


def quoted(word: object) -> str:
    """Return a client's word as a sentence may repeat it; of what is no word, its kind."""
    return f"'{bare(word)}'" if isinstance(word, str) else f"a {type(word).__name__}"


def _text_of(part: object) -> str:
    """Return the text of a part; raise ValueError for a part that is not text."""
    if not isinstance(part, Mapping):
        raise ValueError("a part is an object with type and text")  # noqa: TRY004  (pydantic's)
    kind, text = part.get("type", "text"), part.get("text")
    if kind != "text":
        raise ValueError(f"parts of type {quoted(kind)} are not supported: send text alone")
    if not isinstance(text, str):
        raise ValueError("a part of type 'text' has its text in text")  # noqa: TRY004
    return text
