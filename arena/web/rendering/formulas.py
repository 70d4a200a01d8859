"""LaTeX to MathML Core; what the converter does not know stays as its source."""

import re
from functools import lru_cache
from html import escape
from typing import NamedTuple

from math_core import LatexToMathML

from arena.web.rendering.failures import unless_it_fails
from arena.web.rendering.latex import plainer
from arena.web.rendering.latex_limits import within_limits

_MAY_SCROLL = 60
"""Characters of a formula that a phone may have to scroll, by keyboard too."""

_NUMBERED = re.compile(r"\\begin\{(?:align|alignat|eqnarray|equation|flalign|gather|multline)\}")
_NEXT = r"\begin{equation}0\end{equation}"
_NEXT_NUMBER = re.compile(r"\((\d+)\)")
_MATHML = re.compile(r"^<math[^>]*>(.*)</math>$", re.DOTALL)
_SIZE = re.compile(r' m(?:in|ax)size="1\.2em"')
_TAG = re.compile(r"<(/?)([a-z]+)([^<>]*?)(/?)>")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_ELEMENT_NAMES = (
    "menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace"
    " msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none"
)
_ATTRIBUTE_NAMES = (
    "accent accentunder columnspan depth displaystyle fence form height largeop linethickness"
    " lspace mathvariant maxsize minsize movablelimits notation rowspan rspace scriptlevel"
    " separator stretchy symmetric voffset width"
)
_ELEMENTS = frozenset(_ELEMENT_NAMES.split())
_ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())
_CLASSES = {
    "width: 100%": "wide",
    "width: 50%": "half",
    "width: 7.5%": "edge",
    "text-align: left": "left",
    "text-align: right": "right",
    "text-align: center": "center",
    "padding-left: 0": "close-left",
    "padding-right: 0": "close-right",
    "padding-left:1em": "apart",
    "border-left: 0.05em solid currentcolor": "line-left",
    "border-right: 0.05em solid currentcolor": "line-right",
    "border-top: 0.05em solid currentcolor": "line-top",
    "border-bottom: 0.05em solid currentcolor": "line-bottom",
    "border-left: 0.05em dashed currentcolor": "line-left",
    "border-right: 0.05em dashed currentcolor": "line-right",
    "border-top: 0.05em dashed currentcolor": "line-top",
    "border-bottom: 0.05em dashed currentcolor": "line-bottom",
}
"""Declarations of the converter's style attributes as classes of answers.css; no colours."""


class Formula(NamedTuple):
    """A formula as HTML, and the number of the next numbered equation of the answer."""

    html: str
    next_number: int


@lru_cache(maxsize=4096)
def formula(latex: str, *, source: str, display: bool, number: int) -> Formula:
    """Return LaTeX as MathML with its source as annotation.

    Args:
        latex: The source without its delimiters.
        source: The source with its delimiters, shown when the converter does not know a command.
        display: Whether the formula stands on a line of its own.
        number: The number of the next equation in an `equation`, `align` or the like.
    """
    converted = _converted(latex, display=display, number=number)
    if converted is None:
        return Formula(f'<code class="tex" dir="ltr">{escape(source)}</code>', number)
    presentation, next_number = converted
    return Formula(_math(presentation, latex, display=display), next_number)


def _math(presentation: str, latex: str, *, display: bool) -> str:
    block = ' display="block"' if display else ""
    markup = (
        f'<math dir="ltr"{block}><semantics><mrow>{presentation}</mrow>'
        f'<annotation encoding="application/x-tex">{escape(latex)}</annotation></semantics></math>'
    )
    if not display:
        return markup
    focus = ' tabindex="0"' if len(latex) > _MAY_SCROLL else ""
    return f'<span class="formula"{focus}>{markup}</span>'


def _converted(latex: str, *, display: bool, number: int) -> tuple[str, int] | None:
    found = _converted_as_it_is(latex, display=display, number=number)
    return found or _converted_as_it_is(
        plainer(latex, display=display), display=display, number=number
    )


def _converted_as_it_is(latex: str, *, display: bool, number: int) -> tuple[str, int] | None:
    safe = within_limits(latex)
    if safe is None:
        return None
    snippets = [(safe, display)]
    numbered = _NUMBERED.search(latex) is not None
    if numbered:
        # The converter counts over a batch: equations before this one, and one that tells the next.
        before = r"\begin{gather}" + r"0\\" * (number - 2) + r"0\end{gather}"
        snippets = [(before, True)] * (number > 1) + snippets + [(_NEXT, True)]
    results = unless_it_fails(_converter().convert_all, snippets)
    if results is None:
        return None
    following = _NEXT_NUMBER.search(results[-1]) if numbered else None
    written = _MATHML.match(results[-2] if numbered else results[0])
    if written is None:
        return None
    mathml = written[1] if safe == latex else _SIZE.sub("", written[1])
    return _without_styles(mathml), int(following[1]) if following else number


@lru_cache(maxsize=1)
def _converter() -> LatexToMathML:
    return LatexToMathML(fancy_error=False, allow_unreliable_rendering=True)


def _without_styles(mathml: str) -> str:
    return _TAG.sub(_tag, mathml)


def _tag(match: re.Match[str]) -> str:
    closing, name, attributes, empty = match.groups()
    if name not in _ELEMENTS:
        return ""
    if closing:
        return f"</{name}>"
    kept = "".join(
        f' {key}="{value}"' for key, value in _ATTRIBUTE.findall(attributes) if key in _ATTRIBUTES
    )
    classes = [
        _CLASSES[declaration.strip()]
        for key, value in _ATTRIBUTE.findall(attributes)
        if key == "style"
        for declaration in value.split(";")
        if declaration.strip() in _CLASSES
    ]
    class_ = f' class="{" ".join(classes)}"' if classes else ""
    end = f"</{name}>" if empty else ""
    return f"<{name}{class_}{kept}>{end}"
