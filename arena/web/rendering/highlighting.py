"""Colours of code by class names; a language that nobody knows has none."""

import re
from functools import lru_cache

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token, _TokenType
from pygments.util import ClassNotFound

from arena.web.rendering.characters import escaped_code

LONGEST = 12_000
"""Characters of a code block; a longer one stays plain."""

_NAME = re.compile(r"[A-Za-z0-9_+#.-]{1,30}")
_CLASSES = {
    Token.Comment: "co",
    Token.Keyword: "kw",
    Token.Operator.Word: "kw",
    Token.Literal.String: "st",
    Token.Literal.Number: "nu",
    Token.Name.Builtin: "bu",
    Token.Name.Class: "fu",
    Token.Name.Function: "fu",
    Token.Name.Decorator: "fu",
    Token.Name.Tag: "kw",
    Token.Name.Attribute: "at",
    Token.Name.Variable: "at",
    Token.Name.Constant: "nu",
    Token.Name.Entity: "nu",
    Token.Generic.Deleted: "de",
    Token.Generic.Inserted: "in",
    Token.Generic.Heading: "fu",
    Token.Generic.Subheading: "fu",
    Token.Generic.Prompt: "co",
}


@lru_cache(maxsize=512)
def highlighted(code: str, language: str) -> str:
    """Return code as HTML, coloured if Pygments knows the language."""
    lexer = _lexer(language) if len(code) <= LONGEST else None
    if lexer is None:
        return escaped_code(code)
    runs: list[tuple[str, str]] = []
    lines = f"{code}\n"  # some lexers take a last line without an end character by character
    for kind, value in lexer.get_tokens(lines):
        name = _class(kind)
        if runs and runs[-1][0] == name:
            runs[-1] = (name, runs[-1][1] + value)
        else:
            runs.append((name, value))
    if "".join(value for _, value in runs) != lines:
        return escaped_code(code)
    runs[-1] = (runs[-1][0], runs[-1][1][:-1])
    return "".join(_span(name, value) for name, value in runs)


def _lexer(language: str) -> Lexer | None:
    if not _NAME.fullmatch(language):
        return None
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@lru_cache(maxsize=512)
def _class(kind: _TokenType) -> str:
    while kind is not Token:
        if kind in _CLASSES:
            return _CLASSES[kind]
        if kind.parent is None:
            break
        kind = kind.parent
    return ""


def _span(name: str, value: str) -> str:
    markup = escaped_code(value)
    return f'<span class="{name}">{markup}</span>' if name and not value.isspace() else markup
