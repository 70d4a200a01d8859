"""Every format of votes: what is read from it, and what it says of a row that is wrong."""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.catalog.rules import KEY_PATTERN
from arena.domain.verdict import Reason, Verdict
from arena.services.exports.columns import COLUMNS, ExportTable
from arena.services.importing import arena_votes, fastchat, llmfao, mt_bench
from arena.services.importing.formats import KnownPrompt, Reading, UnreadableFile, VoteFormat
from arena.services.importing.identity import free_key, model_key, pseudonym
from arena.services.importing.rows import (
    ExcludedRow,
    ExclusionReason,
    ImportedModel,
    ImportedRow,
    ImportedTurn,
    ImportedVote,
    RowFault,
)
from tests.fakes.import_files import (
    as_lines,
    conversation,
    fastchat_chat,
    fastchat_vote,
    json_lines,
    judgment,
    llmfao_lines,
)

PLAIN = Reading(key=b"key")
ARENA_HEADER = "annotator,verdict,model_a,model_b,prompt"


def only(rows: Iterable[ImportedRow]) -> ImportedVote:
    (row,) = rows
    assert isinstance(row, ImportedVote), row
    return row


def faults(rows: Iterable[ImportedRow]) -> list[tuple[int, str, str, str]]:
    found = []
    for row in rows:
        assert isinstance(row, RowFault), row
        found.append((row.line, row.column, row.value, row.change))
    return found


def arena(header: str, *rows: str, reading: Reading = PLAIN) -> list[ImportedRow]:
    text = "\r\n".join((header, *rows)) + "\r\n"
    return list(arena_votes.read(as_lines(text), reading))


