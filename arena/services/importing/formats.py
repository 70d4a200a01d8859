"""The formats of files with votes, and what is told about a file before it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class VoteFormat(StrEnum):
    """Formats of files with votes, under their contract names."""

    ARENA = "arena"
    LLMFAO = "llmfao"
    MT_BENCH = "mt-bench"
    FASTCHAT = "fastchat"
    LMARENA_55K = "lmarena-55k"
    LMARENA = "lmarena"
    COMPARIA = "comparia"
    OPEN_WEBUI = "open-webui"
    ALPACAEVAL = "alpacaeval"
    PANDALM = "pandalm"
    WMT = "wmt"
    LABEL_STUDIO = "label-studio"
    ARGILLA = "argilla"


class UnreadableFile(Exception):
    """The file as a whole cannot be read as votes; says what to change."""


@dataclass(frozen=True, slots=True)
class KnownPrompt:
    """The text behind a prompt's number in a file that has only numbers."""

    text: str
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read.

    `columns` are the file's names of columns by ours; `prompts` the texts of prompts by number;
    `key` makes pseudonyms of addresses, so that no address is stored.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    prompts: Mapping[str, KnownPrompt] = field(default_factory=dict)
    key: bytes = b""
