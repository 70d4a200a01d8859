"""Answers in a real browser: what one sees is what the model wrote, and nothing of it acts."""

from collections.abc import Iterator
from typing import Literal

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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_wide_answers_scroll_inside_their_column(
    column_page: Page, width: int, scheme: Literal["light", "dark"]
) -> None:
    column_page.set_viewport_size({"width": width, "height": 900})
    column_page.emulate_media(color_scheme=scheme)

    assert column_page.evaluate("document.documentElement.scrollWidth") <= width
    beyond = column_page.locator(".answer").evaluate_all(
        "columns => columns.filter(one => one.scrollWidth > one.clientWidth + 1)"
        ".map(one => one.textContent.slice(0, 60))"
    )
    assert beyond == []


def test_words_of_a_wide_table_stay_whole_and_it_scrolls_by_keyboard(browser: Browser) -> None:
    row = "| " + " | ".join(f"Column{number}" for number in range(12)) + " |\n"
    page = show(browser, [row + "|---" * 12 + "|\n" + row], width=390)
    table = page.locator(".table")

    heights = table.locator("th").evaluate_all("cells => cells.map(cell => cell.offsetHeight)")
    assert max(heights) < 45, "one line"
    table.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.table').scrollLeft > 0")
    page.close()


def test_numbers_of_a_list_stay_inside_the_column(browser: Browser) -> None:
    page = show(browser, ["1986. A great year.", "123456789. x"], width=390)

    for text, place in (("1986. ", 0), ("123456789. ", 1)):
        room = (
            page.locator("ol")
            .nth(place)
            .evaluate(
                """(list, text) => {
                const mark = document.createElement("span");
                mark.textContent = text;
                list.querySelector("li").append(mark);
                const width = mark.getBoundingClientRect().width;
                mark.remove();
                return parseFloat(getComputedStyle(list).paddingInlineStart) - width;
            }""",
                text,
            )
        )
        assert room >= 0
    page.close()


def test_a_hebrew_answer_runs_from_right_to_left_and_its_code_does_not(browser: Browser) -> None:
    page = show(browser, ["אפשרות ראשונה!\n\n- הרץ `npm run`.\n\n```\nx = 1\n```"])

    assert page.locator(".answer > p").evaluate("one => getComputedStyle(one).direction") == "rtl"
    assert page.locator("li").evaluate("one => getComputedStyle(one).direction") == "rtl"
    for code in page.locator("code").all():
        assert code.evaluate("one => getComputedStyle(one).direction") == "ltr"
    page.close()
