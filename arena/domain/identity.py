"""Replies that say who wrote them: a vote on such a reply is not blind."""

import re
from collections.abc import Iterable
from functools import lru_cache

KNOWN_NAMES: tuple[str, ...] = (
    "ChatGPT",
    "GPT",
    "OpenAI",
    "Claude",
    "Anthropic",
    "Gemini",
    "Bard",
    "Google",
    "Llama",
    "Meta AI",
    "Mistral",
    "Mixtral",
    "Qwen",
    "通义千问",
    "Tongyi",
    "Alibaba",
    "阿里",
    "ChatGLM",
    "智谱",
    "Zhipu",
    "Baichuan",
    "百川",
    "WizardLM",
    "Vicuna",
    "Alpaca",
    "Starling",
    "OpenChat",
    "Command R",
    "Cohere",
    "DeepSeek",
    "Yi",
    "文心一言",
    "ERNIE",
    "百度",
    "Microsoft",
    "微软",
)
"""Models and makers that a reply may name as itself."""

_SELF_REFERENCE = re.compile(
    r"\b(?:i am|i'm|i’m|my name is|i was (?:made|created|trained|developed|built) by)\b"
    r"[^.!?\n]{0,60}"
    r"|\bas\b[^.!?\n]{0,60},\s*i\b"
    r"|我(?:是|叫|的名字是|由)[^。！？\n]{0,30}"
    r"|作为[^。！？\n]{0,30}我",
    re.IGNORECASE,
)


def identity_leak(
    reply: str, *, user_texts: Iterable[str], identity_words: Iterable[str]
) -> str | None:
    """Return the name by which a reply gives its model away, or None.

    A leak is a self-reference («I am …», «as …», «我是…») that names a known model or maker, or
    any occurrence of the slot's own `identity_words`. A name that the user wrote first never
    counts.
    """
    asked = "\n".join(user_texts)
    for word in identity_words:
        if _names(reply, word) and not _names(asked, word):
            return word
    for reference in _SELF_REFERENCE.finditer(reply):
        if not _KNOWN.search(reference.group()):
            continue
        for name in KNOWN_NAMES:
            if _names(reference.group(), name) and not _names(asked, name):
                return name
    return None


def _names(text: str, name: str) -> bool:
    return _pattern_of(name).search(text) is not None


def _name_in_text(name: str) -> str:
    """Return the pattern of a name that stands by itself; writing without spaces has no borders."""
    pattern = re.escape(name)
    return rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z])" if name.isascii() else pattern


@lru_cache(maxsize=1024)
def _pattern_of(name: str) -> re.Pattern[str]:
    return re.compile(_name_in_text(name), re.IGNORECASE)


_KNOWN = re.compile("|".join(map(_name_in_text, KNOWN_NAMES)), re.IGNORECASE)
"""Whether any of them is named at all: most replies name none."""
