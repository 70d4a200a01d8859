"""What the «?» opens."""

import pytest
from markupsafe import Markup

from arena.web.battle.keys import keys_button, keys_dialog
from arena.web.common.site import NO_WORDS, SiteWords
from arena.web.common.texts import load_texts


@pytest.mark.parametrize("ask_reasons", [False, True])
def test_every_key_is_explained_in_every_language(*, ask_reasons: bool) -> None:
    for words in load_texts().by_language.values():
        html = keys_dialog(words, NO_WORDS, ask_reasons=ask_reasons)
        assert html.count("<dt") == html.count("<dd>") == 11 + ask_reasons
        for key in (*"1457890", "←", "Enter", "Esc", "?"):
            assert f"<kbd>{key}</kbd>" in html
        assert ("<kbd>6</kbd>" in html) == ask_reasons


def test_the_button_has_a_name() -> None:
    words = load_texts().by_language["en"]
    assert f'aria-label="{words["keys.open"]}"' in keys_button(words)


def test_guidelines_and_contact_can_be_read_during_a_battle() -> None:
    words = load_texts().by_language["en"]
    site = SiteWords("Arena", Markup(""), Markup("<p>Be fair.</p>"), Markup("ada@example.org"))
    html = keys_dialog(words, site, ask_reasons=False)
    assert "<p>Be fair.</p>" in html
    assert "ada@example.org" in html
    assert html.index("Be fair.") < html.index("<dt")
