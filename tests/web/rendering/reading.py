"""An answer's HTML as a person reads it, and what in it no answer may have."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

HTML = frozenset(
    {"a", "bdi", "blockquote", "code", "del", "div", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol"}
    | {"p", "pre", "span", "strong", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"}
)
MATHML = frozenset(
    {"annotation", "math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "none"}
    | {"mpadded", "mphantom", "mprescripts", "mroot", "mrow", "ms", "mspace", "msqrt", "mstyle"}
    | {"msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover"}
    | {"semantics"}
)
ATTRIBUTES = {
    "a": {"href", "rel", "target", "title"},
    "div": {"class", "data-information", "dir", "tabindex"},
    "ol": {"class", "dir", "start"},
    "pre": {"class", "dir", "tabindex"},
    "span": {"class", "role", "aria-label", "tabindex"},
}
EMPTY = frozenset({"hr"})


@dataclass
class Reading(HTMLParser):
    """What one reads, and whatever breaks the list above.

    Labels of code are read, which the style sheet draws, and formulas by their annotation.
    """

    visible: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in HTML | MATHML:
            self.faults.append(f"<{tag}>")
        allowed = ATTRIBUTES.get(tag, {"class", "dir"})
        for name, value in attrs:
            if tag in HTML and name not in allowed:
                self.faults.append(f"<{tag} {name}>")
            acts = name in {"id", "name", "style"} or name.startswith("on")
            if acts or (name == "href" and tag != "a"):
                self.faults.append(f"<{tag} {name}>")
            if name == "data-information":
                self.visible.append(f"{value} ")
            if name == "href" and not (value or "").lower().startswith(
                ("http://", "https://", "mailto:")
            ):
                self.faults.append(f"href={value}")
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.faults.append(f"<{tag}/>")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if "math" not in self.open or self.open[-1] == "annotation":
            self.visible.append(data)

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"<?{data}>")


def read(html: str) -> Reading:
    """Read a block or a column."""
    reading = Reading()
    reading.feed(html)
    reading.close()
    reading.faults += [f"<{tag}> left open" for tag in reading.open]
    return reading


def visible_text(html: str) -> str:
    """Return what one reads."""
    return "".join(read(html).visible)
