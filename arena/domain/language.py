"""The language of a text, as far as its script tells."""

UNDETERMINED = "und"
"""The code of ISO 639-2 for a language that cannot be told."""

_RANGES: tuple[tuple[str, int, int], ...] = (
    ("ja", 0x3040, 0x30FF),
    ("ko", 0xAC00, 0xD7AF),
    ("ko", 0x1100, 0x11FF),
    ("zh", 0x4E00, 0x9FFF),
    ("zh", 0x3400, 0x4DBF),
    ("ru", 0x0400, 0x04FF),
    ("ar", 0x0600, 0x06FF),
    ("he", 0x0590, 0x05FF),
    ("hi", 0x0900, 0x097F),
    ("th", 0x0E00, 0x0E7F),
    ("el", 0x0370, 0x03FF),
)
_DENSE = frozenset({"zh", "ja", "ko"})
_LETTERS_PER_DENSE_CHARACTER = 3


def language_of_script(text: str) -> str:
    """Return the ISO 639-1 code of the best-known language in a text's script.

    Any kana makes Chinese characters Japanese. A Chinese character weighs as much as three
    letters, so that a Chinese question about an English word is Chinese.
    """
    weights: dict[str, int] = {"en": 0}
    for character in text:
        language = _of_character(character)
        if language:
            dense = language in _DENSE
            weights[language] = weights.get(language, 0) + (
                _LETTERS_PER_DENSE_CHARACTER if dense else 1
            )
    if "ja" in weights:
        weights["ja"] += weights.pop("zh", 0)
    return max(weights, key=lambda language: weights[language])


def _of_character(character: str) -> str | None:
    if character.isascii():
        return "en" if character.isalpha() else None
    point = ord(character)
    for language, low, high in _RANGES:
        if low <= point <= high:
            return language
    return "en" if character.isalpha() else None


def dense_script(language: str) -> bool:
    """Return whether one character of the language's script says about as much as a short word."""
    return language in _DENSE