class TestArena:
    def test_the_least_that_a_file_must_have(self) -> None:
        vote = only(arena(ARENA_HEADER, "eve,tie,GPT 4,b,Why?"))

        assert vote.annotator == "eve"
        assert vote.models == (ImportedModel("GPT 4"), ImportedModel("b"))
        assert vote.verdict is Verdict.TIE
        assert vote.turns == (ImportedTurn("Why?"),)
        assert (vote.language, vote.created_at, vote.ranks) == (None, None, ())
        assert vote.battle_id.startswith("external:arena:")

    @pytest.mark.parametrize(
        "prompt", ["'=1+1", "'Twas the night", "''", "'quoted' words", "'-1", "=1+1"]
    )
    def test_apostrophes_of_a_table_of_ones_own_stay(self, prompt: str) -> None:
        for more in ("", ",vote_id,battle_id,created_at"):
            vote = only(
                arena(ARENA_HEADER + more, f'eve,tie,a,b,"{prompt}"' + "," * more.count(","))
            )
            assert vote.turns[0].prompt == prompt

    @pytest.mark.parametrize("left_out", [(), ("revealed_at",)])
    @pytest.mark.parametrize(
        ("exported", "prompt"),
        [
            ("'=1+1\r\n2", "=1+1\r\n2"),
            ("''Twas the night", "'Twas the night"),
            ("'''", "''"),
            ("it's", "it's"),
        ],
    )
    def test_the_guard_of_our_own_exports_is_taken_off_and_line_breaks_stay(
        self, exported: str, prompt: str, left_out: tuple[str, ...]
    ) -> None:
        given = {"annotator": "eve", "verdict": "tie", "model_a": "a", "model_b": "b"}
        given["prompt"] = f'"{exported}"'
        columns = (column.name for column in COLUMNS[ExportTable.VOTES])
        names = [name for name in columns if name not in left_out]

        vote = only(arena(",".join(names), ",".join(given.get(name, "") for name in names)))

        assert vote.turns[0].prompt == prompt

    def test_a_byte_order_mark_is_no_part_of_the_first_name(self) -> None:
        rows = arena_votes.read(as_lines("\ufeff" + ARENA_HEADER + "\neve,tie,a,b,Why?\n"), PLAIN)

        assert only(rows).annotator == "eve"

    def test_a_ranking_gives_ranks_by_slot_and_further_slots_by_name(self) -> None:
        header = f"{ARENA_HEADER},ranking,reasons"

        vote = only(arena(header, "eve,,b,d,Why?,d > a = c > b,b:useful d:unsafe"))

        assert [model.name for model in vote.models] == ["b", "d", "a", "c"]
        assert vote.ranks == (3, 1, 2, 2)
        assert vote.reasons == ((1, Reason.USEFUL), (3, Reason.UNSAFE))

    def test_columns_go_by_the_names_of_the_file(self) -> None:
        reading = Reading(columns={"annotator": "user", "created_at": "when"})
        header = ARENA_HEADER.replace("annotator", "user") + ",when"

        vote = only(arena(header, "eve,tie,a,b,Why?,2026-03-01T13:00:00+01:00", reading=reading))

        assert vote.created_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
        assert faults(arena(header, ",tie,a,b,Why?,", reading=reading))[0][1] == "user"

    def test_very_long_prompts_are_read(self) -> None:
        assert len(only(arena(ARENA_HEADER, f"eve,tie,a,b,{'x' * 200_000}")).turns[0].prompt) > 1e5

    @pytest.mark.parametrize(
        ("columns", "cells", "column", "change"),
        [
            ("", "eve,maybe,a,b,Why?", "verdict", "write one of a_better, b_better, tie, both_bad"),
            ("", "eve,,a,b,Why?", "verdict", "give a verdict, or a ranking"),
            ("", " ,tie,a,b,Why?", "annotator", "is empty: fill it in"),
            ("", "eve,tie,a,b, ", "prompt", "is empty: fill it in"),
            ("", "eve,tie,a,a,Why?", "model_b", "a model never meets itself"),
            ("", "eve,tie,a,b", "", "4 cells where the header has 5"),
            (",ranking", "eve,tie,a,b,Why?,a > b", "verdict", "never both"),
            (",ranking", "eve,,a,b,Why?,a > a", "ranking", "any other once"),
            (",ranking", "eve,,a,b,Why?,a", "ranking", "any other once"),
            (",ranking", "eve,,a,b,Why?,a > b > ", "ranking", "any other once"),
            (",ranking", "eve,,a,b,Why?,c > a", "ranking", "should name model_a, model_b"),
            (",turns", "eve,tie,a,b,Why?,0", "turns", "a whole number from 1 to 1000"),
            (",turns", "eve,tie,a,b,Why?,99999999999", "turns", "a whole number from 1 to 1000"),
            (",recognised", "eve,tie,a,b,Why?,yes", "recognised", "write one of true, false"),
            (",reading_s", "eve,tie,a,b,Why?,long", "reading_s", "should be a number"),
            (",reading_s", "eve,tie,a,b,Why?,inf", "reading_s", "should be a number"),
            (",reading_s", "eve,tie,a,b,Why?,-0.5", "reading_s", "should be 0 or more"),
            (",reasons", "eve,tie,a,b,Why?,c:useful", "reasons", "c:useful is unknown"),
            (",reasons", "eve,tie,a,b,Why?,a:nice", "reasons", "a:nice is unknown"),
            (",created_at", "eve,tie,a,b,Why?,yesterday", "created_at", "is no time"),
            (",created_at", "eve,tie,a,b,Why?,2026-03-01", "created_at", "has no time zone"),
        ],
    )
    def test_a_bad_cell_is_named_with_what_to_change(
        self, columns: str, cells: str, column: str, change: str
    ) -> None:
        ((line, named, _, told),) = faults(arena(ARENA_HEADER + columns, cells))

        assert (line, named) == (2, column)
        assert change in told

    def test_every_fault_of_a_row_is_named_at_the_line_where_it_begins(self) -> None:
        rows = arena(ARENA_HEADER, 'eve,tie,a,b,"one\r\ntwo"', ",perhaps,a,b,Why?")

        assert isinstance(rows[0], ImportedVote)
        assert [fault[:3] for fault in faults(rows[1:])] == [
            (4, "verdict", "perhaps"),
            (4, "annotator", ""),
        ]

    @pytest.mark.parametrize(
        ("text", "columns", "message"),
        [
            ("", {}, "the file is empty"),
            ("annotator,verdict,model_a,model_b\n", {}, "no column prompt; there are annotator,"),
            (f"{ARENA_HEADER},prompt\n", {}, "two columns are called prompt"),
            (f"{ARENA_HEADER}\n", {"prompt": "question"}, "no column question"),
            (f"{ARENA_HEADER}\n", {"colour": "x"}, "this format has no column colour; it has anno"),
            (f'{ARENA_HEADER}\neve,tie,a,b,"Why?\n', {}, "line 2: no valid CSV"),
        ],
    )
    def test_a_file_that_is_no_such_table_is_refused(
        self, text: str, columns: dict[str, str], message: str
    ) -> None:
        with pytest.raises(UnreadableFile, match=message):
            list(arena_votes.read(as_lines(text), Reading(columns)))

    def test_a_file_in_another_encoding_is_refused(self) -> None:
        with pytest.raises(UnreadableFile, match="line 2: not UTF-8"):
            list(arena_votes.read([f"{ARENA_HEADER}\n".encode(), b"Andr\xe9,tie,a,b,c\n"], PLAIN))

    def test_votes_without_an_id_are_told_apart_by_what_they_say(self) -> None:
        header = f"{ARENA_HEADER},created_at"
        rows = arena(
            header,
            "eve,tie,a,b,Why?,2026-03-01T12:00:00Z",
            "eve,tie,b,a,Why?,2026-03-01T12:00:00Z",
            "bob,tie,a,b,Why?,2026-03-01T12:00:00Z",
            "eve,tie,a,b,Why?,2026-03-01T12:00:01Z",
        )

        assert len({row.battle_id for row in rows if isinstance(row, ImportedVote)}) == 4


