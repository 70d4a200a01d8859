"""The admin's table of models: each cell carries its head, and a detail is text, never markup."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from arena.domain.battle import BattleState
from arena.domain.conversation import ModelKey
from arena.inference.backend import ControlTokens, LastFailure, ModelState
from arena.services.exports.columns import ExportTable
from arena.services.exports.formats import ExportFormat
from arena.services.failures import Failure, FailureKind
from arena.services.operations.overview import ModelOverview, Overview
from arena.services.operations.recent import RecentWork
from arena.storage.recent_work import RecentReplies
from arena.web.admin.page import _body
from arena.web.common.texts import load_texts
from tests.builders import NOON

WORDS = load_texts().of("en")


def shown(state: ModelState, detail: str) -> str:
    model = ModelOverview(ModelKey("wizard"), "Wizard", state, detail, failures=3, restarts=7)
    return _body(WORDS, Overview((model,), {}), "http://arena.test/")


def test_a_download_is_shown_as_the_engine_tells_it() -> None:
    told = "downloading 3.2 of 13.5 GiB (24 %), 85 MB/s, about 2 min left"
    page = shown(ModelState.LOADING, told)
    assert f"<td data-head='Detail'>{told}</td>" in page
    assert "class='state loading'" in page


def described(**told: Any) -> str:
    model = ModelOverview(ModelKey("wizard"), "Wizard", ModelState.READY, "", failures=3, **told)
    return _body(WORDS, Overview((model,), {}), "http://arena.test/")


def test_the_last_failure_stands_with_its_time_its_number_in_a_row_and_its_words() -> None:
    failure = LastFailure("wizard: HTTP 402: <b>pay</b>", NOON, 3)
    page = described(last_failure=failure)
    assert (
        "<strong>Last of 3 failures in a row, 2026-03-01 12:00:00 UTC:</strong> "
        "wizard: HTTP 402: &lt;b&gt;pay&lt;/b&gt;"
    ) in page
    assert "Last failure, 2026" in described(last_failure=replace(failure, in_a_row=1))


def test_control_tokens_stand_with_how_often_when_last_and_what_to_check() -> None:
    page = described(control_tokens=ControlTokens(1200, NOON, ("<|im_end|>", "[INST]")))
    assert "in 1,200 answers, the last 2026-03-01 12:00:00 UTC:" in page
    assert "<code>&lt;|im_end|&gt;</code> <code>[INST]</code>. The template does not fit" in page


def test_a_phone_finds_the_head_of_a_number_beside_it() -> None:
    page = shown(ModelState.READY, "")
    assert "<section class='models'>" in page
    assert "<td data-head='Restarts'>7</td>" in page
    assert "<td data-head='Void battles'>3</td>" in page


def test_today_stands_in_numbers_and_the_days_before_as_a_chart() -> None:
    days = {date(2026, 2, 28): 2, date(2026, 3, 1): 8}
    recent = RecentWork(days, {BattleState.VOTED: 3, BattleState.VOID: 1}, {})
    page = _body(WORDS, Overview((), {BattleState.VOTED: 1200}, (), recent), "http://arena.test/")
    assert "<dt>Votes today (UTC)</dt><dd>8</dd>" in page
    assert "<dt>Votes in all</dt><dd>1,200</dd>" in page
    assert "<dt>Void battles, 24 h</dt><dd>25.0 %</dd>" in page
    assert "<dt>Cut answers, 24 h</dt><dd>–</dd>" in page
    assert "aria-label='Votes by day (UTC), 2026-02-28 to 2026-03-01; at most 8 a day'" in page
    assert "y='36.0' width='14' height='12.0'><title>2026-02-28: 2 votes</title>" in page


def test_a_model_stands_with_its_queue_its_speed_and_what_was_cut_or_failed() -> None:
    replies = RecentReplies(shown=40, cut=2, failed=1, tokens=900, seconds=60.0)
    page = described(waiting=3, answering=2, recent=replies)
    assert "<td data-head='Answering / waiting'>2 / 3</td>" in page
    assert "<td data-head='Tokens/s, 24 h'>15.0</td>" in page
    assert "<td data-head='Cut, 24 h'>5.0 %</td>" in page
    assert "<td data-head='Failed, 24 h'>2.5 %</td>" in page
    assert "<td data-head='Tokens/s, 24 h'>–</td>" in described()


def test_the_words_of_a_hub_are_no_markup() -> None:
    page = shown(ModelState.FAILED, "The hub says: <script>alert(1)</script>")
    assert "<script>" not in page
    assert "The hub says: &lt;script&gt;" in page


def test_what_went_wrong_stands_first_in_words_and_as_text() -> None:
    failure = Failure(NOON, FailureKind.TURN_NOT_STORED, "battle <b>x</b>: disk full")
    page = _body(WORDS, Overview((), {}, (failure,)), "http://arena.test/")
    assert "<td data-head='When (UTC)'>2026-03-01 12:00:00</td>" in page
    assert "A turn could not be stored" in page
    assert "battle &lt;b&gt;x&lt;/b&gt;: disk full" in page
    assert "What went wrong" not in shown(ModelState.READY, "")


@pytest.mark.parametrize("language", load_texts().by_language)
def test_every_kind_of_trouble_has_a_name(language: str) -> None:
    words = load_texts().of(language)
    assert all(words[f"failure.{kind.value}"] for kind in FailureKind)


def test_every_table_is_linked_in_every_format() -> None:
    page = shown(ModelState.READY, "")
    for table in ExportTable:
        for kind in ExportFormat:
            assert f'<a href="/admin/exports/{table}.{kind}">{table}.{kind}</a>' in page


def test_every_table_is_linked_for_excel_as_csv_with_a_mark() -> None:
    page = shown(ModelState.READY, "")
    for table in ExportTable:
        assert f'<a href="/admin/exports/{table}.csv?bom=true">{table}</a>' in page
