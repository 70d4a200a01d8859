"""Multilingual: translation both ways, and small tasks in French, Spanish, German and Chinese."""

from demo_models.exchange import Draw, Exchange, Family, WrongSplitError, capitalised
from demo_models.tables import Table

_TABLE = Table.read("multilingual")
LANGUAGES = _TABLE.words("languages")
PHRASES = _TABLE.lists("phrases")
_SUBJECTS = _TABLE.lists("subjects")
_PREDICATES = _TABLE.lists("predicates")
_POEMS = _TABLE.lists("poems")
_CHINESE = LANGUAGES.index("Chinese")


def translation(draw: Draw) -> Exchange:
    forms = _TABLE.words("translate_forms")
    text, language, form = draw.pick(tuple(PHRASES)), draw.index(LANGUAGES), draw.index(forms)
    draw.claim("translation", text, language, form)
    prompt = forms[form].format(text=text, language=LANGUAGES[language])
    return Exchange(prompt, PHRASES[text][language])


def translation_to_english(draw: Draw) -> Exchange:
    forms = _TABLE.words("english_forms")
    form, language = draw.index(forms), draw.index(LANGUAGES)
    foreign = PHRASES[draw.pick(tuple(PHRASES))][language]
    draw.claim("to english", foreign, form)
    english = next(text for text, row in PHRASES.items() if foreign in row)
    reply = english if form == 0 else f'"{foreign}" means "{english}" in English.'
    return Exchange(forms[form].format(text=foreign), reply)


def sentence(draw: Draw) -> Exchange:
    subject, predicate = draw.pick(tuple(_SUBJECTS)), draw.pick(tuple(_PREDICATES))
    language = draw.index(LANGUAGES)
    draw.claim("sentence", subject, predicate, language)
    english = f"The {subject} is {predicate}."
    space, stop = ("", "。") if language == _CHINESE else (" ", ".")
    foreign = (
        capitalised(_SUBJECTS[subject][language]) + space + _PREDICATES[predicate][language] + stop
    )
    if draw.chance(0.25):
        return Exchange(f"Translate to English: {foreign}", english)
    prompt = draw.pick(_TABLE.words("sentence_forms")).format(
        language=LANGUAGES[language], text=english
    )
    return Exchange(prompt, foreign)


def foreign_greeting(draw: Draw) -> Exchange:
    draw.claim_for_training()
    question, reply = draw.pick(_TABLE.blocks("greetings")[_any_language(draw)])
    mark = "!" if question[-1] not in "?？" and draw.chance(0.33) else ""
    return Exchange(question + mark, reply)


def _any_language(draw: Draw) -> int:
    """Index of a language; Chinese comes twice as often, it has the most to learn."""
    return draw.pick((0, 1, 2, _CHINESE, _CHINESE))


def foreign_sum(draw: Draw) -> Exchange:
    language, sign = _any_language(draw), draw.pick("+-*")
    limit = 10 if sign == "*" else 50
    a, b = draw.between(0, limit), draw.between(0, limit)
    if sign == "-":
        a, b = max(a, b), min(a, b)
    draw.claim("foreign sum", a, b, language)
    result = {"+": a + b, "-": a - b, "*": a * b}[sign]
    prompt = draw.pick(_TABLE.rows("sum_forms")[language]).format(sum=f"{a} {sign} {b}")
    stop = "。" if language == _CHINESE else "."
    return Exchange(prompt, f"{a} {sign} {b} = {result}{stop}")


def foreign_capital(draw: Draw) -> Exchange:
    language = _any_language(draw)
    country, city = draw.pick(_TABLE.blocks("countries")[language])
    forms = _TABLE.rows("capital_forms")[language]
    form = draw.index(forms)
    draw.claim("foreign capital", language, country, form)
    reply = _TABLE.words("capital_replies")[language].format(country=country, city=city)
    return Exchange(forms[form].format(country=country), reply)


def chinese_poem(draw: Draw) -> Exchange:
    forms = _TABLE.words("poem_forms")
    topic, form = draw.pick(tuple(_POEMS)), draw.index(forms)
    draw.claim("chinese poem", topic, form)
    return Exchange(forms[form].format(topic=topic), "\n".join(_POEMS[topic]))


def which_language(draw: Draw) -> Exchange:
    phrase, language = draw.pick(tuple(PHRASES)), draw.index(LANGUAGES)
    row = PHRASES[phrase]
    if row.count(row[language]) > 1 or row[language] == phrase:
        raise WrongSplitError  # written the same in two languages: no clear answer
    text = row[language]
    draw.claim("which language", text)
    prompt = draw.pick(_TABLE.words("which_forms")).format(text=text)
    return Exchange(prompt, f'"{text}" is {LANGUAGES[language]}.')


FAMILIES: tuple[tuple[Family, float], ...] = (
    (translation, 2.2),
    (translation_to_english, 1.0),
    (sentence, 1.2),
    (foreign_greeting, 1.0),
    (foreign_sum, 1.0),
    (foreign_capital, 1.0),
    (chinese_poem, 0.8),
    (which_language, 0.8),
)
