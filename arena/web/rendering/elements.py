"""A block of an answer, written anew from comrak's HTML: what is not known here is left out."""

import re
from dataclasses import dataclass, field, replace
from html import unescape

from arena.web.rendering import links
from arena.web.rendering.characters import escaped_code, escaped_text, is_ordinary, readable
from arena.web.rendering.context import Context, Source
from arena.web.rendering.failures import MalformedError
from arena.web.rendering.formulas import formula
from arena.web.rendering.highlighting import highlighted
from arena.web.rendering.marks import carried, restored, restored_address
from arena.web.rendering.tags import closing_tag, opening_tag, ordered_list
from arena.web.rendering.tokens import (
    BLOCKS,
    Token,
    attributes_of,
    information_of,
    list_widths,
    tokens_of,
    trimmed_text,
)

_HEADING = re.compile(r"h[1-6]")
_FIRST_HEADING, _LAST_HEADING = 3, 6
"""The page has h1, its columns h2."""
_DELIMITERS = {"$$": "$$", "\\[": "\\]"}


@dataclass
class Writer:
    """Writes one block; afterwards `context` is that of the next one.

    Attributes:
        context: The answer before the block.
        source: What its HTML has lost.
        inside: The element around a part of a block; empty for a block.
    """

    context: Context
    source: Source
    inside: str = ""
    _out: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)
    _links: list[tuple[str | None, str, int]] = field(default_factory=list)
    _lines: int = 0
    _formulas: int = 0
    _after_display: bool = False

    def write(self, html: str) -> str:
        """Return comrak's HTML of a block as this room's HTML.

        Raises:
            MalformedError: Its tags do not match.
        """
        if self.inside:
            self._open.append(self.inside)
        tokens = tokens_of(html)
        widths = list_widths(tokens) if "<ol" in html else {}
        for position, token in enumerate(tokens):
            kind = token.lastgroup
            if kind == "text":
                self._text(trimmed_text(tokens, position))
            elif kind == "plain":
                self._out.append(token["plain"] + ">")
            elif kind == "attributes":
                self._tag(token, widths.get(position, ""))
            else:
                self._leaf(token)
        if len(self._open) != bool(self.inside) or self._links:
            raise MalformedError(html[:80])
        return "".join(self._out)

    def _leaf(self, token: Token) -> None:
        match token.lastgroup:
            case "block":
                self._code_block(token)
            case "latex":
                self._formula(token["style"] == "display", unescape(token["latex"]))
            case "code":
                self._out.append(f'<code dir="ltr">{_code(token["code"])}</code>')
            case "note":
                self._out.append(f"<sup>{token['note']}</sup>")

    def _text(self, markup: str) -> None:
        if self._after_display:
            markup = markup.lstrip(" ")
            self._after_display = False
        if not markup:
            return
        bare = not self._open or self._open[-1] == "blockquote"
        if bare:  # raw HTML that is a block of its own
            self._out.append('<p dir="auto">' if not self._open else "<p>")
        if is_ordinary(markup):
            self._out.append(self._indented(markup))
        else:
            self._unordinary_text(unescape(markup))
        if bare:
            self._out.append("</p>")

    def _unordinary_text(self, text: str) -> None:
        for position, part in enumerate(carried(text)):
            if position % 2:
                self._carried_formula(part)
            else:
                self._out.append(self._indented(escaped_text(readable(restored(part)))))

    def _indented(self, markup: str) -> str:
        if not self.source.indents or "\n" not in markup:
            return markup
        first, *others = markup.split("\n")
        start = self._lines + 1
        self._lines += len(others)
        indents = self.source.indents[start : start + len(others)]
        return "\n".join([first, *map(str.__add__, indents, others)])

    def _code_block(self, token: Token) -> None:
        code = readable(restored(unescape(token["block"]))).removesuffix("\n")
        complete = not self.source.open_line or int(token["last"]) < self.source.open_line
        language, more = information_of(token)
        markup = highlighted(code, language) if complete and language else escaped_code(code)
        information = escaped_code(readable(restored(f"{language} {more}".strip())))
        label = f' data-information="{information}"' if information else ""
        self._out.append(
            f'<div class="code" dir="ltr"{label}>'
            f'<pre tabindex="0"><code>{markup}</code></pre></div>'
        )

    def _formula(self, display: bool, latex: str) -> None:  # noqa: FBT001
        opening = "".join(self.source.delimiters[self._formulas : self._formulas + 1])
        self._formulas += 1
        self._lines += latex.count("\n")
        latex = readable(restored(latex))
        if opening == "\\":
            source = f"\\[{latex}\\]" if display else f"\\({latex}\\)"
        else:
            source = f"$${latex}$$" if display else f"${latex}$"
        self._write_formula(latex, source, display=display)

    def _carried_formula(self, source: str) -> None:
        source = readable(source)
        closing = _DELIMITERS.get(source[:2])
        latex = source if closing is None else source[2 : -len(closing)]
        self._write_formula(latex, source, display=True)

    def _write_formula(self, latex: str, source: str, *, display: bool) -> None:
        written = formula(latex.strip(), source=source, display=display, number=self.context.number)
        self.context = replace(self.context, number=written.next_number)
        self._out.append(written.html)
        self._after_display = display and written.html.startswith("<span")

    def _tag(self, token: Token, width: str) -> None:
        name = token["name"]
        if token["slash"]:
            if name in BLOCKS and (not self._open or self._open.pop() != name):
                raise MalformedError(name)
            self._close(name)
            return
        if name in BLOCKS and name != "hr":
            self._open.append(name)
        self._out.append(self._opening(name, attributes_of(token), width))

    def _opening(self, name: str, attributes: dict[str, str], width: str) -> str:
        outermost = len(self._open) == 1
        if name == "a":
            return self._link(attributes)
        if name == "ol":
            return ordered_list(attributes, width)
        indent = "".join(self.source.indents[:1])
        if _HEADING.fullmatch(name):
            self.context = self.context.under(int(name[1]))
            direction = ' dir="auto"' if outermost else ""
            return f'<{self._heading()} class="{name}"{direction}>{indent}'
        tag = opening_tag(name, attributes, outermost=outermost)
        return tag + indent if name == "p" else tag

    def _heading(self) -> str:
        return f"h{min(_FIRST_HEADING - 1 + len(self.context.headings), _LAST_HEADING)}"

    def _close(self, name: str) -> None:
        if name == "a":
            self._close_link()
        else:
            self._out.append(closing_tag(self._heading() if _HEADING.fullmatch(name) else name))

    def _link(self, attributes: dict[str, str]) -> str:
        address = restored_address(unescape(attributes.get("href", "")))
        tag = links.opening_tag(address, readable(restored(unescape(attributes.get("title", "")))))
        self._links.append((tag, address, len(self._out) + 1))
        return tag or ""

    def _close_link(self) -> None:
        tag, address, start = self._links.pop()
        shown = "".join(self._out[start:])
        typed = links.as_typed(address)
        markup = escaped_text(readable(typed))
        if tag is None:
            self._out.append(_beside(shown, markup))
        elif shown in {markup, markup.removeprefix("http://")}:
            length = links.length_of_bare_address(shown)
            bare = links.opening_tag(typed[: len(typed) - len(shown) + length], "") or tag
            rest = shown[length:]
            self._out[start - 1 :] = [bare if rest else tag, shown[:length], "</a>", rest]
        else:
            self._out += ["" if shown else markup, "</a>"]


def _beside(shown: str, address: str) -> str:
    if shown in {"", address}:
        return "" if shown else address
    return f" ({address})"


def _code(markup: str) -> str:
    return markup if is_ordinary(markup) else escaped_code(readable(restored(unescape(markup))))
