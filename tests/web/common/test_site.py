"""The operator's words, in the language of their reader."""

import pytest
from markupsafe import Markup

from arena.catalog import ArenaConfig, Example
from arena.domain.reveal import RevealPolicy
from arena.web.common.markup import header
from arena.web.common.site import Site, contact_link, site_texts
from arena.web.common.tab_title import tab_title_head, tab_titles
from arena.web.common.texts import gradio_texts, load_texts

TEXTS = load_texts()
CONFIG = ArenaConfig(
    title={"en": "Lab arena", "zh": "实验室竞技场"},
    welcome={"en": "Hello <lab>", "fr": "Bonjour"},
    guidelines={"zh": "请阅读"},
    contact={"en": "ada@example.org"},
    categories={"writing": None, "law": {"en": "Law", "zh": "法律"}, "bridge building": None},
)


def paragraph(text: str) -> tuple[Markup]:
    return (Markup("<p>{}</p>").format(text),)


def test_the_title_and_the_labels_of_categories_are_sentences_of_every_page() -> None:
    texts = site_texts(TEXTS, CONFIG, RevealPolicy.AFTER_VOTE)
    chinese, english = texts.of("zh"), texts.of("en")
    assert (english["app.title"], chinese["app.title"]) == ("Lab arena", "实验室竞技场")
    assert (english["category.law"], chinese["category.law"]) == ("Law", "法律")
    assert chinese["category.writing"] == TEXTS.of("zh")["category.writing"]
    assert chinese["category.bridge building"] == "bridge building"
    assert "Lab arena" in header(english, here="battle", caller=None, sign_out="")
    assert gradio_texts(texts).translations["en"]["category.law"] == "Law"


def test_without_a_file_nothing_changes() -> None:
    texts = site_texts(TEXTS, ArenaConfig(), RevealPolicy.AFTER_VOTE)
    assert texts.by_language == TEXTS.by_language
    words = Site(ArenaConfig(), texts, paragraph, examples=()).of("en")
    assert (words.title, words.welcome, words.guidelines, words.contact) == ("Arena", "", "", "")


@pytest.mark.parametrize(
    ("accept", "welcome", "guidelines"),
    [
        ("en", "Hello &lt;lab&gt;", "请阅读"),
        ("fr, en;q=0.9", "Bonjour", "请阅读"),
        ("zh, fr;q=0.1", "Bonjour", "请阅读"),
        (None, "Hello &lt;lab&gt;", "请阅读"),
    ],
)
def test_a_reader_gets_the_language_most_wanted_that_there_is(
    accept: str | None, welcome: str, guidelines: str
) -> None:
    words = Site(CONFIG, TEXTS, paragraph, examples=()).of(accept)
    assert words.welcome == Markup("<p>{}</p>").format(Markup(welcome))
    assert words.guidelines == f"<p>{guidelines}</p>"


@pytest.mark.parametrize("language", TEXTS.by_language)
def test_an_arena_that_never_reveals_promises_no_names(language: str) -> None:
    words = site_texts(TEXTS, CONFIG, RevealPolicy.NEVER).of(language)
    named = TEXTS.of(language)
    for key in ("battle.welcome_text", "battle.how_3"):
        assert words[key] == named[f"{key}_blind"] != named[key]


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("ada@example.org", '<a href="mailto:ada@example.org">ada@example.org</a>'),
        ("Room 5 <b>", "Room 5 &lt;b&gt;"),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_a_contact_is_a_link_where_it_can_be_one(contact: str, link: str) -> None:
    assert contact_link(contact) == link


def test_a_web_address_opens_in_another_tab() -> None:
    assert 'href="https://lab.example.org/" target="_blank"' in contact_link(
        "https://lab.example.org/"
    )


def test_a_tab_has_a_title_in_every_language() -> None:
    texts = site_texts(TEXTS, CONFIG, RevealPolicy.AFTER_VOTE)
    titles = tab_titles(texts)
    assert titles.keys() == TEXTS.by_language.keys()
    assert (titles["en"], titles["zh"]) == ("Lab arena", "实验室竞技场")
    assert tab_titles(texts, "admin.title")["en"] == "Admin · Lab arena"
    head = tab_title_head(titles)
    assert "&#34;en&#34;: &#34;Lab arena&#34;" in head
    assert type(head) is str  # Markup would escape what it is added to


def test_a_site_offers_the_operators_examples_and_categories_or_the_arenas_own() -> None:
    mine, theirs = (Example(prompt=text, language="en") for text in ("Mine?", "Theirs?"))
    own = ArenaConfig(examples=(mine,), categories={"law": None}).with_reveal(RevealPolicy.NEVER)
    site = Site(own, TEXTS, paragraph, examples=(theirs,))
    assert (site.examples, site.categories, site.reveal) == ((mine,), ("law",), RevealPolicy.NEVER)
    site = Site(ArenaConfig().with_reveal(None), TEXTS, paragraph, examples=(theirs,))
    assert (site.examples, site.reveal) == ((theirs,), RevealPolicy.AFTER_VOTE)
