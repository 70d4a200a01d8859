"""What a row of a prompt set may hold, each value refused with a sentence when it is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from arena.campaign_files.text_files import parsed_json
from arena.catalog.arena_config import LanguageCode, filled
from arena.catalog.explanations import suggestion
from arena.catalog.fields import STRICT
from arena.domain.conversation import Role

_LONGEST_ID: Final = 80


@dataclass(frozen=True, slots=True)
class Messages:
    """The system prompt and the user's messages of a row."""

    system: str | None
    turns: tuple[str, ...]


def storable(value: str) -> str:
    """Return a text that is not blank unchanged; raise ValueError for what no table can hold."""
    if "\0" in value:
        raise ValueError("contains the character NUL: remove it")
    return filled(value)


def identifier(value: object) -> str:
    """Return an id as text; raise ValueError for anything but a short line or a whole number."""
    text = str(value).strip() if isinstance(value, int | str) else ""
    if isinstance(value, bool) or not text.isprintable() or not 0 < len(text) <= _LONGEST_ID:
        allowed = f"a whole number or one line of at most {_LONGEST_ID} characters"
        raise ValueError(f"write {allowed} (it is {value!r})")
    return text


def whole_number(value: object) -> object:
    """Return the number of a cell that holds one as text or as 3.0; leave the rest as it is."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value.strip()[:_LONGEST_ID])
    return int(value) if isinstance(value, float) and value.is_integer() else value


def joined_notes(value: object) -> object:
    """Return a list of notes, one for each turn, as one text; leave the rest as it is."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = parsed_json(value)
        except ValueError:
            return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "\n\n".join(value)
    return value


def messages_of(value: object) -> Messages:
    """Read a list of texts or of `{role, content}`, or either as JSON text.

    Raises:
        ValueError: It is no such list, or holds messages of an assistant.
    """
    listed = parsed_json(value) if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed:
        raise ValueError('write a list of messages, such as ["…", "…"]')
    spoken = [_message(number, one) for number, one in enumerate(listed, 1)]
    system = spoken.pop(0)[1] if spoken[0][0] is Role.SYSTEM else None
    for role, _ in spoken:
        if role is not Role.USER:
            raise ValueError(f"remove messages of the {role}: {_REASONS[role]}")
    if not spoken:
        raise ValueError("has no message of the user: add one")
    return Messages(system, tuple(text for _, text in spoken))


_REASONS: Final = {
    Role.ASSISTANT: "each model writes its own replies",
    Role.SYSTEM: "only the first message may be one",
}


def _message(number: int, value: Any) -> tuple[Role, str]:
    if isinstance(value, str):
        return Role.USER, storable(value)
    given = value if isinstance(value, dict) else {}
    role, content = given.get("role"), given.get("content")
    if role is None or not isinstance(content, str):
        raise ValueError(f"message {number} is neither a text nor {{role: …, content: …}}")
    if role not in set(Role):
        hint = suggestion(role, set(Role))
        raise ValueError(f"message {number}: choose 'system' or 'user' as role{hint} ({role!r})")
    return Role(role), storable(content)


Storable = Annotated[str, AfterValidator(storable)]


class PromptRow(BaseModel):
    """A row in the arena's own columns; cells that are empty are left out beforehand."""

    model_config = STRICT

    id: Annotated[str, BeforeValidator(identifier)] | None = None
    prompt: Storable | None = None
    messages: Annotated[Messages, BeforeValidator(messages_of)] | None = None
    system_prompt: Storable | None = None
    category: Storable | None = None
    language: LanguageCode | None = None
    difficulty: Annotated[int, BeforeValidator(whole_number), Field(ge=1, le=10)] | None = None
    notes: Annotated[Storable, BeforeValidator(joined_notes)] | None = None

    @model_validator(mode="after")
    def _say_one_thing(self) -> Self:
        if self.prompt is None and self.messages is None:
            raise ValueError("has neither `prompt` nor `messages`: add one")
        if self.prompt is not None and self.messages is not None:
            raise ValueError("has both `prompt` and `messages`: remove one")
        if self.system_prompt and self.messages and self.messages.system:
            raise ValueError("has two system prompts: remove `system_prompt` or the first message")
        return self

    def turns(self) -> Sequence[str]:
        """Return the user's messages."""
        return self.messages.turns if self.messages else (self.prompt or "",)

    def system(self) -> str | None:
        """Return the system prompt, wherever the row has it."""
        return self.system_prompt or (self.messages.system if self.messages else None)


class CheckRow(PromptRow):
    """A row of a file of check items: a prompt and two replies to its last message."""

    better: Storable
    worse: Storable

    @model_validator(mode="after")
    def _have_one_turn(self) -> Self:
        if len(self.turns()) != 1:
            raise ValueError("a check item has one message of the user: remove the others")
        return self
