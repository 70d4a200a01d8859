"""What `arena.yaml` holds: the operator's words for the pages, and what annotators are offered."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from arena.catalog.explanations import suggestion
from arena.catalog.fields import STRICT
from arena.domain.localized import DEFAULT_LANGUAGE, LocalizedText
from arena.domain.reveal import RevealPolicy

CATEGORIES: Final = ("writing", "coding", "math", "reasoning", "agent", "multilingual")
"""The categories of an arena that names none; pages have their labels in every language."""

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_CATEGORY = re.compile(r"\w[\w &/+-]*")
_LONGEST_LINE = 80


def texts_by_language(value: object) -> object:
    """Return a text for every reader as a map of one; leave a map as it is.

    Raises:
        ValueError: The value is neither, or an empty text.
    """
    if isinstance(value, str):
        if not value.strip():
            raise ValueError("must not be empty")
        return {DEFAULT_LANGUAGE: value}
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"write a text, or one for each language: {{en: …, zh: …}} ({value!r})")
    return value


def language_code(value: str) -> str:
    """Return an ISO 639 code unchanged; raise ValueError for anything else."""
    if not _LANGUAGE.fullmatch(value):
        raise ValueError(f"write languages as ISO 639-1 codes, such as en or zh (it is {value!r})")
    return value


def one_line(value: str) -> str:
    """Return a short line without white space around it; raise ValueError for anything else."""
    line = value.strip()
    if not line or "\n" in line or len(line) > _LONGEST_LINE:
        raise ValueError(f"must be one line of at most {_LONGEST_LINE} characters")
    return line


def filled(value: str) -> str:
    """Return a text unchanged; raise ValueError for white space alone."""
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def category_name(value: str) -> str:
    """Return the name of a category unchanged; raise ValueError for anything else."""
    if len(value) > _LONGEST_LINE or not _CATEGORY.fullmatch(value):
        raise ValueError(
            "a category is named with letters, digits, spaces and & / + - _ "
            f"(it is {value!r}); its label may be any text"
        )
    return value


def labels_by_category(value: object) -> object:
    """Return a list of categories as a map without labels; leave a map as it is."""
    if not isinstance(value, list | tuple):
        return value
    if repeated := {name for name in value if value.count(name) > 1}:
        raise ValueError(f"names {', '.join(map(str, repeated))} twice")
    return dict.fromkeys(value)


def reveal_policy(value: object) -> RevealPolicy:
    """Return the policy of a word; raise ValueError for any other."""
    if value not in set(RevealPolicy):
        hint = suggestion(value, set(RevealPolicy))
        raise ValueError(f"choose 'after_vote' or 'never' (it is {value!r}){hint}")
    return RevealPolicy(str(value))


LanguageCode = Annotated[str, AfterValidator(language_code)]
Line = Annotated[str, AfterValidator(one_line)]
FilledText = Annotated[str, AfterValidator(filled)]
LocalizedLine = Annotated[dict[LanguageCode, Line], BeforeValidator(texts_by_language)]
LocalizedBody = Annotated[dict[LanguageCode, FilledText], BeforeValidator(texts_by_language)]
Categories = Annotated[
    dict[Annotated[str, AfterValidator(category_name)], LocalizedLine | None],
    BeforeValidator(labels_by_category),
    Field(min_length=1),
]


class Example(BaseModel):
    """A prompt that the page offers."""

    model_config = STRICT

    prompt: FilledText
    category: str | None = None
    language: LanguageCode


class ArenaConfig(BaseModel):
    """The content of `arena.yaml`, checked. docs/arena-yaml.md explains every field.

    `examples` are the rows of the file that it names; None stands for the arena's own.
    """

    model_config = STRICT

    title: LocalizedLine | None = None
    welcome: LocalizedBody | None = None
    guidelines: LocalizedBody | None = None
    contact: LocalizedLine | None = None
    examples: tuple[Example, ...] | None = None
    categories: Categories = Field(default_factory=lambda: dict.fromkeys(CATEGORIES))
    reveal: Annotated[RevealPolicy, BeforeValidator(reveal_policy)] | None = None

    def with_reveal(self, reveal: RevealPolicy | None) -> "ArenaConfig":
        """Return the same with another policy; None leaves the file's own."""
        return self if reveal is None else self.model_copy(update={"reveal": reveal})

    def text(self, field: str) -> LocalizedText | None:
        """Return the operator's title, welcome, guidelines or contact; None if not given."""
        found: Any = getattr(self, field)
        return None if found is None else LocalizedText(found)
