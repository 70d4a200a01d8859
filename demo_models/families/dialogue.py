"""Follow-ups: dialogues of two turns whose second question only makes sense after the first."""

from collections.abc import Callable

from demo_models.exchange import Draw, Exchange
from demo_models.families.math import addition
from demo_models.families.multilingual import LANGUAGES, PHRASES, translation
from demo_models.tables import Table

Dialogue = Callable[[Draw], tuple[Exchange, Exchange]]

_TABLE = Table.read("conversation")


def running_total(draw: Draw) -> tuple[Exchange, Exchange]:
    first = addition(draw)
    total = int(first.reply.rsplit(" ", 1)[-1])
    number = draw.between(1, 20)
    draw.claim("running total", total, number)
    if draw.chance(0.5) and number <= total:
        prompt = draw.pick(_TABLE.words("subtract_forms")).format(n=number)
        return first, Exchange(prompt, f"{total} - {number} = {total - number}")
    prompt = draw.pick(_TABLE.words("add_forms")).format(n=number)
    return first, Exchange(prompt, f"{total} + {number} = {total + number}")


def another_language(draw: Draw) -> tuple[Exchange, Exchange]:
    first = translation(draw)
    row = next(row for text, row in PHRASES.items() if text in first.prompt and first.reply in row)
    language = draw.index(LANGUAGES)
    prompt = draw.pick(_TABLE.words("language_forms")).format(language=LANGUAGES[language])
    draw.claim("another language", row[0], language)
    return first, Exchange(prompt, row[language])


DIALOGUES: tuple[Dialogue, ...] = (running_total, another_language)
