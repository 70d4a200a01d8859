"""Every format of replies: what is read from it, and what it says of a row that is wrong."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.conversation import FinishReason
from arena.services.importing.formats import UnreadableFile
from arena.services.importing.replies.formats import ReplyFormat, format_of, read_replies
from arena.services.importing.replies.rows import ImportedReply
from arena.services.importing.rows import RowFault


def lines(*rows: dict[str, Any] | str) -> bytes:
    return "".join(
        (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n"
        for row in rows
    ).encode()


def answer(*turns: Any, **changes: Any) -> dict[str, Any]:
    """A line of FastChat's `model_answer`."""
    row = {
        "question_id": 81,
        "answer_id": "x",
        "model_id": "vicuna-13b",
        "choices": [{"index": 0, "turns": list(turns)}],
        "tstamp": 1.5,
    }
    return row | changes


def only(content: bytes, source: ReplyFormat | None = None) -> ImportedReply:
    (row,) = read_replies(content, source)
    assert isinstance(row, ImportedReply), row
    return row


def faults(content: bytes, source: ReplyFormat | None = None) -> list[tuple[int, str, str, str]]:
    found = []
    for row in read_replies(content, source):
        assert isinstance(row, RowFault), row
        found.append((row.line, row.column, row.value, row.change))
    return found


class TestJsonl:
    def test_a_row_has_a_prompt_a_model_and_a_reply(self) -> None:
        reply = only(lines({"prompt": "p-1", "model": "gpt-4", "reply": "Hello"}))

        assert (reply.prompt, reply.model, reply.by_text) == ("p-1", "gpt-4", False)
        assert (reply.turns, reply.finish_reasons) == (("Hello",), (FinishReason.STOP,))

    def test_a_number_is_an_id_and_the_model_may_be_told_elsewhere(self) -> None:
        reply = only(lines({"prompt": 7, "turns": ["One", "Two"], "finish_reason": "length"}))

        assert (reply.prompt, reply.model) == ("7", None)
        assert reply.finish_reasons == (FinishReason.STOP, FinishReason.LENGTH)

    def test_each_turn_may_have_its_own_finish_reason(self) -> None:
        row = {"prompt": "a", "turns": ["One", "Two"], "finish_reason": ["length", "stop"]}

        assert only(lines(row)).finish_reasons == (FinishReason.LENGTH, FinishReason.STOP)

    @pytest.mark.parametrize(
        ("row", "column", "change"),
        [
            ({"reply": "Hi"}, "prompt", "is empty: fill it in"),
            (
                {"prompt": "a"},
                "reply",
                "is empty: write the reply, or `turns` with one for each turn",
            ),
            (
                {"prompt": "a", "reply": " \n"},
                "reply",
                "is empty: leave the row out, and the reply is missing",
            ),
            ({"prompt": "a", "reply": "Hi", "turns": ["Hi"]}, "turns", "stands beside `reply`"),
            (
                {"prompt": "a", "turns": ["Hi", 3]},
                "turns",
                "should be a text, or a list with a text for each turn",
            ),
            ({"prompt": "a", "reply": "a\0b"}, "reply", "contains the character NUL: remove it"),
            (
                {"prompt": "a", "reply": "Hi", "finish_reason": "eos"},
                "finish_reason",
                "should be stop or length",
            ),
            (
                {"prompt": "a", "turns": ["One", "Two"], "finish_reason": ["stop"]},
                "finish_reason",
                "should be stop or length, or a list",
            ),
        ],
    )
    def test_a_bad_row_is_named_with_what_to_change(
        self, row: dict[str, Any], column: str, change: str
    ) -> None:
        (found,) = faults(lines("", row))

        assert found[:2] == (2, column)
        assert found[3].startswith(change)

    def test_every_bad_row_is_named(self) -> None:
        found = faults(lines("{", "[1]", {"prompt": "a"}), ReplyFormat.JSONL)

        assert [line for line, *_ in found] == [1, 2, 3]
        assert found[0][3].startswith("no valid JSON")


