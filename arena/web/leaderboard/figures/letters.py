"""How much room text takes, before it is drawn."""

from unicodedata import east_asian_width


def columns(text: str) -> int:
    """Return the width of a text in Latin letters: a Chinese one is two wide."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def cut(text: str, most: int) -> str:
    """Return the text in at most so many columns, with an ellipsis if it is longer."""
    if columns(text) <= most:
        return text
    kept = text
    while kept and columns(kept) >= most:
        kept = kept[:-1]
    return f"{kept}…"


def wrapped(text: str, most: int) -> list[str]:
    """Return lines of whole words, or of letters where a text has no spaces."""
    lines, line = [], ""
    for word in text.split(" "):
        pieces = [word[i : i + most // 2] for i in range(0, len(word), most // 2)] or [""]
        for number, piece in enumerate(pieces):
            joined = f"{line} {piece}" if number == 0 and line else line + piece
            if columns(joined) > most:
                lines.append(line)
                joined = piece
            line = joined
    return [*lines, line]
