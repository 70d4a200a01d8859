"""Rules of rendering that one sentence of a test tells best."""

import tracemalloc
from itertools import pairwise

import pytest

from arena.web.rendering.answer import MOST_CHARACTERS, MOST_MARKS, render_answer
from arena.web.rendering.prompt import render_prompt
from tests.web.rendering.commonmark import Answer, answers
from tests.web.rendering.costs import idle_core_s
from tests.web.rendering.reading import visible_text


def html(text: str, *, ended: bool = True) -> str:
    return "".join(render_answer(text, ended=ended))


@pytest.mark.parametrize("answer", answers(), ids=lambda answer: answer.id)
def test_blocks_before_the_last_two_stay_while_an_answer_grows(answer: Answer) -> None:
    steps = range(0, len(answer.text), max(1, len(answer.text) // 150))
    frames = [render_answer(answer.text[:end], ended=False) for end in steps]

    changed = sum(
        older[: max(0, len(older) - 2)] != newer[: max(0, len(older) - 2)]
        for older, newer in pairwise(frames)
    )
    assert changed <= 1, "a definition may change what came before, once"


def test_a_growing_code_block_has_no_colours_and_a_complete_one_has() -> None:
    code = "```python\ndef f(): return 1\n"

    assert "<span" not in html(code, ended=False)
    assert '<span class="kw">def</span>' in html(code, ended=True)
    assert '<span class="kw">def</span>' in html(code + "```", ended=False)
    assert '<span class="kw">def</span>' in html(code + "```\n\nThen", ended=False)


@pytest.mark.parametrize("text", ["The steps:\n-", "1. Install:\n   -", "> So:\n> --", "Sum\n="])
def test_a_line_before_a_list_is_no_heading_for_a_moment(text: str) -> None:
    assert "<h" not in html(text, ended=False)
    assert "<h" in html(text, ended=True)
    assert visible_text(html(text, ended=False)).endswith(text[-1])


def test_a_long_last_line_of_code_takes_no_time() -> None:
    text = "```diff\n" + "a" * 11_000 + "\n```"

    assert idle_core_s(lambda: html(text)) < 0.2
    assert "a" * 11_000 in html(text)


def test_the_last_line_of_a_diff_is_coloured() -> None:
    assert '<span class="in">+ b</span>' in html("```diff\n- a\n+ b\n```")


def test_a_formula_that_is_not_closed_is_its_source() -> None:
    assert html("so $x + y", ended=False) == '<p dir="auto">so $x + y</p>'


def test_each_answer_counts_its_equations_from_one() -> None:
    equations = "$$\\begin{align}a\\\\b\\end{align}$$\n\n$$\\begin{equation}c\\end{equation}$$"

    for _ in range(2):
        assert [f"({n})" in html(equations) for n in (0, 1, 2, 3, 4)] == [False, *[True] * 3, False]


def test_headings_follow_the_page_and_leave_no_level_out() -> None:
    blocks = render_answer("### a\n\n# b\n\n## c\n\n###### d\n\n## e", ended=True)

    assert [block[1:3] for block in blocks] == ["h3", "h3", "h4", "h5", "h4"]
    assert [block.split('"')[1] for block in blocks] == ["h3", "h1", "h2", "h6", "h2"]


def test_numbers_of_a_list_have_room() -> None:
    assert html("1986. A great year.").startswith('<ol class="digits-4" dir="auto" start="1986">')
    assert html("9. a\n10. b").startswith('<ol dir="auto" start="9">')


def test_a_table_can_be_scrolled_by_keyboard() -> None:
    assert html("|a|\n|-|\n|b|").startswith('<div class="table" dir="auto" tabindex="0"><table>')


@pytest.mark.parametrize(
    ("table", "seen"),
    [
        ("| a | b |\n| - | - |\n| 1 | 2 | 3 |", "ab12 | 3"),
        ("|a|\n|:-:|\n|`x|y`|z|", "ax|y|z"),
        ("a\n:-:\n1|2", "a1|2"),
        ("- |a|\n  |-|\n  |1|2|", "a1|2"),
    ],
)
def test_short_dashes_make_a_table_that_loses_no_cell(table: str, seen: str) -> None:
    assert "<table>" in html(table)
    assert visible_text(html(table)) == seen


def test_addresses_that_would_act_are_text() -> None:
    assert html("[a](javascript:b)") == '<p dir="auto">a (javascript:b)</p>'
    assert html("[a](#vote-a)") == '<p dir="auto">a (#vote-a)</p>'
    assert html("![a](http://b/c.png)").count("<img") == 0


def test_a_link_opens_elsewhere() -> None:
    assert html("[a](https://b.example/?c=1&d)") == (
        '<p dir="auto"><a href="https://b.example/?c=1&amp;d" rel="noopener noreferrer nofollow'
        ' ugc" target="_blank">a</a></p>'
    )


@pytest.mark.parametrize(
    ("latex", "kept"),
    [(r"\ce{H2O}", r"\ce{H2O}"), (r"\frac{1}", r"\frac{1}"), ("{" * 90 + "}" * 90, "{" * 90)],
)
def test_latex_that_the_converter_refuses_is_its_source(latex: str, kept: str) -> None:
    shown = html(f"${latex}$")

    assert shown.startswith('<p dir="auto"><code class="tex" dir="ltr">$' + kept)


@pytest.mark.parametrize(
    "latex",
    [
        r"\text{if $x>0$}",
        r"\sum_{\substack{a\\b}} x",
        r"x \tag{1}",
        r"\begin{split}a&=b\end{split}",
        r"\begin{eqnarray}a&=&b\end{eqnarray}",
        r"\begin{alignat}{2}a&=b\end{alignat}",
        r"\mbox{a_b}",
        r"\left<x\right>",
        "(" * 11 + "x" + ")" * 11,
    ],
)
def test_common_latex_becomes_a_formula(latex: str) -> None:
    assert "<math" in html(f"\\[{latex}\\]")


BRACKETS = ("(", "[", r"\{", r"\langle ", r"\lfloor ", r"\bigl(", r"\lvert ", "⟨", "{(}", r"(\\ ")


@pytest.mark.parametrize("bracket", BRACKETS)
def test_brackets_that_nothing_closes_take_no_time(bracket: str) -> None:
    text = f"\\[{bracket * 200}x\\]"

    assert idle_core_s(lambda: html(text)) < 1, "math-core alone takes years"


HOSTILE = {
    "rows": "|a|b|c|\n|-|-|-|\n" + "|1|2|3|\n" * 3000,
    "quotes": ">" * 3900,
    "brackets": "[" * 3900,
    "images": "![" * 1900,
    "stars": "*a " * 3900,
    "dollars": "$a " * 3900,
    "backticks": "".join("`" * (n % 90 + 1) + " " for n in range(85)),
    "formulas": "".join(f"$x_{n}$ " for n in range(1300)),
    "10,000 formulas": "$x$ " * 10_000,
    "lists": "".join("  " * n + "- x\n" for n in range(200)),
    "definitions": "".join(f"[a{n}]: x\n" for n in range(1900)),
    "references": "[a]: /x\n\n" + "[a]" * 3900,
    "footnotes": "[^a]" * 3900 + "\n\n[^a]: x",
    "environments": "\\begin{align}\n" * 1900,
    "one word": "a" * 100_000,
    "addresses": "http://a.b " * 3900,
    "links": "“[a](javascript:b)" * 3900,
    "code spans": "“`a$`" * 1900,
    "overrides": "\u202ea" * 40_000,
    "code": "```python\n" + "x = (1 + 2)\n" * 3000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_frame_of_a_hostile_answer_takes_no_second(text: str) -> None:
    render_answer("warm $x$ `y`", ended=True)

    assert idle_core_s(lambda: render_answer(text, ended=False)) < 0.5, "some 50 ms"


def test_an_answer_beyond_the_limits_is_verbatim_and_only_its_last_block_grows() -> None:
    for text in ("x" * (MOST_CHARACTERS + 1), "* <b>$\n" * (MOST_MARKS // 3)):
        blocks = render_answer(text, ended=False)
        longer = render_answer(text + "more\n", ended=False)

        assert all(block.startswith('<pre class="verbatim" dir="auto">') for block in blocks)
        assert visible_text("".join(blocks)).replace("\n", "") == text.replace("\n", "")
        assert longer[: len(blocks) - 1] == blocks[:-1]


def test_a_long_row_that_grows_takes_no_memory() -> None:
    rows = ["|a|\n|-|\n|" + "字" * length for length in range(30_000, 30_200)]
    tracemalloc.start()
    for text in rows:
        render_answer(text, ended=False)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < 2_000_000, "24 MB if each frame's row were kept"


def test_a_prompt_is_verbatim() -> None:
    assert render_prompt("# x\n  1) __init__ &lt;b&gt; <end>") == (
        '<div class="prompt-text" dir="auto"># x\n  1) __init__ &amp;lt;b&amp;gt; &lt;end&gt;</div>'
    )


def test_footnotes_that_refer_to_themselves_are_verbatim() -> None:
    text = "1986) [^1]: [^1]\n[^1]: "

    assert visible_text(html(text)).strip() == text.strip()
