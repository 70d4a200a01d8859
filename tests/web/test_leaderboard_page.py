"""The leaderboard page, called directly."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from string import Formatter
from typing import Any, cast

import gradio as gr
import pytest

import arena.web
from arena.domain.accounts import Caller
from arena.domain.battle import BattleState
from arena.domain.conversation import ModelKey
from arena.domain.visibility import Visibility
from arena.services.leaderboard import Leaderboards
from arena.storage.boards import BoardFilter
from arena.storage.database import Database
from arena.storage.schema import FlagKind
from arena.web.pages.leaderboard import LeaderboardPage
from arena.web.widgets.board import PANELS_AT_ONCE, render_board
from tests.builders import (
    ADMIN,
    ANNOTATOR,
    seed_battle,
    seed_vote,
    seed_votes,
)

WEB = Path(arena.web.__path__[0])
TEXTS: Mapping[str, Mapping[str, str]] = {
    language: json.loads((WEB / "locales" / f"{language}.json").read_text(encoding="utf-8"))
    for language in ("en", "zh")
}
ENGLISH = TEXTS["en"]
ALPHA = ModelKey("alpha")


def _html(database: Database, baseline: str | None = None, **chosen: Any) -> str:
    boards = Leaderboards(database, visibility=Visibility.PUBLIC)
    board = boards.board(None, BoardFilter(**chosen))
    return render_board(board, ModelKey(baseline) if baseline else None, ENGLISH)


def _text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def _page(
    database: Database, caller: Caller | None, visibility: Visibility, language: str = "en"
) -> tuple[gr.Blocks, Callable[..., dict[Any, Any]]]:
    async def build() -> gr.Blocks:  # in a loop: outside one Gradio makes its own and leaves it
        return LeaderboardPage(
            leaderboards=Leaderboards(database, visibility=visibility),
            caller_of=lambda _: caller,
            texts_for=lambda _: TEXTS[language],
        ).build()

    page = asyncio.run(build())
    (handler,) = page.fns.values()
    assert handler.api_visibility == "private"
    return page, cast("Callable[..., dict[Any, Any]]", handler.fn)


def _shown(
    database: Database,
    *values: Any,
    caller: Caller | None = None,
    visibility: Visibility = Visibility.PUBLIC,
    language: str = "en",
) -> dict[str, Any]:
    """The handler's updates by element id."""
    _, show = _page(database, caller, visibility, language)
    updates = show(*(values or ("", "", "", False)), gr.Request())
    return {component.elem_id: update for component, update in updates.items()}


def test_both_languages_have_the_same_sentences_with_the_same_figures() -> None:
    def figures(sentence: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(sentence)}

    assert list(TEXTS["en"]) == list(TEXTS["zh"])
    for key, sentence in ENGLISH.items():
        assert figures(sentence) - {None} == figures(TEXTS["zh"][key]) - {None}, key


def test_every_sentence_is_used_by_the_page() -> None:
    code = "".join(
        (WEB / part).read_text(encoding="utf-8")
        for part in ("pages/leaderboard.py", "widgets/board.py")
    )

    for key in (key for key in ENGLISH if key.startswith("leaderboard.")):
        assert key.rsplit(".", 1)[-1] in code or key.startswith(
            ("leaderboard.state.", "leaderboard.reason.", "leaderboard.not_")
        ), key


def test_before_the_first_request_the_page_holds_no_model(database: Database) -> None:
    seed_votes(database, wins=2)

    page, _ = _page(database, None, Visibility.PUBLIC)

    assert "alpha" not in json.dumps(page.get_config_file(), default=str)


def test_bars_are_integers_that_add_up_to_100_weakest_first(database: Database) -> None:
    seed_votes(database, models=("alpha", "beta"), wins=2, losses=1)
    seed_votes(database, models=("alpha", "gamma"), wins=1, losses=7)

    html = _html(database, "alpha")

    assert re.findall(r'aria-label="([^"]+)"', html) == [
        "Against Name of gamma: 13 % win, 87 % lose, 8 decisive votes",
        "Against Name of beta: 67 % win, 33 % lose, 3 decisive votes",
    ]
    assert 'style="width:12.50%">13</span>' in html


def test_the_rate_never_stands_without_counts_tie_rate_interval_and_state(
    database: Database,
) -> None:
    seed_votes(database, wins=20, losses=10, ties=8, both_bad=2)

    text = _text(_html(database, "alpha"))

    assert "Name of beta 66.7 % 48.8–80.8 20 10 8 2 25.0 % 30 preliminary" in text
    assert "95 %, naive" in text


def test_few_votes_are_faint_and_say_so(database: Database) -> None:
    seed_votes(database, wins=3)

    html = _html(database, "alpha")

    assert "lb-bar lb-faint" in html
    assert "too few" in html
    assert 'style="width:100.00%">100</span>' in html
    assert "width:0" not in html


