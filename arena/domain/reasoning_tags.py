"""The tags that models put around their reasoning, by family, and how to find them in a stream."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from arena.domain.partial_markers import marker_overlap


@dataclass(frozen=True, slots=True)
class Tags:
    """What opens a model's reasoning and what closes it; `open` is empty where nothing does."""

    open: str
    close: str


_WORD: Final = r"(?:[a-z0-9]+[:_])?(?:think(?:ing)?|thoughts?|reasoning)"
_ANSWER_WORD: Final = r"(?:final_)?answer|response|solution"
_LONGEST_TAG: Final = 40
_SHORTEST_TAG: Final = 4

_FIXED: Final = (
    Tags("[THINK]", "[/THINK]"),  # Mistral
    Tags("\u25c1think\u25b7", "\u25c1/think\u25b7"),  # Kimi
    Tags("<|begin_of_thought|>", "<|end_of_thought|>"),  # OpenThinker, Sky-T1
    Tags("<|START_THINKING|>", "<|END_THINKING|>"),  # Command A
    Tags("<|think|>", "<|/think|>"),
    Tags("<|channel>thought", "<channel|>"),  # Gemma 4
    Tags("<unused94>thought", "<unused95>"),  # MedGemma
    Tags("<scratchpad>", "</scratchpad>"),
)
_FIXED_ANSWERS: Final = (
    Tags("<|begin_of_solution|>", "<|end_of_solution|>"),
    Tags("<|START_RESPONSE|>", "<|END_RESPONSE|>"),
)

_FINAL_HEADER: Final = "<|end|><|start|>assistant<|channel|>final<|message|>"
"""What ends the reasoning of a model that writes channels, when the prompt opened it."""

CHANNEL_STARTS: Final = ("<|channel|>", "<|start|>")

CHANNEL_TOKENS: Final = frozenset({*CHANNEL_STARTS, "<|message|>", "<|end|>"})
"""What divides the messages of a model that writes channels; one of them ends no reply."""


def opening(text: str, declared: Tags | None = None) -> tuple[Tags, int] | None:
    """Return the tags whose opening one begins a text, and its length; None for ordinary text."""
    found = re.match(rf"<({_WORD})>", text, re.IGNORECASE)
    if found:
        return Tags(found[0], f"</{found[1]}>"), found.end()
    return _first(text, _with(declared, _FIXED))


def answer_opening(text: str) -> tuple[Tags, int] | None:
    """Return the tags around an answer, if the opening one begins a text that follows reasoning."""
    found = re.match(rf"<({_ANSWER_WORD})>", text, re.IGNORECASE)
    if found:
        return Tags(found[0], f"</{found[1]}>"), found.end()
    return _first(text, _FIXED_ANSWERS)


def may_become_opening(text: str, declared: Tags | None = None, *, answers: bool = False) -> bool:
    """Return whether more text could make this an opening tag."""
    if re.fullmatch(r"<[\w:]*", text) and len(text) < _LONGEST_TAG:
        return True
    known = [tags.open for tags in _with(declared, _FIXED)]
    known += [tags.open for tags in _FIXED_ANSWERS] if answers else []
    return any(tag.lower().startswith(text.lower()) for tag in (*known, *CHANNEL_STARTS))


def ending_opening(prompt: str, declared: Tags | None = None) -> Tags | None:
    """Return the tags that a rendered prompt opens at its very end, and leaves to be closed."""
    end = prompt.rstrip()
    found = re.search(rf"<({_WORD})>$", end, re.IGNORECASE)
    if found:
        return Tags(found[0], f"</{found[1]}>")
    if re.search(r"<\|channel\|>analysis<\|message\|>$", end):
        return Tags("<|channel|>analysis<|message|>", _FINAL_HEADER)
    return next((tags for tags in _with(declared, _FIXED) if end.endswith(tags.open)), None)


def is_tag(token: str) -> bool:
    """Return whether a control token sets reasoning or an answer apart, or begins such a tag."""
    if re.fullmatch(rf"</?(?:{_WORD}|{_ANSWER_WORD})>", token, re.IGNORECASE):
        return True
    if len(token) < _SHORTEST_TAG:
        return False
    known = (*_FIXED, *_FIXED_ANSWERS)
    return any(token == tags.close or tags.open.startswith(token) for tags in known)


class Closings:
    """The tags that may close reasoning which nothing opened, without those in `quoted` texts."""

    def __init__(self, quoted: Iterable[str] = (), declared: Tags | None = None) -> None:
        self._quoted = "\n".join(quoted).lower()
        fixed = [re.escape(tags.close) for tags in _with(declared, _FIXED)]
        header = r"(?:<\|end\|>\s*)?(?:<\|start\|>assistant\s*)?<\|channel\|>final<\|message\|>"
        self._pattern = re.compile("|".join((rf"</{_WORD}>", *fixed, header)), re.IGNORECASE)
        self._markers = [*(tags.close for tags in _with(declared, _FIXED)), _FINAL_HEADER]
        self._markers += [_FINAL_HEADER.removeprefix("<|end|>"), "<|channel|>final<|message|>"]

    def search(self, text: str, before: Sequence[str], start: int = 0) -> re.Match[str] | None:
        """Return the first tag at or behind `start` that the text uses and does not talk about.

        `before` are the pieces that came before the text.
        """
        for found in self._pattern.finditer(text, start):
            quoted = found[0].lower() in self._quoted
            whole = "".join((*before, text[: found.start()]))
            if not quoted and not _is_mentioned(whole, found[0]):
                return found
        return None

    def overlap(self, text: str) -> int:
        """Return how many of the last characters may be the beginning of a tag."""
        cut = re.search(rf"<(?:/[\w:]{{0,{_LONGEST_TAG}}})?$", text)
        lengths = [len(cut[0])] if cut else []
        return max(*lengths, *(marker_overlap(text, marker) for marker in self._markers))


def _is_mentioned(before: str, tag: str) -> bool:
    """Return whether a text talks about a tag: in code, in quotes, or after its opening one."""
    line = before.rpartition("\n")[2]
    in_code = line.count("`") % 2 == 1 or before.count("```") % 2 == 1
    in_quotes = line.count('"') % 2 == 1 or before.endswith(("\u201c", "\u2018", "\u00ab"))
    opened = tag.replace("/", "", 1).lower() in before.lower()
    return in_code or in_quotes or opened


def _first(text: str, known: Iterable[Tags]) -> tuple[Tags, int] | None:
    for tags in known:
        if text[: len(tags.open)].lower() == tags.open.lower():
            return tags, len(tags.open)
    return None


def _with(declared: Tags | None, known: tuple[Tags, ...]) -> tuple[Tags, ...]:
    return (declared, *known) if declared is not None and declared.open else known
