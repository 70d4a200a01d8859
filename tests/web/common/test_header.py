"""The header leads to the evaluation page whoever has something to judge."""

import pytest

from arena.web.common.markup import header
from arena.web.common.texts import load_texts
from tests.builders import ADMIN, ANNOTATOR


@pytest.mark.parametrize(("language", "words"), [("en", "Evaluate"), ("zh", "评测")])
def test_a_link_to_the_evaluation_page_stands_there_for_those_who_judge(
    language: str, words: str
) -> None:
    texts = load_texts().of(language)
    top = header(texts, here="battle", caller=ANNOTATOR, sign_out="", judges=True)
    assert f'<a href="/evaluate">{words}</a>' in top
    assert "/evaluate" not in header(texts, here="battle", caller=ANNOTATOR, sign_out="")


def test_it_is_marked_on_the_page_itself() -> None:
    texts = load_texts().of("en")
    top = header(texts, here="evaluate", caller=ADMIN, sign_out="", judges=True)
    assert '<a href="/evaluate" aria-current="page">Evaluate</a>' in top
