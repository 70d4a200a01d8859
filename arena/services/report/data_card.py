"""The data card: what one must know of the votes before publishing or using them."""

from collections.abc import Iterable, Iterator, Mapping

from arena.domain.board import EXCLUDING_FLAGS
from arena.services.board.rows import board_document
from arena.services.campaigns.archive.readme import excluded_lines, protocol_lines
from arena.services.report.facts import ReportFacts
from arena.services.report.limitations import limitations
from arena.services.report.methods import annotators, prompts
from arena.services.report.personal_data import PersonalKind
from arena.services.report.prose import Sentence, counted
from arena.services.report.protocol import counted_votes, protocol

PERSONAL_DATA = "personal-data.csv"
_LOOKED_AT = "prompts, replies, comments and answers to questions"
_WHO = "**to be filled in** (who they are, how they were found, whether they were paid)"
_FILL_IN = "**to be filled in** (who may use the votes, prompts and replies, and how)"


def data_card(facts: ReportFacts, found: Mapping[PersonalKind, int], *, licence: str | None) -> str:
    """Return the card as Markdown. `found` is how often each kind of personal data may occur."""
    parts = (
        f"# Data card: {_plain(facts.title)}\n",
        _part("What", _what(facts)),
        _part("Licence", [_plain(licence) if licence else _FILL_IN]),
        _part("Who", [*_told(annotators(facts)), _WHO]),
        _part("When and how", [*_told(counted_votes(facts)), *_how(facts)]),
        _part("Prompts", _told(prompts(facts))),
        _part("What does not count", _excluded(facts)),
        _part("Personal data", _personal(found)),
        _part("Known limits", _told(limitations(facts))),
        _part("Made by", [f"{name} {version}" for name, version in facts.software.items()]),
    )
    return "\n".join(parts)


def _part(title: str, lines: Iterable[str]) -> str:
    return f"## {title}\n\n" + "".join(f"- {line}\n" for line in lines)


def _what(facts: ReportFacts) -> Iterator[str]:
    board = facts.board.board
    yield (
        f"{counted(board.votes, 'ballot')} by people on replies of language models, "
        f"{counted(board.comparisons, 'comparison')} of two models"
    )
    for key, name in board.names.items():
        yield f"{_plain(name)} (`{key}`)"


def _how(facts: ReportFacts) -> Iterator[str]:
    if facts.work is None:
        yield from _told(protocol(facts))
    else:
        yield from protocol_lines(facts.work.campaign)


def _excluded(facts: ReportFacts) -> Iterator[str]:
    if facts.work is not None:
        yield from excluded_lines(facts.work.tally, board_document(facts.board))
        return
    for kind in EXCLUDING_FLAGS:
        yield f"Comparisons flagged `{kind.value}`: {facts.board.board.excluded[kind]}"


def _personal(found: Mapping[PersonalKind, int]) -> Iterator[str]:
    total = sum(found.values())
    if not total:
        yield f"The rules found none in {_LOOKED_AT}. They do not find everything"
        return
    kinds = ", ".join(f"{found[kind]} {kind.value}" for kind in PersonalKind if found.get(kind))
    yield (
        f"{counted(total, 'place')} in {_LOOKED_AT} may hold some ({kinds}): look at "
        f"`{PERSONAL_DATA}`. Nothing was removed"
    )
    yield "Rules miss much and find too much: read a sample of the texts as well"


def _told(sentences: Iterable[Sentence]) -> Iterator[str]:
    return (_plain(sentence.text) for sentence in sentences)


def _plain(text: str) -> str:
    """Return a text on one line that Markdown prints as it is."""
    line = " ".join(text.split())
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#|" else letter for letter in line)
