"""What the page's script is given to draw."""

import json

from arena.domain.battle import BattleId, BattleState, BattleView, TurnView
from arena.web.battle.columns import column, empty_column, prompts
from arena.web.common.texts import load_texts

WORDS = load_texts().by_language["en"]
CODE = "```python\nx = 1"


def view(state: BattleState, *turns: TurnView) -> BattleView:
    return BattleView(BattleId("b1"), state, 2, turns, truncated=False)


def test_a_column_has_the_answers_of_its_own_slot_a_part_per_turn() -> None:
    told = view(
        BattleState.COMPLETE,
        TurnView("One?", ("left one", "right one")),
        TurnView("Two?", ("left two", "right two")),
    )
    for position, side in enumerate(("left", "right")):
        texts = [turn["text"] for turn in column(WORDS, told, position)["turns"]]
        assert texts == [f"{side} one", f"{side} two"]


def test_the_copied_text_is_the_answer_itself_and_the_blocks_are_html() -> None:
    source = "# <b>\n\n`x` & y\n"
    told = view(BattleState.COMPLETE, TurnView("Why?", (source, "")))
    (turn,) = column(WORDS, told, 0)["turns"]
    assert turn["text"] == source
    assert "<b>" not in "".join(turn["blocks"])


def test_code_that_still_grows_gets_its_colours_at_the_end() -> None:
    growing = view(BattleState.GENERATING, TurnView("Why?", (CODE, CODE)))
    ended = view(BattleState.COMPLETE, TurnView("Why?", (CODE, CODE)))
    (open_code,), (code,) = (
        column(WORDS, told, 0)["turns"][0]["blocks"] for told in (growing, ended)
    )
    assert open_code.count("<span") < code.count("<span")


def test_a_column_before_a_battle_has_its_words_and_no_answer() -> None:
    assert empty_column(WORDS, 1) == {
        "label": "Answer B",
        "copy": "Copy answer B",
        "copy_code": WORDS["copy.code"],
        "copied": WORDS["copy.done"],
        "told": "Answer B is copied.",
        "turns": [],
    }


def test_what_is_sent_is_plain_json() -> None:
    told = view(BattleState.COMPLETE, TurnView("Why?", ("left", "right")))
    for value in (column(WORDS, told, 0), prompts(WORDS, ["Why?"])):
        assert json.loads(json.dumps(value)) == value


def test_prompts_are_shown_verbatim_and_copied_as_they_were_typed() -> None:
    typed = "  __init__  # x\n1) &lt;b&gt; <end>"
    (prompt,) = prompts(WORDS, [typed])["prompts"]
    assert prompt["text"] == typed
    assert "  __init__  # x\n1) &amp;lt;b&amp;gt; &lt;end&gt;" in prompt["html"]
