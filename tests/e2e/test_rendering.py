"""Answers in a real browser: what one sees is what the model wrote, and nothing of it acts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.columns import seen, show
from tests.web.rendering.commonmark import answers

ANSWERS = answers()


@pytest.fixture(scope="module")
def column_page(browser: Browser) -> Iterator[Page]:
    """Show every collected answer once."""
    page = show(browser, [answer.text for answer in ANSWERS])
    yield page
    page.close()


def test_one_sees_what_a_commonmark_reader_sees(column_page: Page) -> None:
    wrong = {
        answer.id: (text, expected)
        for answer, text in zip(ANSWERS, seen(column_page), strict=True)
        if text != (expected := " ".join(answer.reads.split()))
    }

    assert wrong == {}


def test_no_element_has_an_id_a_name_a_style_or_a_handler(column_page: Page) -> None:
    acting = column_page.locator(".answer *").evaluate_all(
        """all => all.flatMap(one => [...one.attributes]
            .filter(({name}) => /^(id|name|style|src|action|on.*|form.*|for)$/i.test(name))
            .map(({name}) => one.outerHTML.slice(0, 80)))"""
    )

    assert acting == []


def test_no_form_script_style_picture_or_frame_comes_from_an_answer(column_page: Page) -> None:
    unwanted = (
        "form, input, button, select, textarea, script, style, img, svg, iframe, object, link"
    )

    assert column_page.locator(".answer").locator(unwanted).count() == 0


def test_every_link_opens_elsewhere_and_tells_nothing_of_this_page(column_page: Page) -> None:
    wrong = column_page.locator(".answer a").evaluate_all(
        """links => links.filter(link => !/^(https?|mailto):/.test(link.href)
            || link.target !== "_blank" || link.rel !== "noopener noreferrer nofollow ugc")
            .map(link => link.outerHTML)"""
    )

    assert wrong == []
