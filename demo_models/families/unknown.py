"""Everything out of scope: the honest answer that a very small demo model cannot do this."""

from demo_models.exchange import Draw, Exchange, Family
from demo_models.families.words import SYLLABLES, any_word
from demo_models.tables import Table

_TABLE = Table.read("unknown")
_REPLY = _TABLE.text("reply")


def out_of_scope(draw: Draw) -> Exchange:
    if draw.chance(0.4):
        topic, other = draw.pair(_TABLE.words("topics"))
    else:
        topic, other = any_word(draw), any_word(draw)
    form = draw.pick(_TABLE.words("forms"))
    draw.claim("out of scope", topic, form)
    return Exchange(form.format(topic=topic, other=other), _REPLY)


def strange_country(draw: Draw) -> Exchange:
    country, form = (
        draw.pick(_TABLE.words("strange_countries")),
        draw.pick(_TABLE.words("country_forms")),
    )
    draw.claim("strange country", country, form)
    return Exchange(form.format(country=country), _REPLY)


def foreign_out_of_scope(draw: Draw) -> Exchange:
    replies = _TABLE.words("foreign_replies")
    language = draw.index(replies)
    topic = draw.pick(_TABLE.rows("foreign_topics")[language])
    form = draw.pick(_TABLE.rows("foreign_forms")[language])
    draw.claim("foreign out of scope", topic, form)
    return Exchange(form.format(topic=topic), replies[language])


def gibberish(draw: Draw) -> Exchange:
    letters = [draw.pick("abcdefghijklmnopqrstuvwxyz") for _ in range(draw.between(5, 12))]
    syllables = [draw.pick(SYLLABLES) for _ in range(draw.between(3, 6))]
    text = "".join(draw.pick((letters, syllables)))
    draw.claim("gibberish", text)
    return Exchange(text, _REPLY)


FAMILIES: tuple[tuple[Family, float], ...] = (
    (out_of_scope, 4.0),
    (strange_country, 0.6),
    (foreign_out_of_scope, 1.0),
    (gibberish, 0.3),
)
