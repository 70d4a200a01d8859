"""What a block must know that its own HTML does not say."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Context:
    """The answer before a block."""

    number: int = 1
    """Of the next numbered equation."""
    headings: tuple[int, ...] = ()
    """Levels of the headings that the next one may stand under, outermost first."""

    def under(self, level: int) -> "Context":
        """Return the context after a heading: no level of the page's outline is left out."""
        return replace(self, headings=(*(one for one in self.headings if one < level), level))


@dataclass(frozen=True)
class Source:
    """What a block's HTML has lost of its source."""

    indents: tuple[str, ...] = ()
    """White space before each line of a paragraph or heading."""
    delimiters: tuple[str, ...] = ()
    """First character of each formula."""
    open_line: int = 0
    """A code block that reaches this line is not complete; 0 for none."""
