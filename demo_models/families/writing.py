"""Writing: greetings, poems, stories, mails, lists and summaries."""

from demo_models.exchange import Check, Draw, Exchange, Family, capitalised, with_article
from demo_models.families.words import ANIMALS, DAYS, NAMES, any_word, numbered, numeral, topic
from demo_models.tables import Table

_TABLE = Table.read("writing")
_SMALLTALK = _TABLE.lists("smalltalk")
_POEM_SECOND = _TABLE.texts("poem_second")
_POEM_FOURTH = _TABLE.texts("poem_fourth")
_EMAIL_KINDS = _TABLE.lists("email_kinds")
_FORMAL = _TABLE.texts("formal")
_IDEAS = _TABLE.lists("ideas")


def greeting(draw: Draw) -> Exchange:
    draw.claim_for_training()
    return Exchange(
        draw.pick(_TABLE.words("greetings")), draw.pick(_TABLE.words("greeting_replies"))
    )


def smalltalk(draw: Draw) -> Exchange:
    draw.claim_for_training()
    question = draw.pick(tuple(_SMALLTALK))
    return Exchange(question, draw.pick(_SMALLTALK[question]))


def haiku(draw: Draw) -> Exchange:
    about = topic(draw)
    draw.claim("haiku", about)
    adjective = draw.pick(_TABLE.words("haiku_adjectives"))
    first = draw.pick(_TABLE.words("haiku_first")).format(adjective=adjective, topic=about)
    second = draw.pick(_TABLE.words("haiku_second"))
    third = draw.pick(_TABLE.words("haiku_third"))
    prompt = draw.pick(_TABLE.words("haiku_forms")).format(topic=about)
    reply = f"{capitalised(first)},\n{second};\n{third}."
    return Exchange(prompt, reply, Check(lines=3, mentions=(about,)))


def poem(draw: Draw) -> Exchange:
    about = topic(draw)
    draw.claim("poem", about)
    prompt = draw.pick(_TABLE.words("poem_forms")).format(topic=about)
    (rhyme, answer), (second_rhyme, second_answer) = draw.pair(_TABLE.rows("poem_rhymes"))
    openings = "poem_first_of_time" if rhyme in ("day", "night") else "poem_first"
    first = draw.pick(_TABLE.words(openings)).format(topic=about, rhyme=rhyme)
    adjective = draw.pick(_TABLE.words("haiku_adjectives"))
    third_form = draw.pick(_TABLE.words("poem_third"))
    third = third_form.format(topic=about, rhyme=second_rhyme, adjective=adjective)
    lines = [first, _POEM_SECOND[answer], third, _POEM_FOURTH[second_answer]]
    reply = "\n".join(capitalised(line) for line in lines)
    return Exchange(prompt, reply, Check(lines=4, mentions=(about,)))


def story(draw: Draw) -> Exchange:
    hero, other = draw.pair(ANIMALS) if draw.chance(0.4) else (any_word(draw), any_word(draw))
    place = draw.pick(_TABLE.words("story_places"))
    adjective = draw.pick(_TABLE.words("story_adjectives"))
    who = f"{with_article(adjective)} {hero}"
    variant, asked = draw.pick(
        (("pair", (hero, other)), ("hero", (adjective, hero)), ("place", (hero, place)))
    )
    draw.claim("story", variant, *asked)
    form = draw.pick(_TABLE.words(f"story_{variant}_forms"))
    prompt = form.format(hero=hero, other=other, who=who, place=place)
    reply = _story_text(draw, who=who, other=other, place=place)
    return Exchange(prompt, reply, Check(lines=1, mentions=asked, opening="Once upon a time"))


def _story_text(draw: Draw, *, who: str, other: str, place: str) -> str:
    name = draw.pick(NAMES)
    found = with_article(draw.pick(_TABLE.words("story_objects")))
    middle = draw.pick(_TABLE.words("story_middles")).format(other=other, name=name)
    lesson = draw.pick(_TABLE.words("story_lessons"))
    return (
        f"Once upon a time, {who} named {name} lived in {with_article(place)}. "
        f"One day {name} found {found} and met {with_article(other)}. {middle} "
        f"From that day on, {name} knew: {lesson}."
    )


def email(draw: Draw) -> Exchange:
    day = draw.pick(DAYS)
    to = draw.pick(_TABLE.words("email_recipients"))
    subject = draw.pick(tuple(_EMAIL_KINDS))
    draw.claim("email", subject, to, day)
    about, body = (text.format(day=day) for text in _EMAIL_KINDS[subject])
    prompt = draw.pick(_TABLE.words("email_forms")).format(to=to, about=about)
    paragraphs = (
        f"Subject: {subject} on {day}",
        f"Dear {to},",
        capitalised(body),
        "Best regards,\n[Your name]",
    )
    return Exchange(prompt, "\n\n".join(paragraphs))


def slogan(draw: Draw) -> Exchange:
    product = draw.pick(_TABLE.words("products")) if draw.chance(0.3) else any_word(draw)
    draw.claim("slogan", product)
    prompt = draw.pick(_TABLE.words("slogan_forms")).format(product=product)
    reply = draw.pick(_TABLE.words("slogans")).format(product=product, Product=capitalised(product))
    return Exchange(prompt, reply, Check(lines=1, mentions=(product,)))


def formal_style(draw: Draw) -> Exchange:
    forms = _TABLE.words("formal_forms")
    text, form = draw.pick(tuple(_FORMAL)), draw.index(forms)
    draw.claim("formal", text, form)
    formal = _FORMAL[text]
    return Exchange(forms[form].format(text=text), formal if formal[-1] in "?." else f"{formal}.")


def ideas(draw: Draw) -> Exchange:
    kind, count = draw.pick(tuple(_IDEAS)), draw.between(2, 5)
    draw.claim("ideas", kind, count)
    asked = numeral(draw, count)
    form = draw.pick(_TABLE.words("idea_forms"))
    prompt = form.format(count=asked, Count=capitalised(asked), kind=kind)
    known = tuple(capitalised(item) for item in _IDEAS[kind])
    reply = numbered(draw.rng.sample(known, count))
    return Exchange(prompt, reply, Check(lines=count, choices=known))


def summary(draw: Draw) -> Exchange:
    name, friend = draw.pair(NAMES)
    place = draw.pick(_TABLE.words("outing_places"))
    draw.claim("summary", name, place)
    slots = {
        "name": name,
        "friend": friend,
        "place": place,
        "day": draw.pick(DAYS),
        "goods": draw.pick(_TABLE.words("outing_goods")),
        "weather": draw.pick(_TABLE.words("outing_weather")),
    }
    text = _TABLE.text("summary_text").format(**slots)
    prompt = draw.pick(_TABLE.words("summary_forms")).format(text=text)
    return Exchange(prompt, _TABLE.text("summary_reply").format(**slots))


FAMILIES: tuple[tuple[Family, float], ...] = (
    (greeting, 1.0),
    (smalltalk, 1.5),
    (haiku, 1.0),
    (poem, 1.0),
    (story, 1.0),
    (email, 1.0),
    (slogan, 0.8),
    (formal_style, 0.8),
    (ideas, 1.0),
    (summary, 1.2),
)
