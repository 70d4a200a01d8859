r"""LaTeX that models write and the converter does not know, in words that it knows.

Only looks change: `\substack` becomes a small matrix, `\text{if $x$}` a text and a formula.
"""

import re

_WORDS = (
    (re.compile(r"\\(?:mbox|textnormal)(?![A-Za-z])"), r"\\text"),
    (re.compile(r"\\begin\{smallmatrix\}"), r"\\begin{matrix}"),
    (re.compile(r"\\end\{smallmatrix\}"), r"\\end{matrix}"),
    (re.compile(r"\\(begin|end)\{split\}"), r"\\\1{aligned}"),
    (re.compile(r"\\begin\{alignat(\*?)\}\{\d+\}"), r"\\begin{align\1}"),
    (re.compile(r"\\end\{alignat(\*?)\}"), r"\\end{align\1}"),
    (re.compile(r"\\(begin|end)\{eqnarray(\*?)\}"), r"\\\1{align\2}"),
    (re.compile(r"&\s*(=|\\[lg]eq?|\\approx|\\equiv|<|>)\s*&"), r"&\1"),
    (re.compile(r"\\dd(?![A-Za-z])"), r"\\mathrm{d}"),
    (re.compile(r"\\(?:smash|boldmath)(?![A-Za-z])"), ""),
    (
        re.compile(r"\\(?:strut|limits|tiny|small|normalsize|large|Large|LARGE|huge)(?![A-Za-z])"),
        "",
    ),
    (re.compile(r"\\(?:euro|texteuro)(?![A-Za-z])"), "€"),
    (re.compile(r"\\textdegree(?![A-Za-z])"), r"\\degree"),
    (re.compile(r"\\left\s*<"), r"\\left\\langle "),
    (re.compile(r"\\right\s*>"), r"\\right\\rangle "),
    (re.compile(r"\\newcommand\{(\\[A-Za-z]+)\}(?!\[)"), r"\\def\1"),
)
_ENVIRONMENT = re.compile(r"\\begin\{(?:align|equation|gather|multline)\*?\}")
_LABEL = re.compile(r"\\label\{[^{}]*\}")
_WITH_ARGUMENT = re.compile(r"\\(text|substack|displaylines)\s*\{")
_MATHS_IN_TEXT = re.compile(r"(?<!\\)\$([^$]*)(?<!\\)\$")
_LONE_UNDERSCORE = re.compile(r"(?<!\\)[_&#%]")


def plainer(latex: str, *, display: bool) -> str:
    """Return a formula in fewer commands, which look the same or nearly so."""
    for pattern, word in _WORDS:
        latex = pattern.sub(word, latex)
    latex = _with_arguments(latex)
    if _ENVIRONMENT.search(latex) is None:
        latex = _LABEL.sub("", latex)
        if display and "\\tag" in latex:
            latex = f"\\begin{{equation}}{latex}\\end{{equation}}"
    return latex


def _with_arguments(latex: str) -> str:
    """Rewrite commands whose argument may hold braces."""
    parts: list[str] = []
    start = 0
    while command := _WITH_ARGUMENT.search(latex, start):
        end = _end_of_argument(latex, command.end())
        parts += [
            latex[start : command.start()],
            _rewritten(command[1], latex[command.end() : end]),
        ]
        start = end + 1
    return "".join(parts) + latex[start:]


def _end_of_argument(latex: str, start: int) -> int:
    depth = 1
    for position in range(start, len(latex)):
        if latex[position - 1] == "\\":
            continue
        depth += {"{": 1, "}": -1}.get(latex[position], 0)
        if depth == 0:
            return position
    return len(latex)


def _rewritten(command: str, argument: str) -> str:
    if command == "substack":
        return f"{{\\scriptstyle\\begin{{matrix}}{argument}\\end{{matrix}}}}"
    if command == "displaylines":
        return f"\\begin{{gathered}}{argument}\\end{{gathered}}"
    texts = _MATHS_IN_TEXT.split(argument)
    texts[::2] = [f"\\text{{{_escaped(text)}}}" if text else "" for text in texts[::2]]
    return "{" + "".join(texts) + "}"


def _escaped(text: str) -> str:
    return _LONE_UNDERSCORE.sub(lambda sign: "\\" + sign[0], text)
