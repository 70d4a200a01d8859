"""Formulas as the converter may see them: some would hold the server up, or end it.

math-core 0.9 calls itself for each group, and for each opening bracket it searches the rest twice
if nothing closes it: a minute for 30 of them. After `\\big` (not `\\bigl`) it does not search.
"""

import re
import unicodedata

LONGEST = 5_000
"""Characters; a longer formula is shown as its source."""
DEEPEST = 60
"""Groups inside groups."""
MOST_SEARCHED = 10
"""Opening brackets of a formula whose partners the converter may look for."""

_GROUP = re.compile(r"(?<!\\)\{|\\(?:begin|left)(?![A-Za-z])|(?<!\\)\}|\\(?:end|right)(?![A-Za-z])")
_DEFINITION = re.compile(
    r"\\(?:def|edef|gdef|let|newcommand|renewcommand|providecommand)(?![A-Za-z])"
)
_STARTS = "".join(
    sign for sign in map(chr, range(0x3000)) if unicodedata.category(sign) in {"Ps", "Pi"}
).replace("{", "")
_SIZED = r"(?:\\(?:left|right|middle|[bB]igg?[lrm]?)\s*)"
_OPENING = re.compile(
    rf"({_SIZED}?)([{re.escape(_STARTS)}]|\\\{{|\\(?:l(?:ang|angle|Angle|brace|Brace|brack|ceil"
    r"|floor|group|moustache|paren|vert|Vert|langle|lbracket|lparenthesis)|ulcorner|llcorner)"
    r"(?![A-Za-z]))"
)


def within_limits(latex: str) -> str | None:
    """Return a formula that takes about a millisecond and little of the stack, or None."""
    if len(latex) > LONGEST or _depth(latex) > DEEPEST:
        return None
    brackets = len(_OPENING.findall(latex))
    if brackets and _DEFINITION.search(latex):
        return None  # a command of the formula's own may stand for many brackets
    return latex if brackets <= MOST_SEARCHED else _OPENING.sub(_sized, latex)


def _sized(opening: re.Match[str]) -> str:
    size = opening[1].strip()
    if size in {"\\left", "\\right", "\\middle"}:
        return opening[0]
    return (size.rstrip("lrm") or "\\big") + opening[2]


def _depth(latex: str) -> int:
    deepest = depth = 0
    for sign in _GROUP.findall(latex):
        depth += 1 if sign in {"{", "\\begin", "\\left"} else -1
        deepest = max(deepest, depth)
    return deepest
