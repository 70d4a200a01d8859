"""Formulas that the converter must not see, because it would hold the server up or end it.

math-core 0.9 calls itself for each group, and searches twice as long for each opening bracket that
nothing closes: a minute for 30 of them.
"""

import re

LONGEST = 5_000
"""Characters; a longer formula is shown as its source."""
DEEPEST = 60
"""Groups inside groups."""
MOST_OPEN = 10
"""Opening brackets without a closing one in the same group or cell."""

_SIGNS = re.compile(
    r"(?P<begin>(?<!\\)\{|\\begin(?![A-Za-z])|\\left(?![A-Za-z])\s*(?:\\[A-Za-z]+|\\?.))"
    r"|(?P<end>(?<!\\)\}|\\end(?![A-Za-z])|\\right(?![A-Za-z])\s*(?:\\[A-Za-z]+|\\?.))"
    r"|(?P<cell>&|\\\\)"
    r"|(?P<open>[(\[]|\\\{|\\(?:l(?:angle|brace|brack|ceil|floor|group|moustache|vert|Vert)"
    r"|ulcorner|llcorner|lAngle|lBrack|lParen|llbracket)(?![A-Za-z]))"
    r"|(?P<close>[)\]]|\\\}|\\(?:r(?:angle|brace|brack|ceil|floor|group|moustache|vert|Vert)"
    r"|urcorner|lrcorner|rAngle|rBrack|rParen|rrbracket)(?![A-Za-z]))",
    re.DOTALL,
)


def convertible(latex: str) -> bool:
    """Return whether the converter takes well under a millisecond and little of the stack."""
    if len(latex) > LONGEST:
        return False
    groups = [0]  # brackets open in each group around the place
    unclosed = 0
    for sign in _SIGNS.finditer(latex):
        match sign.lastgroup:
            case "begin":
                groups.append(0)
            case "open":
                groups[-1] += 1
            case "close":
                groups[-1] -= groups[-1] > 0
            case "cell":
                unclosed += groups[-1]
                groups[-1] = 0
            case _:
                unclosed += groups.pop() if len(groups) > 1 else 0
        if len(groups) > DEEPEST:
            return False
    return unclosed + sum(groups) <= MOST_OPEN