class TestLlmfao:
    def test_left_is_slot_a_and_the_prompt_is_known_by_its_number(self) -> None:
        vote = only(llmfao.read(llmfao_lines("7,8,97,98,58,left,GPT 4,Claude v2"), PLAIN))

        assert vote.models == (ImportedModel("GPT 4"), ImportedModel("Claude v2"))
        assert (vote.verdict, vote.annotator) == (Verdict.A_BETTER, "58")
        assert vote.turns == (ImportedTurn("llmfao prompt 8"),)

    def test_texts_and_categories_of_prompts_are_used_where_known(self) -> None:
        known = llmfao.read_prompts(
            json_lines([{"id": 8, "text": "Argue in a haiku.", "type": "reflexion", "stop": None}])
        )

        vote = only(llmfao.read(llmfao_lines("7,8,97,98,58,tie,a,b"), Reading(prompts=known)))

        assert known == {"8": KnownPrompt("Argue in a haiku.", "reflexion")}
        assert (vote.turns[0].prompt, vote.category) == ("Argue in a haiku.", "reflexion")
        plain = only(llmfao.read(llmfao_lines("7,8,97,98,58,tie,a,b"), PLAIN))
        assert vote.battle_id == plain.battle_id

    def test_prompts_without_a_text_are_refused(self) -> None:
        with pytest.raises(UnreadableFile, match=r"prompts.jsonl, line 1: text is empty"):
            llmfao.read_prompts(json_lines([{"id": 8}]))

    def test_bad_cells_are_named(self) -> None:
        rows = llmfao.read(llmfao_lines("7,8,97,98,58,Left,a,a"), PLAIN)

        assert faults(rows) == [
            (2, "right", "a", "is the left model again: a model never meets itself"),
            (2, "winner", "Left", "is unknown: write one of left, right, tie"),
        ]


