"""Reasoning: order, sequences, groups, capitals, syllogisms, days, opposites, facts."""

from demo_models.exchange import (
    Draw,
    Exchange,
    Family,
    Split,
    WrongSplitError,
    capitalised,
    with_article,
)
from demo_models.families.words import DAYS, GROUPS, MONTHS, NAMES
from demo_models.tables import Table

_TABLE = Table.read("reasoning")
_CAPITALS = _TABLE.texts("capitals")
_FACTS = _TABLE.texts("facts")
_KINDS = _TABLE.words("kinds")


def transitive_order(draw: Draw) -> Exchange:
    a, b, c = draw.rng.sample(NAMES, 3)
    draw.claim("order", a, b)
    more, _, most, least = draw.pick(_TABLE.rows("comparatives"))
    premise = draw.pick(_TABLE.words("order_forms")).format(a=a, b=b, c=c, more=more)
    asked, who = draw.pick(((most, a), (least, c)))
    reason = f"{a} is {more} than {b}, and {b} is {more} than {c}"
    return Exchange(f"{premise} Who is the {asked}?", f"{reason}, so {who} is the {asked}.")


def sequence(draw: Draw) -> Exchange:
    numbers, rule = draw.pick((_rising, _falling, _growing))(draw, draw.between(3, 5))
    draw.claim("sequence", rule, numbers[0])
    listed = ", ".join(map(str, numbers[:-1]))
    prompt = draw.pick(_TABLE.words("sequence_forms")).format(numbers=listed)
    return Exchange(prompt, f"{rule}, so the next number is {numbers[-1]}.")


def _rising(draw: Draw, shown: int) -> tuple[list[int], str]:
    start, step = draw.between(0, 20), draw.between(1, 10)
    numbers = [start + i * step for i in range(shown + 1)]
    return numbers, f"Each number is {step} more than the one before"


def _falling(draw: Draw, shown: int) -> tuple[list[int], str]:
    start, step = draw.between(80, 100), draw.between(1, 10)
    numbers = [start - i * step for i in range(shown + 1)]
    return numbers, f"Each number is {step} less than the one before"


def _growing(draw: Draw, shown: int) -> tuple[list[int], str]:
    start, factor = draw.between(1, 5), draw.pick((2, 3))
    numbers = [start * factor**i for i in range(min(shown, 4) + 1)]
    return numbers, f"Each number is {factor} times the one before"


def odd_one_out(draw: Draw) -> Exchange:
    group, other = draw.pair(tuple(GROUPS))
    words = draw.rng.sample(GROUPS[group], 3)
    stranger = draw.pick([word for word in GROUPS[other] if word not in GROUPS[group]])
    if any(word in GROUPS[other] for word in words):
        raise WrongSplitError  # "orange" is a fruit and a color: no clear answer
    draw.claim("odd one out", stranger, *sorted(words))
    shown = [*words, stranger]
    draw.rng.shuffle(shown)
    prompt = draw.pick(_TABLE.words("odd_forms")).format(words=", ".join(shown))
    reason = f"The others are {_plural(group)}, but {stranger} is {with_article(other)}."
    return Exchange(prompt, f"{capitalised(stranger)}. {reason}")


def _plural(group: str) -> str:
    return group.replace("piece of", "pieces of") if group.startswith("piece") else f"{group}s"


def group_question(draw: Draw) -> Exchange:
    group, asked = draw.pick(tuple(GROUPS)), draw.pick(tuple(GROUPS))
    if draw.chance(0.35):
        asked = group
    word = draw.pick(GROUPS[group])
    if word == "orange":
        raise WrongSplitError  # a fruit and a color: no clear answer
    draw.claim("group", word, asked)
    subject = word if group == "color" else with_article(word)
    question = f"Is {subject} {with_article(asked)}?"
    if group == asked:
        return Exchange(question, f"Yes, {subject} is {with_article(group)}.")
    return Exchange(
        question, f"No, {subject} is not {with_article(asked)}. It is {with_article(group)}."
    )


def capital(draw: Draw) -> Exchange:
    forms = _TABLE.words("capital_forms")
    country, form = draw.pick(tuple(_CAPITALS)), draw.index(forms)
    draw.claim("capital", country, form)
    reply = f"The capital of {country} is {_CAPITALS[country]}."
    return Exchange(forms[form].format(country=country), reply.replace("..", "."))


