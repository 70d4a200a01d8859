"""Pieces of HTML: whatever is put in stays text."""

from html.parser import HTMLParser

from markupsafe import Markup

from arena.domain.accounts import AccountRole, AnnotatorId, Caller
from arena.services.battle.voting import ModelCard
from arena.web.common.markup import (
    header,
    model_card,
    notice,
    refusal,
    slot_switch,
    slot_title,
    welcome,
)
from arena.web.common.site import SiteWords
from arena.web.common.texts import load_texts

WORDS = load_texts().by_language["en"]
MARKUP = """<script>alert("1")</script><img src=x onerror='alert(1)'>&amp;"""


class Tags(HTMLParser):
    """Every tag with its attributes, and all the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(str(html))  # HTMLParser joins pieces: those of Markup would stay escaped

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def card(*, winner: bool = False, text: str = MARKUP) -> ModelCard:
    return ModelCard(
        slot="A",
        name=text,
        key=text,
        license=text,
        description=text,
        links={text: f"https://example.org/?{text}"},
        winner=winner,
    )


def test_no_part_of_a_model_card_acts_as_markup() -> None:
    tags = Tags(model_card(WORDS, card()))
    assert {tag for tag, _ in tags.found} <= {"article", "h2", "span", "p", "code", "a"}
    assert not [
        name for _, attributes in tags.found for name in attributes if name.startswith("on")
    ]
    assert tags.text.count(MARKUP) == 5


def test_the_links_of_a_card_open_elsewhere_and_tell_nothing_of_where_from() -> None:
    links = [attributes for tag, attributes in Tags(model_card(WORDS, card())).found if tag == "a"]
    assert [(link["target"], link["rel"]) for link in links] == [("_blank", "noopener noreferrer")]


def test_only_the_winner_has_the_badge() -> None:
    badge = WORDS["reveal.winner"]
    assert badge in model_card(WORDS, card(winner=True, text="x"))
    assert badge not in model_card(WORDS, card(winner=False, text="x"))


def test_notices_and_refusals_are_text_and_refusals_are_read_at_once() -> None:
    for html, role in ((notice(MARKUP, "void"), None), (refusal(MARKUP), "alert")):
        tags = Tags(html)
        assert [tag for tag, _ in tags.found] == ["p"]
        assert tags.found[0][1].get("role") == role
        assert tags.text == MARKUP


def test_an_empty_notice_takes_no_room() -> None:
    assert notice("", "generating") == ""


def test_a_slot_is_called_by_its_letter_alone() -> None:
    assert Tags(slot_title(WORDS, "B")).text == "BModel B"


def test_the_switch_has_a_button_per_slot() -> None:
    shown = [attributes for tag, attributes in Tags(slot_switch(3)).found if tag == "button"]
    assert [button["data-show-slot"] for button in shown] == ["a", "b", "c"]


def test_only_admins_are_shown_the_way_to_the_admin_page() -> None:
    admin = Caller(AnnotatorId(1), "admin", AccountRole.ADMIN)
    guest = Caller(AnnotatorId(2), "guest-1a", AccountRole.ANNOTATOR)
    assert 'href="/admin/"' in header(WORDS, here="battle", caller=admin, sign_out="t0ken")
    for caller in (guest, None):
        html = header(WORDS, here="battle", caller=caller, sign_out="")
        assert "/admin" not in html
        assert 'href="/login"' in html


def test_who_signed_in_reads_their_name_on_the_way_to_their_account() -> None:
    ada = Caller(AnnotatorId(2), "Ada", AccountRole.ANNOTATOR)
    html = header(WORDS, here="battle", caller=ada, sign_out="")
    assert 'href="/account">Ada</a>' in html
    assert 'href="/login"' not in html


def test_who_judges_reads_their_own_name_and_no_way_to_sign_in_as_an_admin() -> None:
    ada = Caller(AnnotatorId(2), "<i>Ada", AccountRole.ANNOTATOR)
    html = header(WORDS, here="evaluate", caller=ada, sign_out="", judges=True)
    assert 'href="/account">&lt;i&gt;Ada</a>' in html
    assert 'href="/login"' not in html
    crowd = Caller(AnnotatorId(3), "crowd-1a", AccountRole.ANNOTATOR)
    html = header(WORDS, here="evaluate", caller=crowd, sign_out="", judges=True)
    assert "crowd-1a</span>" in html
    assert 'href="/login"' not in html
    admin = Caller(AnnotatorId(1), "admin", AccountRole.ADMIN)
    html = header(WORDS, here="evaluate", caller=admin, sign_out="t0ken", judges=True)
    assert 'action="/logout"' in html


def test_the_header_marks_the_page_one_is_on() -> None:
    marked = [
        attributes["href"]
        for tag, attributes in Tags(
            header(WORDS, here="leaderboard", caller=None, sign_out="")
        ).found
        if attributes.get("aria-current") == "page"
    ]
    assert len(marked) == 1
    assert str(marked[0]).rstrip("/") == "/leaderboard"


def test_the_operators_words_take_the_place_of_the_welcome() -> None:
    site = SiteWords(
        "Lab", Markup("<p>Hello <b>you</b></p>"), Markup("<p>Read.</p>"), Markup("Ada")
    )
    page = welcome(WORDS, site)
    assert "<p>Hello <b>you</b></p>" in page
    assert WORDS["battle.welcome_text"] not in page
    assert f"<summary>{WORDS['battle.guidelines']}</summary>" in page
    assert "<p>Read.</p>" in page
    assert "Ada</p>" in page
    own = welcome(WORDS)
    assert WORDS["battle.welcome_text"] in own
    assert "<details" not in own
    assert 'class="contact"' not in own
