"""Word lists that several categories share."""

from demo_models.exchange import Draw
from demo_models.tables import Table

_TABLE = Table.read("words")

NAMES = _TABLE.words("names")
ANIMALS = _TABLE.words("animals")
THINGS_TO_SPELL = sum(
    (_TABLE.words(key) for key in ("animals", "fruits", "colors", "vehicles")), ()
)
ANIMALS_AND_COLORS = ANIMALS + _TABLE.words("colors")
TOPICS = _TABLE.words("topics")
NOUNS = _TABLE.words("nouns")
SYLLABLES = _TABLE.words("syllables")
DAYS = _TABLE.words("days")
MONTHS = _TABLE.words("months")
JOBS = _TABLE.words("jobs")
CITIES = _TABLE.words("cities")
NUMBER_WORDS = _TABLE.words("number_words")
GROUPS = _TABLE.lists("groups")


def any_word(draw: Draw) -> str:
    """Draw a common noun or, to teach copying of unseen words, a made-up one."""
    if draw.chance(0.85):
        return draw.pick(NOUNS)
    return "".join(draw.pick(SYLLABLES) for _ in range(draw.between(2, 3)))


def topic(draw: Draw) -> str:
    return draw.pick(TOPICS) if draw.chance(0.3) else any_word(draw)


def numeral(draw: Draw, number: int) -> str:
    """Write the number in digits or as a word."""
    return draw.pick((str(number), NUMBER_WORDS[number]))


def numbered(items: list[str]) -> str:
    return "\n".join(f"{position}. {item}" for position, item in enumerate(items, start=1))
