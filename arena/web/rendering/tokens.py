"""comrak's HTML as tokens. Text is escaped in it, so every `<` begins one of its own tags."""

import re
from html import unescape

_TOKEN = re.compile(
    r'<pre data-sourcepos="\d+:\d+-(?P<last>\d+):\d+">'
    r"<code(?P<information>[^<>]*)>(?P<block>[^<]*)</code></pre>"
    r'|<span data-math-style="(?P<style>inline|display)"[^<>]*>(?P<latex>[^<]*)</span>'
    r"|<code[^<>]*>(?P<code>[^<]*)</code>"
    r'|<sup [^<>]*class="footnote-ref"><a [^<>]*>(?P<note>[^<]*)</a></sup>'
    r"|(?P<back><a [^<>]*class=\"footnote-backref\"[^<>]*>↩(?:<sup [^<>]*>[^<]*</sup>)?</a>)"
    r"|(?P<plain></?(?:strong|em|del|thead|tbody|tr)\b)[^<>]*>"
    r"|<(?P<slash>/?)(?P<name>[a-z0-9]+)(?P<attributes>[^<>]*)>"
    r"|(?P<text>[^<]+)"
)
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_BLOCK_NAMES = "p h1 h2 h3 h4 h5 h6 ul ol li blockquote table th td hr section"
_TABLE_PARTS = ("thead", "tbody", "tr")
BLOCKS = frozenset(_BLOCK_NAMES.split())

_WIDE = 3
"""Digits of a list's last number that need more room than a list has."""

Token = re.Match[str]
"""Its `lastgroup` tells its kind: block, latex, code, note, back, plain (a tag that nothing
depends on), attributes (another tag) or text."""


def tokens_of(html: str) -> list[Token]:
    """Split comrak's HTML of a block."""
    return list(_TOKEN.finditer(html))


def information_of(token: Token) -> tuple[str, str]:
    """Return the language of a code block and what else stands behind its opening fence."""
    attributes = dict(_ATTRIBUTE.findall(token["information"]))
    language = unescape(attributes.get("class", "")).removeprefix("language-")
    return language, unescape(attributes.get("data-meta", ""))


def attributes_of(token: Token) -> dict[str, str]:
    """Return the attributes of a tag, still escaped."""
    return dict(_ATTRIBUTE.findall(token["attributes"]))


def trimmed_text(tokens: list[Token], position: int) -> str:
    """Return a text token without the line feeds that comrak sets between blocks."""
    text = tokens[position]["text"]
    if position == 0 or _is_block(tokens[position - 1]):
        text = text.lstrip("\n")
    if position + 1 == len(tokens) or _is_block(tokens[position + 1]):
        text = text.rstrip("\n")
    elif tokens[position + 1].lastgroup == "back":
        text = text.rstrip(" ")
    return text


def _is_block(token: Token) -> bool:
    kind = token.lastgroup
    if kind == "plain":
        return token["plain"].endswith(_TABLE_PARTS)
    return kind == "block" or (kind == "attributes" and token["name"] in BLOCKS)


def list_widths(tokens: list[Token]) -> dict[int, str]:
    """Return a class for each `ol` token whose numbers have three digits or more."""
    found: dict[int, str] = {}
    open_lists: list[list[int]] = []  # position, number of the next item
    for position, token in enumerate(tokens):
        name = token["name"]
        if name in {"ol", "ul"} and not token["slash"]:
            open_lists.append([position, int(attributes_of(token).get("start", "1"))])
        elif name in {"ol", "ul"}:
            first, following = open_lists.pop()
            digits = len(str(following - 1))
            if digits >= _WIDE:
                found[first] = f' class="digits-{digits}"'
        elif name == "li" and not token["slash"]:
            open_lists[-1][1] += 1
    return found
