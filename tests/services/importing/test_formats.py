"""Published formats of votes: what is read from them, and that nothing breaks a reader."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.verdict import Verdict
from arena.services.importing import llmfao
from arena.services.importing.formats import KnownPrompt, Reading, UnreadableFile, VoteFormat
from arena.services.importing.rows import (
    ExcludedRow,
    ExclusionReason,
    ImportedModel,
    ImportedTurn,
    ImportedVote,
)
from tests.fakes.import_files import as_lines, conversation, json_lines, judgment, llmfao_lines
from tests.services.importing.reading import PLAIN, faults, json_values, only, read


class TestLlmfao:
    def test_left_is_slot_a_and_the_prompt_is_known_by_its_number(self) -> None:
        vote = only(
            read(VoteFormat.LLMFAO, llmfao_lines("7,8,97,98,58,left,GPT 4,Claude v2"), PLAIN)
        )

        assert vote.models == (ImportedModel("GPT 4"), ImportedModel("Claude v2"))
        assert (vote.verdict, vote.annotator) == (Verdict.A_BETTER, "58")
        assert vote.turns == (ImportedTurn("llmfao prompt 8"),)

    def test_texts_and_categories_of_prompts_are_used_where_known(self) -> None:
        known = llmfao.read_prompts(
            json_lines([{"id": 8, "text": "Argue in a haiku.", "type": "reflexion", "stop": None}])
        )

        vote = only(
            read(VoteFormat.LLMFAO, llmfao_lines("7,8,97,98,58,tie,a,b"), Reading(prompts=known))
        )

        assert known == {"8": KnownPrompt("Argue in a haiku.", "reflexion")}
        assert (vote.turns[0].prompt, vote.category) == ("Argue in a haiku.", "reflexion")
        plain = only(read(VoteFormat.LLMFAO, llmfao_lines("7,8,97,98,58,tie,a,b"), PLAIN))
        assert vote.battle_id == plain.battle_id

    def test_prompts_without_a_text_are_refused(self) -> None:
        with pytest.raises(UnreadableFile, match=r"prompts.jsonl, line 1: text is empty"):
            llmfao.read_prompts(json_lines([{"id": 8}]))

    def test_bad_cells_are_named(self) -> None:
        rows = read(VoteFormat.LLMFAO, llmfao_lines("7,8,97,98,58,Left,a,a"), PLAIN)

        assert faults(rows) == [
            (2, "right", "a", "is the left model again: a model never meets itself"),
            (2, "winner", "Left", "is unknown: write one of left, right, tie"),
        ]


class TestMtBench:
    def test_the_turn_that_was_judged_is_the_last_that_is_imported(self) -> None:
        first = only(read(VoteFormat.MT_BENCH, json_lines([judgment()]), PLAIN))
        second = only(read(VoteFormat.MT_BENCH, json_lines([judgment(turn=2)]), PLAIN))

        opening = ImportedTurn("Write.", ("I write.", "Dear all,"))
        assert first.turns == (opening,)
        assert second.turns == (opening, ImportedTurn("Again.", ("I wrote.", "Dear all, again,")))
        assert first.battle_id != second.battle_id
        assert (first.verdict, first.annotator) == (Verdict.B_BETTER, "author_2")

    def test_csv_has_conversations_as_json_or_not_at_all(self) -> None:
        row = judgment()
        cell = json.dumps(row["conversation_a"]).replace('"', '""')
        header = "question_id,model_a,model_b,winner,judge,conversation_a,conversation_b\n"

        with_texts = read(
            VoteFormat.MT_BENCH,
            as_lines(f'{header}81,x,y,tie (bothbad),me,"{cell}","{cell}"\n'),
            PLAIN,
        )
        without = read(VoteFormat.MT_BENCH, as_lines(f"{header}81,x,y,tie,me,,\n"), PLAIN)

        vote = only(with_texts)
        assert (vote.verdict, vote.turns[0].replies) == (Verdict.BOTH_BAD, ("I write.", "I write."))
        assert only(without).turns == (ImportedTurn("mt-bench question 81"),)

    def test_a_vote_on_an_empty_reply_is_left_out(self) -> None:
        row = judgment(conversation_b=conversation("Write.", " ", "Again.", "Yes"))

        assert list(read(VoteFormat.MT_BENCH, json_lines([row]), PLAIN)) == [
            ExcludedRow(1, ExclusionReason.FAILED_REPLY)
        ]

    @pytest.mark.parametrize(
        ("changes", "column", "change"),
        [
            ({"winner": "tie (inconsistent)"}, "winner", "write one of model_a, model_b, tie"),
            ({"winner": None}, "winner", "is unknown"),
            ({"judge": ["gpt-4", "pair"]}, "judge", "should be a text"),
            ({"model_b": "alpaca-13b"}, "model_b", "a model never meets itself"),
            ({"turn": 3}, "conversation_a", "should hold 3 messages"),
            ({"turn": "second"}, "turn", "a whole number from 1 to 100"),
            ({"tstamp": "noon"}, "tstamp", "should be a number"),
            ({"tstamp": 1e30}, "tstamp", "should be seconds since 1970"),
            ({"conversation_a": "[{'role': 'user'}]"}, "conversation_a", "should be JSON"),
            ({"conversation_a": {"role": "user"}}, "conversation_a", "should hold 1 messages"),
            (
                {"conversation_b": conversation("Sing.", "La")},
                "conversation_b",
                "does not ask what conversation_a asks",
            ),
        ],
    )
    def test_a_bad_field_is_named(self, changes: Any, column: str, change: str) -> None:
        found = faults(read(VoteFormat.MT_BENCH, json_lines([judgment(**changes)]), PLAIN))

        assert (found[0][0], found[0][1]) == (1, column)
        assert change in found[0][3]

    def test_lines_that_are_no_objects_are_named(self) -> None:
        lines = as_lines('{"question_id": 1\n{}[]\n"{}"\n')

        changes = [
            (line, change) for line, _, _, change in faults(read(VoteFormat.MT_BENCH, lines, PLAIN))
        ]

        assert [line for line, _ in changes] == [1, 2, 3]
        assert "no valid JSON" in changes[0][1]
        assert "not a JSON object" in changes[2][1]

    def test_half_a_character_in_a_conversation_becomes_the_replacement_character(self) -> None:
        both = {
            f"conversation_{side}": conversation("Sing \ud83d.", f"La {side}\ude00")
            for side in ("a", "b")
        }
        as_text = both | {"conversation_a": json.dumps(both["conversation_a"])}
        for changes in (both, as_text):
            (vote,) = read(VoteFormat.MT_BENCH, json_lines([judgment(**changes)]), PLAIN)
            assert isinstance(vote, ImportedVote)
            assert vote.turns[0].prompt == "Sing \ufffd."
            assert vote.turns[0].replies == ("La a\ufffd", "La b\ufffd")

    def test_one_json_array_is_read_like_lines(self) -> None:
        text = json.dumps([judgment(), judgment(turn=2)], indent=1)

        assert [row.line for row in read(VoteFormat.MT_BENCH, as_lines(text))] == [1, 2]


@given(st.sampled_from(sorted(judgment())), json_values)
def test_no_value_in_a_judgment_breaks_the_reader(field: str, value: Any) -> None:
    assert list(read(VoteFormat.MT_BENCH, json_lines([judgment(**{field: value})]), PLAIN))


@given(st.sampled_from(list(VoteFormat)), st.lists(st.binary(max_size=40), max_size=5))
def test_no_bytes_break_a_reader(source: VoteFormat, lines: list[bytes]) -> None:
    with suppress(UnreadableFile):
        assert all(row.line >= 1 for row in read(source, lines))