def test_a_pair_with_ties_alone_has_no_bar_and_no_number(database: Database) -> None:
    seed_votes(database, ties=3)

    html = _html(database, "alpha")

    assert 'class="lb-none">no decisive votes<' in html
    assert "lb-lose" not in html.split("lb-bars")[1]


def test_all_models_show_pooled_and_mean_and_a_panel_each(database: Database) -> None:
    seed_votes(database, models=("alpha", "beta"), wins=3, losses=1)
    seed_votes(database, models=("alpha", "gamma"), losses=1)
    seed_battle(database, failing=0, state=BattleState.VOID)

    text = _text(_html(database))

    assert "Name of alpha 60.0 % 23.1–88.2 37.5 % 3 2 0 0 0.0 % 5 too few 0 1 / 6" in text
    assert _html(database).count('class="lb-figure"') == 3


def test_many_models_ask_for_a_baseline_instead_of_a_wall_of_panels(database: Database) -> None:
    for number in range(PANELS_AT_ONCE + 1):
        seed_vote(database, models=(f"m{number}", f"m{number + 1}"))

    html = _html(database)

    assert "lb-figure" not in html
    assert "Choose a model above" in html


def test_what_was_left_out_is_said_with_its_reasons(database: Database) -> None:
    seed_votes(database, wins=2)
    seed_vote(database, recognised=True, reply_flags={0: [FlagKind.TRUNCATED]})

    out, included = _text(_html(database)), _text(_html(database, include_flagged=True))

    assert "Votes: 2 · Models: 2 · Flagged comparisons left out: 1 (annotator recognised" in out
    assert "reply cut at its length limit: 1)" in out
    assert "Votes: 3 · Models: 2 · Flagged comparisons included: 1" in included


def test_mixed_configurations_are_named(database: Database) -> None:
    seed_vote(database)
    seed_vote(database, fingerprint="2")

    assert "configuration changed" in _html(database)


def test_names_from_outside_cannot_become_markup(database: Database) -> None:
    seed_vote(database, models=('<img src=x onerror="alert(1)">', "beta"))

    for html in (_html(database), _html(database, '<img src=x onerror="alert(1)">')):
        assert "<img" not in html
        assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;" in html
        assert not re.search(r'aria-label="[^"]*<', html)


def test_each_empty_board_has_its_own_sentence(database: Database) -> None:
    assert "No votes yet" in _html(database)
    seed_vote(database, recognised=True, category="math")
    assert "Tick «Include flagged votes»" in _html(database)
    assert "No votes match these filters." in _html(database, category="coding")


def test_a_baseline_without_votes_under_the_filter_says_so(database: Database) -> None:
    seed_vote(database)

    assert "No votes match these filters." in _html(database, "unseen")


def test_the_page_fills_its_filters_and_its_board(database: Database) -> None:
    seed_votes(database, wins=2, category="math")
    seed_vote(database, language="zh")

    shown = _shown(database)

    assert shown["leaderboard-filters"]["visible"] is True
    assert shown["leaderboard-baseline"]["choices"] == [
        ("All", ""),
        ("Name of alpha", "alpha"),
        ("Name of beta", "beta"),
    ]
    assert shown["leaderboard-category"]["choices"] == [("All", ""), ("math", "math")]
    assert shown["leaderboard-language"]["choices"] == [("All", ""), ("en", "en"), ("zh", "zh")]
    assert "Votes: 3" in shown["leaderboard-board"]


def test_a_chosen_value_stays_chosen_and_filters_the_board(database: Database) -> None:
    seed_votes(database, wins=2, category="math")
    seed_vote(database, models=("gamma", "delta"))

    shown = _shown(database, "gamma", "math", "", True)

    assert shown["leaderboard-baseline"]["value"] == "gamma"
    assert ("gamma", "gamma") in shown["leaderboard-baseline"]["choices"]
    assert shown["leaderboard-category"]["value"] == "math"
    assert "No votes match these filters." in shown["leaderboard-board"]


@pytest.mark.parametrize(
    ("visibility", "caller", "sentence"),
    [
        (Visibility.ANNOTATORS, None, "Sign in to see it."),
        (Visibility.ADMINS, ANNOTATOR, "Only admins can see it"),
    ],
)
def test_who_may_not_read_gets_a_sentence_and_no_data(
    database: Database, visibility: Visibility, caller: Caller | None, sentence: str
) -> None:
    seed_votes(database, wins=2)

    shown = _shown(database, "alpha", "", "", False, caller=caller, visibility=visibility)

    assert sentence in shown["leaderboard-board"]
    assert shown["leaderboard-filters"]["visible"] is False
    assert set(shown) == {"header", "leaderboard-filters", "leaderboard-board"}
    assert "Name of" not in str(shown)


def test_an_admin_reads_it_in_chinese(database: Database) -> None:
    seed_votes(database, wins=1)

    shown = _shown(database, caller=ADMIN, visibility=Visibility.ADMINS, language="zh")

    assert "投票：1" in shown["leaderboard-board"]
    assert shown["leaderboard-baseline"]["label"] == "模型"