def country_of_capital(draw: Draw) -> Exchange:
    country = draw.pick(tuple(_CAPITALS))
    draw.claim("country of capital", country)
    city = _CAPITALS[country]
    return Exchange(
        _TABLE.text("country_form").format(city=city), f"{city} is the capital of {country}."
    )


def syllogism(draw: Draw) -> Exchange:
    a, b, c = draw.rng.sample(_KINDS, 3)
    draw.claim("syllogism", a, b)
    return draw.pick((_all_are, _none_are, _one_is))(draw, a, b, c)


def _all_are(_: Draw, a: str, b: str, c: str) -> Exchange:
    question = f"All {a} are {b}. All {b} are {c}. Are all {a} {c}?"
    return Exchange(question, f"Yes. All {a} are {b}, and all {b} are {c}, so all {a} are {c}.")


def _none_are(_: Draw, a: str, b: str, c: str) -> Exchange:
    question = f"No {a} are {b}. All {c} are {a}. Are any {c} {b}?"
    return Exchange(question, f"No. All {c} are {a}, and no {a} are {b}, so no {c} are {b}.")


def _one_is(draw: Draw, a: str, b: str, _: str) -> Exchange:
    name = draw.pick(NAMES)
    question = f"All {a} are {b}. {name} is one of the {a}. Is {name} one of the {b}?"
    reason = f"{name} is one of the {a}, and all {a} are {b}"
    return Exchange(question, f"Yes. {reason}, so {name} is one of the {b}.")


def day_in_some_days(draw: Draw) -> Exchange:
    today, later = draw.index(DAYS), draw.between(1, 6)
    draw.claim("days later", today, later)
    days = "1 day" if later == 1 else f"{later} days"
    question = f"Today is {DAYS[today]}. What day is it in {days}?"
    return Exchange(question, f"In {days} it is {DAYS[(today + later) % 7]}.")


def neighbouring_day(draw: Draw) -> Exchange:
    word, step = draw.pick((("after", 1), ("before", -1)))
    forms = _TABLE.words("next_day_forms" if step == 1 else "previous_day_forms")
    day, form = draw.index(DAYS), draw.index(forms)
    draw.claim("neighbouring day", forms[form], day)
    reply = f"The day {word} {DAYS[day]} is {DAYS[(day + step) % 7]}."
    return Exchange(forms[form].format(day=DAYS[day]), reply)


def neighbouring_month(draw: Draw) -> Exchange:
    word, step = draw.pick((("after", 1), ("before", -1)))
    verb, month = draw.pick(("Which", "What")), draw.index(MONTHS)
    draw.claim("neighbouring month", verb, word, month)
    reply = f"The month {word} {MONTHS[month]} is {MONTHS[(month + step) % 12]}."
    return Exchange(f"{verb} month comes {word} {MONTHS[month]}?", reply)


def opposite(draw: Draw) -> Exchange:
    word, antonym = draw.rng.sample(draw.pick(_TABLE.rows("opposites")), 2)
    forms = _TABLE.words("opposite_forms")
    form = draw.index(forms)
    draw.claim("opposite", word, form)
    return Exchange(forms[form].format(word=word), f"The opposite of {word} is {antonym}.")


def fact(draw: Draw) -> Exchange:
    """Nothing can be held out of a list of facts but the way of asking."""
    question = draw.pick(tuple(_FACTS))
    lowered = question[0].lower() + question[1:]
    forms = (question, lowered, f"Tell me: {lowered}", question.rstrip("?"))
    prompt = draw.pick(forms) if draw.split is Split.TRAIN else f"Please tell me: {lowered}"
    return Exchange(prompt, _FACTS[question])


FAMILIES: tuple[tuple[Family, float], ...] = (
    (transitive_order, 1.0),
    (sequence, 1.2),
    (odd_one_out, 1.0),
    (group_question, 1.0),
    (capital, 1.6),
    (country_of_capital, 0.4),
    (syllogism, 1.0),
    (day_in_some_days, 0.5),
    (neighbouring_day, 0.3),
    (neighbouring_month, 0.3),
    (opposite, 1.0),
    (fact, 1.6),
)
