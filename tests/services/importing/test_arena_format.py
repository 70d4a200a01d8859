"""The format of this arena's own exports: what is read, and what is said of a wrong row."""

from datetime import UTC, datetime

import pytest

from arena.domain.verdict import Reason, Verdict
from arena.services.exports.columns import COLUMNS, ExportTable
from arena.services.importing.formats import Reading, UnreadableFile, VoteFormat
from arena.services.importing.rows import ImportedModel, ImportedRow, ImportedTurn, ImportedVote
from tests.fakes.import_files import as_lines
from tests.services.importing.reading import PLAIN, faults, only, read

ARENA_HEADER = "annotator,verdict,model_a,model_b,prompt"


def arena(header: str, *rows: str, reading: Reading = PLAIN) -> list[ImportedRow]:
    text = "\r\n".join((header, *rows)) + "\r\n"
    return list(read(VoteFormat.ARENA, as_lines(text), reading))


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

    @pytest.mark.parametrize(
        "left_out",
        [(), ("revealed_at",), ("revealed_at", "purpose", "strength", "annotator_excluded")],
    )
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
        rows = read(
            VoteFormat.ARENA, as_lines("\ufeff" + ARENA_HEADER + "\neve,tie,a,b,Why?\n"), PLAIN
        )

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
            ("", "eve,maybe,a,b,Why?", "verdict", f"write one of {', '.join(Verdict)}"),
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
            list(read(VoteFormat.ARENA, as_lines(text), Reading(columns)))

    def test_a_file_in_another_encoding_is_refused(self) -> None:
        with pytest.raises(UnreadableFile, match="line 2: not UTF-8"):
            list(
                read(
                    VoteFormat.ARENA, [f"{ARENA_HEADER}\n".encode(), b"Andr\xe9,tie,a,b,c\n"], PLAIN
                )
            )

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