class TestAlpacaEval:
    def test_a_list_of_outputs_is_matched_by_the_exact_instruction(self) -> None:
        outputs = [
            {"instruction": " Say hi.\n", "output": "Hi", "generator": "davinci", "dataset": "x"}
        ]

        reply = only(json.dumps(outputs, indent=2).encode())

        assert (reply.prompt, reply.by_text, reply.model) == (" Say hi.\n", True, "davinci")
        assert reply.turns == ("Hi",)

    def test_rows_are_named_by_the_line_on_which_they_begin(self) -> None:
        outputs = [{"instruction": "a", "output": ""}, {"output": "b"}, "c"]

        found = faults(json.dumps(outputs, indent=1).encode(), ReplyFormat.ALPACAEVAL)

        assert [(line, column) for line, column, *_ in found] == [
            (2, "output"),
            (6, "instruction"),
            (9, ""),
        ]

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ('[\n{"instruction": "a",\n"output"}]', 3),
            ('[{"instruction": "a"}\n{"instruction": "b"}]', 2),
            ('[\n{"instruction": "a"},\n', 3),
        ],
    )
    def test_a_list_that_breaks_off_is_refused_with_its_line(self, text: str, line: int) -> None:
        with pytest.raises(UnreadableFile, match=f"line {line}: no valid JSON"):
            list(read_replies(text.encode(), None))

    def test_an_empty_list_has_no_rows(self) -> None:
        assert list(read_replies(b" [ ] ", None)) == []

    def test_lines_are_read_too(self) -> None:
        assert only(lines({"instruction": "a", "output": "b"})).model is None


class TestFastChat:
    def test_the_turns_of_the_first_choice_are_the_replies(self) -> None:
        reply = only(lines(answer("One", "Two")))

        assert (reply.prompt, reply.model, reply.by_text) == ("81", "vicuna-13b", False)
        assert reply.turns == ("One", "Two")

    def test_turns_may_be_blocks_with_content(self) -> None:
        assert only(lines(answer({"content": "One", "token_len": 1}))).turns == ("One",)

    @pytest.mark.parametrize(
        "choices", [None, [], [{"turns": "One"}], [{"turns": []}], [{"turns": [None]}], "x"]
    )
    def test_answers_without_turns_are_bad_rows(self, choices: Any) -> None:
        (found,) = faults(lines(answer(choices=choices)), ReplyFormat.FASTCHAT)

        assert found[:2] == (1, "choices")


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (lines(answer("a")), ReplyFormat.FASTCHAT),
        (b"\n [\n", ReplyFormat.ALPACAEVAL),
        (lines({"instruction": "a", "output": "b"}), ReplyFormat.ALPACAEVAL),
        (lines({"prompt": "a", "reply": "b"}), ReplyFormat.JSONL),
        (b"{", ReplyFormat.JSONL),
    ],
)
def test_the_format_is_told_by_the_first_row(content: bytes, wanted: ReplyFormat) -> None:
    assert format_of(content.decode()) is wanted


@pytest.mark.parametrize(
    ("content", "said"),
    [(b" \n", "the file is empty"), (b"{}\n\xff\n", "line 2: not UTF-8: save the file as UTF-8")],
)
def test_a_file_that_is_no_text_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said):
        list(read_replies(content, None))


def test_a_byte_order_mark_and_half_characters_do_no_harm() -> None:
    content = b'\xef\xbb\xbf[{"instruction": "a", "output": "\\ud800 b"}]'

    assert only(content).turns == ("\ufffd b",)


@given(st.lists(st.dictionaries(st.sampled_from(["instruction", "output"]), st.text(max_size=5))))
def test_any_list_is_read_row_by_row(outputs: list[dict[str, str]]) -> None:
    rows = list(read_replies(json.dumps(outputs).encode(), ReplyFormat.ALPACAEVAL))

    sound = [
        one for one in outputs if all(one.get(key, "").strip() for key in one) and len(one) == 2
    ]
    read = [row for row in rows if isinstance(row, ImportedReply)]
    assert [(row.prompt, row.turns) for row in read] == [
        (one["instruction"], (one["output"],)) for one in sound if "\0" not in one["output"]
    ]
