"""What a CommonMark reader sees of a text: an oracle by markdown-it-py, another parser than ours.

GitHub's tables, strike-through and tasks, dollar formulas by Pandoc's rule, raw HTML as text.
"""

import json
import re
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

ANSWERS = Path(__file__).parents[2] / "data" / "answers"

_INLINE = (
    re.compile(r"\$\$(?P<latex>[^$`]+)\$\$"),
    re.compile(r"\$(?P<latex>(?![\s$])(?:\\.|[^$`\n\\])*(?<!\s))\$(?![0-9])"),
    re.compile(r"\\\[(?P<latex>[^`]*?)\\\]"),
    re.compile(r"\\\((?P<latex>[^`]*?)\\\)"),
)
_BLOCK = re.compile(
    r"\$\$\n(?P<a>[^$`]+?)\n\$\$(?=\n|$)|\\\[\n(?P<b>[^`]+?)\n\\\](?=\n|$)"
    r"|(?P<c>\\begin\{(?P<name>[a-z]+\*?)\}[^`]*?\\end\{(?P=name)\})(?=\n|$)"
)
_TASK = re.compile(r"\[([ xX])\](?=\s)")


class Answer(NamedTuple):
    """An answer of the collection, and what one reads of it."""

    id: str
    text: str
    reads: str


def answers() -> list[Answer]:
    """Return the given answers and our own."""
    by_hand = json.loads((ANSWERS / "given-reads.json").read_text(encoding="utf-8"))
    lines = [
        line
        for name in ("given.jsonl", "own.jsonl")
        for line in (ANSWERS / name).read_text(encoding="utf-8").splitlines()
    ]
    return [
        Answer(
            case["id"],
            case["text"],
            case.get("reads") or by_hand.get(case["id"]) or reads(case["text"]),
        )
        for case in map(json.loads, lines)
    ]


def reads(text: str) -> str:
    """Return what a CommonMark reader sees, blocks and cells set apart by a space."""
    return " ".join(_plain(_parser().parse(text)))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.inline.ruler.before("escape", "formula", _inline_formula)
    parser.block.ruler.before("fence", "formula", _block_formula, {"alt": ["paragraph"]})
    return parser


def _inline_formula(state: StateInline, silent: bool) -> bool:
    for pattern in _INLINE:
        found = pattern.match(state.src, state.pos)
        if found:
            if not silent:
                state.push("formula", "", 0).content = found["latex"]
            state.pos = found.end()
            return True
    return False


def _block_formula(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    if state.is_code_block(first):
        return False
    lines = state.getLines(first, last, state.blkIndent, False)
    found = _BLOCK.match("\n".join(line.strip() for line in lines.split("\n\n")[0].split("\n")))
    if found is None:
        return False
    if not silent:
        state.push("formula", "", 0).content = found["a"] or found["b"] or found["c"]
        state.line = first + found[0].count("\n") + 1
    return True


def _plain(tokens: list[Token]) -> list[str]:
    parts = []
    for position, token in enumerate(tokens):
        if token.type == "inline":
            text = "".join(map(_inline, token.children or []))
            in_item = position > 1 and tokens[position - 2].type == "list_item_open"
            parts.append(_TASK.sub(_glyph, text, count=1) if in_item else text)
        elif token.type == "fence":
            parts += [token.info.strip(), token.content]
        elif token.type in {"code_block", "html_block", "formula"}:
            parts.append(token.content)
    return parts


def _glyph(task: re.Match[str]) -> str:
    return "☐" if task[1] == " " else "☑"


def _inline(token: Token) -> str:
    if token.type in {"softbreak", "hardbreak"}:
        return "\n"
    return "" if token.type.endswith(("_open", "_close")) else token.content
