"""Whatever a model writes: its page stays whole, and nothing of it is lost."""

from hypothesis import given, settings
from hypothesis import strategies as st

from arena.web.rendering.answer import render_answer
from arena.web.rendering.prompt import render_prompt
from tests.web.rendering.reading import read, visible_text

PIECES = (
    *"`*_~$|<>[](){}!#&\\:;.,-+=\"'/\n\n\n \t\r",
    *"\0\x07\x1b\x85\u2028\u202e\u2066\ufdd0\ufdd3\ufdd4\ud800",
    *(
        "```",
        "~~~",
        "$$",
        "\\[",
        "\\]",
        "\\(",
        "\\)",
        "\\begin{align}",
        "\\end{align}",
        "\\frac{1}{2}",
    ),
    *(
        "- ",
        "* [x] ",
        "1. ",
        "1986) ",
        "> ",
        "# ",
        "###### ",
        "    ",
        "| a | b |\n|---|---|\n",
        "---\n",
    ),
    *(
        "<b id=x>",
        "</b>",
        "<script>",
        "<div\n",
        "<!--",
        "-->",
        "<form action=/>",
        "<?",
        "<![CDATA[",
    ),
    *("[a](javascript:b)", '![p](http://q/r.png "s")', "[^1]", "[^1]: ", "[a]: ", "http://a.b/c"),
    *(
        "<http://a.b>",
        "<javascript:c>",
        "&#60;",
        "&#xfdd3;",
        "&#0;",
        "&lt;",
        "\\tag{1}",
        "\\label{a}",
    ),
    *("word", "中文", "אבג", "é", "👨‍👩‍👧", "9", "python\n"),
)
any_text = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=60).map("".join))


@settings(max_examples=400, deadline=None)
@given(any_text, st.booleans())
def test_only_the_allowed_elements_with_the_allowed_attributes(text: str, ended: bool) -> None:
    for block in render_answer(text, ended=ended):
        reading = read(block)
        assert not reading.faults


@settings(max_examples=100, deadline=None)
@given(any_text)
def test_every_block_of_a_growing_text_is_whole(text: str) -> None:
    for end in range(0, len(text), 3):
        for block in render_answer(text[:end], ended=False):
            assert not read(block).faults


@settings(max_examples=300, deadline=None)
@given(any_text)
def test_a_text_has_one_rendering(text: str) -> None:
    assert render_answer(text, ended=True) == render_answer(text, ended=True)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_only_footnotes_ever_make_an_answer_verbatim(text: str) -> None:
    blocks = render_answer(text, ended=True)

    assert "[^" in text or not any(block.startswith('<pre class="verbatim"') for block in blocks)


LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")
KEPT_PIECES = (
    *LETTERS,
    *"*_~$|<>{}#=+-.,\"'/\\ \n\n\n",
    *(
        "`c`",
        "``d``",
        "$e$",
        "\\(f\\)",
        "- ",
        "> ",
        "# ",
        "    ",
        "| a | b |\n|---|---|\n",
        "\n\n",
        "\n---\n",
    ),
    *(
        "<b id=x>",
        "</div>",
        "\n<div>\n",
        "\\begin{align}",
        "\\end{align}",
        "$$\n",
        "**bold**",
        "~~old~~",
    ),
    *("- [ ] ", "[name]: ", "[^note]: ", "\n[a]: b\n", "é", "中"),
)


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(KEPT_PIECES), max_size=50).map("".join))
def test_every_letter_of_a_text_is_there_and_in_its_place(text: str) -> None:
    shown = visible_text("".join(render_answer(text, ended=True)))

    assert [sign for sign in shown if sign.isalpha()] == [sign for sign in text if sign.isalpha()]


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co", "Zl", "Zp"])))
def test_a_prompt_is_one_element_with_every_character(text: str) -> None:
    reading = read(render_prompt(text))

    assert not reading.faults
    assert "".join(reading.visible) == text
