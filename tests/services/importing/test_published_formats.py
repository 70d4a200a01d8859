"""Published vote sets row by row: what is read, and what is said of a cell that is wrong."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.verdict import Verdict
from arena.services.importing.containers import FileKind, lines_table
from arena.services.importing.formats import Reading, UnreadableFile, VoteFormat
from arena.services.importing.rows import (
    ExcludedRow,
    ExclusionReason,
    ImportedModel,
    ImportedRow,
    ImportedTurn,
)
from arena.services.importing.vote_formats import recognized
from tests.fakes.import_files import as_lines
from tests.services.importing.reading import PLAIN, faults, json_values, only, read
from tests.services.importing.recounts import table
from tests.services.importing.test_public_votes import SOURCES


def row(name: str, **changes: Any) -> dict[str, Any]:
    """The first row of a sample, changed."""
    return table(name)[0] | changes


def rows(name: str, one: dict[str, Any], reading: Reading = PLAIN) -> list[ImportedRow]:
    text = json.dumps(one, default=str) + "\n"
    return list(read(SOURCES[name], as_lines(text), reading))


@pytest.mark.parametrize(
    ("name", "changes", "column", "change"),
    [
        ("lmarena-55k.csv", {"winner_tie": "1", "winner_model_a": "1"}, "winner_model_a", "be 1"),
        ("lmarena-55k.csv", {"winner_tie": "x"}, "winner_tie", "should be a number"),
        ("lmarena-55k.csv", {"response_a": '["x", "y", "z"]'}, "response_a", "as many texts"),
        ("lmarena-140k.parquet", {"winner": "a"}, "winner", "is unknown: write one of model_a"),
        ("lmarena-140k.parquet", {"conversation_a": "Hi"}, "conversation_a", "list of messages"),
        (
            "lmarena-140k.parquet",
            {"conversation_a": [{"role": "assistant", "content": "Hi"}]},
            "conversation_a",
            "messages of user and assistant by turns",
        ),
        ("lmarena-140k.parquet", {"timestamp": "noon"}, "timestamp", "is no time"),
        (
            "comparia.jsonl",
            {"both_equal": False, "chosen_model_name": "x"},
            "chosen_model_name",
            "be model_a_",
        ),
        ("comparia.jsonl", {"both_equal": "perhaps"}, "both_equal", "write one of true, false"),
        ("alpacaeval.json", {"preference": 3}, "preference", "a number from 1 to 2"),
        ("alpacaeval.json", {"generator_1": ""}, "generator_1", "is empty: fill it in"),
        ("pandalm.json", {"cmp_key": "opt-7b"}, "cmp_key", "two names with one _ between"),
        ("pandalm.json", {"annotator2": 3}, "annotator2", "is unknown: write one of 0, 1, 2"),
        ("wmt11.csv", {"system1rank": "0"}, "system1rank", "a whole number from 1"),
        ("wmt16.csv", {"judgeID": ""}, "judgeID", "is empty: fill it in"),
        ("open-webui.json", {"user_id": ""}, "user_id", "is empty: fill it in"),
        ("label-studio.json", {"data": []}, "data", "should be an object with the prompt"),
        ("argilla.json", {"responses": {}}, "verdict", "--columns verdict=NAME (none)"),
        ("argilla-flat.jsonl", {"model_1": None}, "model_1", "is empty: fill it in"),
    ],
)
def test_a_bad_cell_is_named_with_what_to_change(
    name: str, changes: dict[str, Any], column: str, change: str
) -> None:
    found = faults(rows(name, row(name, **changes)))

    assert (found[0][0], found[0][1]) == (1, column)
    assert change in found[0][3]


@given(st.sampled_from(sorted(SOURCES)), st.data())
def test_no_value_breaks_a_reader(name: str, data: st.DataObject) -> None:
    one = row(name)
    changed = one | {data.draw(st.sampled_from(sorted(one))): data.draw(json_values)}

    with suppress(UnreadableFile):
        assert rows(name, changed)


@given(st.sampled_from(["open-webui.json", "label-studio.json", "argilla.json"]), st.data())
def test_no_value_deep_inside_breaks_a_reader(name: str, data: st.DataObject) -> None:
    one = row(name)
    column = data.draw(
        st.sampled_from([key for key in one if isinstance(one[key], dict) and one[key]])
    )
    field = data.draw(st.sampled_from(sorted(one[column])))

    assert rows(name, one | {column: one[column] | {field: data.draw(json_values)}})


def test_messages_of_one_role_in_a_row_are_one_and_a_missing_reply_is_empty() -> None:
    user, said = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"}
    system = {"role": "system", "content": "Be brief."}
    joined = {"conversation_a": [system, user, said, said], "conversation_b": [user, said]}

    vote = only(rows("comparia.jsonl", row("comparia.jsonl", **joined)))

    assert vote.turns == (ImportedTurn("Hi", ("Yo\nYo", "Yo")),)
    joined["conversation_b"] = [user]
    assert rows("comparia.jsonl", row("comparia.jsonl", **joined)) == [
        ExcludedRow(1, ExclusionReason.FAILED_REPLY)
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"generator_2": "aurora-7b"}, ExclusionReason.SAME_MODEL),
        ({"instruction": " "}, ExclusionReason.NO_TEXT),
        ({"output_1": ""}, ExclusionReason.FAILED_REPLY),
        ({"preference": -1}, ExclusionReason.NO_VERDICT),
    ],
)
def test_rows_without_a_sound_comparison_are_left_out(
    changes: dict[str, Any], reason: ExclusionReason
) -> None:
    assert rows("alpacaeval.json", row("alpacaeval.json", **changes)) == [ExcludedRow(1, reason)]


def test_prompts_without_lists_are_one_turn() -> None:
    plain = {"prompt": "[INST] Hi", "response_a": "Yo", "response_b": "Hello"}

    vote = only(rows("lmarena-55k.csv", row("lmarena-55k.csv", **plain)))

    assert vote.turns == (ImportedTurn("[INST] Hi", ("Yo", "Hello")),)


def test_several_bad_annotations_of_one_task_are_told_once() -> None:
    task = table("label-studio.json")[2]
    task["annotations"] = [task["annotations"][0], task["annotations"][0] | {"id": 7}]
    del task["data"]["model1"]

    assert [fault[1] for fault in faults(rows("label-studio.json", task))] == ["model_a"]


def test_fields_of_a_project_may_have_any_name() -> None:
    task = row("label-studio.json", data={"q": "Why?", "l": "A", "r": "B", "ml": "x", "mr": "y"})
    task["annotations"] = task["annotations"][:1]
    names = {"prompt": "q", "response_a": "l", "response_b": "r", "model_a": "ml", "model_b": "mr"}

    vote = only(rows("label-studio.json", task, Reading(columns=names)))

    assert vote.models == (ImportedModel("x"), ImportedModel("y"))
    assert vote.turns == (ImportedTurn("Why?", ("A", "B")),)


def test_one_of_several_questions_of_argilla_is_named() -> None:
    record = row("argilla.json")
    record["responses"] = {
        "style": [{"value": "tie", "user_id": "u"}],
        "truth": [{"value": "response-2", "user_id": "u"}],
    }

    assert "(style, truth)" in faults(rows("argilla.json", record))[0][3]
    vote = only(rows("argilla.json", record, Reading(columns={"verdict": "truth"})))
    assert vote.verdict is Verdict.B_BETTER


def test_the_first_set_of_lmarena_has_judges_and_is_no_mt_bench() -> None:
    one = row("lmarena-100k.jsonl", judge="arena_user_973")
    del one["judge_hash"]
    lines = as_lines(json.dumps(one) + "\n")

    assert recognized(lines_table(lines, FileKind.JSON_LINES)) is VoteFormat.LMARENA
    assert only(read(VoteFormat.LMARENA, lines)).annotator == "arena_user_973"


class TestRankings:
    @pytest.mark.parametrize("ranking", ["c > a = b", '["c", ["a", "b"]]'])
    def test_a_ranking_needs_no_other_columns(self, ranking: str) -> None:
        cell = ranking.replace('"', '""')
        text = f'annotator,prompt,ranking\neve,Why?,"{cell}"\n'

        vote = only(read(VoteFormat.ARENA, as_lines(text)))

        assert [model.name for model in vote.models] == ["a", "b", "c"]
        assert (vote.verdict, vote.ranks) == (None, (2, 2, 1))

    @pytest.mark.parametrize("ranking", ["", "a", "a > a"])
    def test_a_ranking_of_less_than_two_is_a_bad_row(self, ranking: str) -> None:
        text = f"annotator,prompt,ranking\neve,Why?,{ranking}\n"

        assert faults(read(VoteFormat.ARENA, as_lines(text)))[0][0] == 2

    def test_a_table_without_verdicts_and_rankings_is_refused(self) -> None:
        with pytest.raises(UnreadableFile, match="there is no column verdict"):
            list(read(VoteFormat.ARENA, as_lines("annotator,prompt\neve,Why?\n")))