class TestMtBench:
    def test_the_turn_that_was_judged_is_the_last_that_is_imported(self) -> None:
        first = only(mt_bench.read(json_lines([judgment()]), PLAIN))
        second = only(mt_bench.read(json_lines([judgment(turn=2)]), PLAIN))

        opening = ImportedTurn("Write.", ("I write.", "Dear all,"))
        assert first.turns == (opening,)
        assert second.turns == (opening, ImportedTurn("Again.", ("I wrote.", "Dear all, again,")))
        assert first.battle_id != second.battle_id
        assert (first.verdict, first.annotator) == (Verdict.B_BETTER, "author_2")

    def test_csv_has_conversations_as_json_or_not_at_all(self) -> None:
        row = judgment()
        cell = json.dumps(row["conversation_a"]).replace('"', '""')
        header = "question_id,model_a,model_b,winner,judge,conversation_a,conversation_b\n"

        with_texts = mt_bench.read(
            as_lines(f'{header}81,x,y,tie (bothbad),me,"{cell}","{cell}"\n'), PLAIN
        )
        without = mt_bench.read(as_lines(f"{header}81,x,y,tie,me,,\n"), PLAIN)

        vote = only(with_texts)
        assert (vote.verdict, vote.turns[0].replies) == (Verdict.BOTH_BAD, ("I write.", "I write."))
        assert only(without).turns == (ImportedTurn("mt-bench question 81"),)

    def test_a_vote_on_an_empty_reply_is_left_out(self) -> None:
        row = judgment(conversation_b=conversation("Write.", " ", "Again.", "Yes"))

        assert list(mt_bench.read(json_lines([row]), PLAIN)) == [
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
        found = faults(mt_bench.read(json_lines([judgment(**changes)]), PLAIN))

        assert (found[0][0], found[0][1]) == (1, column)
        assert change in found[0][3]

    def test_lines_that_are_no_objects_are_named(self) -> None:
        lines = as_lines('{"question_id": 1\n{}[]\n"{}"\n')

        changes = [(line, change) for line, _, _, change in faults(mt_bench.read(lines, PLAIN))]

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
            (vote,) = mt_bench.read(json_lines([judgment(**changes)]), PLAIN)
            assert isinstance(vote, ImportedVote)
            assert vote.turns[0].prompt == "Sing \ufffd."
            assert vote.turns[0].replies == ("La a\ufffd", "La b\ufffd")

    def test_one_json_array_is_refused_with_the_way_out(self) -> None:
        with pytest.raises(UnreadableFile, match="one object a line"):
            list(mt_bench.read(as_lines("[{}]"), PLAIN))


def log(*events: dict[str, Any]) -> list[ImportedRow]:
    return list(fastchat.read(json_lines(events), PLAIN))


def left_out(*events: dict[str, Any]) -> list[ExclusionReason]:
    return [row.reason for row in log(*events) if isinstance(row, ExcludedRow)]


class TestFastChat:
    @pytest.mark.parametrize(
        ("kind", "verdict"),
        [
            ("leftvote", Verdict.A_BETTER),
            ("rightvote", Verdict.B_BETTER),
            ("tievote", Verdict.TIE),
            ("bothbad_vote", Verdict.BOTH_BAD),
        ],
    )
    def test_a_blind_vote_is_read_with_its_texts(self, kind: str, verdict: Verdict) -> None:
        vote = only(log(fastchat_vote(kind)))

        assert vote.verdict is verdict
        assert vote.models == (ImportedModel("vicuna-13b"), ImportedModel("koala-13b"))
        assert vote.turns == (ImportedTurn("Hi", ("Yo", "Hello"), (None, None)),)
        assert vote.created_at == datetime(2023, 11, 14, 22, 13, 20, 500_000, UTC)

    def test_no_address_is_kept(self) -> None:
        vote = only(log(fastchat_vote()))

        assert vote.annotator == pseudonym(b"key", "203.0.113.7")
        assert vote.annotator != pseudonym(b"other", "203.0.113.7")
        assert "203" not in repr(vote)

    def test_chat_events_tell_how_long_the_replies_took(self) -> None:
        chats = (
            fastchat_chat("c1", "vicuna-13b", ("Hi", "Yo"), 2.5),
            fastchat_chat("c2", "koala-13b", ("Hi", "Hello"), 4.0),
        )

        *others, vote = log(*chats, fastchat_vote())

        assert isinstance(vote, ImportedVote)
        assert vote.turns[0].seconds == (2.5, 4.0)
        assert others == [ExcludedRow(n, ExclusionReason.OTHER_EVENT) for n in (1, 2)]

    def test_several_turns_and_images_are_read(self) -> None:
        texts = ("Hi", "Yo", ["Look", ["img"]], "Nice")

        vote = only(log(fastchat_vote(texts=(texts, texts))))

        assert [turn.prompt for turn in vote.turns] == ["Hi", "Look"]

    @pytest.mark.parametrize("kind", ["upvote", "downvote", "flag", "share", "chat"])
    def test_other_events_are_left_out(self, kind: str) -> None:
        assert left_out({"type": kind, "model": "vicuna-13b"}) == [ExclusionReason.OTHER_EVENT]

    @pytest.mark.parametrize(
        ("labels", "reason"),
        [
            (("Model A", "Model B"), None),
            (("### Model A", "### Model B"), None),
            (("vicuna-13b", "koala-13b"), ExclusionReason.NOT_BLIND),
            (("### Model A: vicuna-13b", "### Model B: k"), ExclusionReason.AFTER_THE_REVEAL),
            (("<h3>Model A: vicuna-13b</h3>\n", ""), ExclusionReason.AFTER_THE_REVEAL),
        ],
    )
    def test_only_blind_votes_are_imported(
        self, labels: tuple[str, str], reason: ExclusionReason | None
    ) -> None:
        assert left_out(fastchat_vote(labels=labels)) == ([reason] if reason else [])

    @pytest.mark.parametrize(
        "reply",
        [
            None,
            "",
            "**NETWORK ERROR DUE TO HIGH TRAFFIC. PLEASE REGENERATE OR REFRESH THIS PAGE.**",
            "Well\n\n(error_code: 50002)",
            "$MODERATION$ YOUR INPUT VIOLATES OUR CONTENT MODERATION GUIDELINES.",
            "I was say▌",
        ],
    )
    def test_a_vote_on_a_failed_reply_is_left_out(self, reply: str | None) -> None:
        event = fastchat_vote(texts=(("Hi", "Yo"), ("Hi", reply)))

        assert left_out(event) == [ExclusionReason.FAILED_REPLY]

    @pytest.mark.parametrize(
        ("event", "column", "change"),
        [
            (fastchat_vote(models=("m", "m")), "states", "a model never meets itself"),
            (fastchat_vote(conversations=("", "c2")), "states", "side 0 has no conv_id"),
            (fastchat_vote(models=("m", "")), "states", "side 1 has no conv_id or no model_name"),
            (fastchat_vote(texts=(("Hi",), ("Hi",))), "states", "user and model by turns"),
            (fastchat_vote(texts=(("a", "b"), ("c", "d"))), "states", "different things"),
            (fastchat_vote(states=[]), "states", "the two sides of the battle"),
            (fastchat_vote(states=[{}, 3]), "states", "side 0 has no conv_id"),
            (fastchat_vote(labels=("",)), "models", "the two labels above the answers"),
            (fastchat_vote(ip=""), "ip", "is empty"),
            (fastchat_vote(tstamp="now"), "tstamp", "should be a number"),
            ({"models": []}, "type", "is empty"),
        ],
    )
    def test_a_bad_event_is_named(self, event: dict[str, Any], column: str, change: str) -> None:
        found = faults(log(event))

        assert found[0][1] == column
        assert change in found[0][3]

    def test_both_votes_of_a_battle_have_its_id(self) -> None:
        first, second = log(fastchat_vote("leftvote"), fastchat_vote("rightvote", tstamp=2))

        assert isinstance(first, ImportedVote)
        assert isinstance(second, ImportedVote)
        assert first.battle_id == second.battle_id

    def test_columns_cannot_be_renamed(self) -> None:
        with pytest.raises(UnreadableFile, match="--columns is for CSV"):
            list(fastchat.read([], Reading({"ip": "address"})))


READERS: list[Callable[[Iterable[bytes], Reading], Iterable[ImportedRow]]] = [
    arena_votes.read,
    llmfao.read,
    mt_bench.read,
    fastchat.read,
]

json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(
    st.sampled_from(["type", "models", "states", "ip", "tstamp", "conv_id", "messages", "offset"]),
    json_values,
)
def test_no_value_in_a_log_breaks_the_reader(field: str, value: Any) -> None:
    event = fastchat_vote()
    state = event["states"][0]
    (state if field in state else event)[field] = value

    assert len(log(event)) >= 1


@given(st.sampled_from(sorted(judgment())), json_values)
def test_no_value_in_a_judgment_breaks_the_reader(field: str, value: Any) -> None:
    assert list(mt_bench.read(json_lines([judgment(**{field: value})]), PLAIN))


@given(st.sampled_from(READERS), st.lists(st.binary(max_size=40), max_size=5))
def test_no_bytes_break_a_reader(
    read: Callable[[Iterable[bytes], Reading], Iterable[ImportedRow]], lines: list[bytes]
) -> None:
    with suppress(UnreadableFile):
        assert all(row.line >= 1 for row in read(lines, PLAIN))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("GPT 4", "gpt-4"),
        ("LLaMA-2-Chat (70B)", "llama-2-chat-70b"),
        ("Command R+", "command-r-plus"),
        ("vicuna_v1.5", "vicuna_v1.5"),
        ("a--b-", "a--b-"),
    ],
)
def test_a_name_gives_a_key_like_it(name: str, key: str) -> None:
    assert model_key(name) == key


@given(st.text(min_size=1))
def test_every_name_gives_a_valid_key(name: str) -> None:
    key = model_key(name)

    assert KEY_PATTERN.fullmatch(key)
    assert model_key(key) == key


def test_names_in_other_scripts_give_different_keys() -> None:
    assert len({model_key(name) for name in ("通义千问", "文心一言", "智谱 4", "百川 4")}) == 4


def test_a_taken_key_gets_the_source_and_then_a_number() -> None:
    taken = {"gpt-4", "gpt-4.llmfao"}

    assert free_key("command", VoteFormat.LLMFAO, taken) == "command"
    assert free_key("gpt-4", VoteFormat.MT_BENCH, taken) == "gpt-4.mt-bench"
    assert free_key("gpt-4", VoteFormat.LLMFAO, taken) == "gpt-4.llmfao-2"
