"""The collected answers: every character as a CommonMark reader sees it."""

import pytest

from arena.web.rendering.answer import render_answer
from tests.web.rendering.commonmark import Answer, answers
from tests.web.rendering.reading import read, visible_text


def without_space(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("answer", answers(), ids=lambda answer: answer.id)
def test_an_answer_reads_as_commonmark_has_it(answer: Answer) -> None:
    html = "".join(render_answer(answer.text, ended=True))

    assert without_space(visible_text(html)) == without_space(answer.reads)


@pytest.mark.parametrize("answer", answers(), ids=lambda answer: answer.id)
def test_nothing_of_an_answer_acts(answer: Answer) -> None:
    for block in render_answer(answer.text, ended=True):
        assert not read(block).faults
