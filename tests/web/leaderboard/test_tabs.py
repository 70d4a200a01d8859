"""Pieces of the board: no exception and no number that looks surer than the votes are."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

import arena.web
from arena.domain.battle import BattleState
from arena.domain.board import EXCLUDING_FLAGS, FILTER_FIELDS, BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.errors import Refusal
from arena.domain.reply import FlagKind
from arena.domain.verdict import Verdict
from arena.domain.visibility import Visibility
from arena.services.board.leaderboard import Leaderboards
from arena.statistics.win_rate import Record
from arena.storage.database import Database
from arena.web.common.texts import load_texts
from arena.web.leaderboard.body import board_body
from arena.web.leaderboard.parts.filters import filter_form
from arena.web.leaderboard.parts.numbers import whole_percents
from arena.web.leaderboard.parts.scale import scale_of
from arena.web.leaderboard.query import BoardQuery, Tab
from arena.web.leaderboard.reader import BoardReader
from arena.web.leaderboard.view import PANELS_AT_ONCE, BoardView
from tests.builders import ADMIN, seed_battle, seed_farm, seed_vote, seed_votes
from tests.fakes.board_statistics import completed, statistics_of

TEXTS = load_texts().by_language
NASTY = '<img src=x onerror="alert(1)">'


def view_of(
    database: Database,
    tab: Tab = Tab.RATES,
    baseline: str | None = None,
    *,
    language: str = "en",
    waiting: bool = False,
    **chosen: object,
) -> BoardView:
    """The board as an admin sees it, with its statistics unless it is `waiting` for them."""
    reader = BoardReader(
        leaderboards=Leaderboards(database, visibility=Visibility.ADMINS),
        statistics=statistics_of(database, Visibility.ADMINS),
    )
    query = BoardQuery(
        tab=tab,
        baseline=ModelKey(baseline) if baseline else None,
        filter=replace(BoardFilter(), **chosen),  # type: ignore[arg-type]
    )
    counted = reader.counted(ADMIN, query, TEXTS[language])
    return counted if waiting else asyncio.run(completed(reader, ADMIN, counted))


def text_of(html: str) -> str:
    """What a person reads."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def row_of(html: str, name: str, table: str) -> str:
    """The row of a table that begins with a name, as text."""
    (inside,) = re.findall(rf'<table class="lb-table" id="{table}">(.*?)</table>', html)
    rows = [text_of(row) for row in re.findall(r"<tr[ >].*?</tr>", inside.split("<tbody>")[1])]
    (row,) = [row for row in rows if row.startswith(name)]
    return row.removeprefix(name).strip()


def varied_votes(
    database: Database, pair: tuple[str, str], votes: int, *, won: int = 2, annotators: int = 10
) -> None:
    """`won` of 3 votes for the first model, each on another prompt, sides exchanged."""
    with database.writing() as connection:
        for number in range(votes):
            first_wins = number % 3 < won
            exchanged = number % 2 == 1
            seed_vote(
                connection,
                Verdict.A_BETTER if first_wins != exchanged else Verdict.B_BETTER,
                models=pair[::-1] if exchanged else pair,
                annotator=f"annotator-{number % annotators}",
                prompts=(f"prompt {number // 2}",),
            )


def unbeaten(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 40)
    varied_votes(database, ("gamma", "alpha"), 40, won=3)


def disconnected(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 60)
    varied_votes(database, ("gamma", "delta"), 40)


def one_annotator(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 60, annotators=1)


def no_decisive_vote(database: Database) -> None:
    seed_votes(database, ties=30, both_bad=8)


def one_side_only(database: Database) -> None:
    for number in range(40):
        seed_vote(database, annotator=f"annotator-{number % 9}", prompts=(f"prompt {number}",))


def one_vote(database: Database) -> None:
    seed_vote(database)


def all_flagged(database: Database) -> None:
    seed_vote(database, recognised=True)


def only_void(database: Database) -> None:
    seed_battle(database, failing=0, state=BattleState.VOID)


def nothing(database: Database) -> None:
    """An empty board."""


DEGENERATE = (
    *(unbeaten, disconnected, one_annotator, no_decisive_vote, one_side_only),
    *(one_vote, all_flagged, only_void, nothing),
)


@pytest.mark.parametrize("seed", DEGENERATE)
def test_every_tab_of_a_degenerate_board_is_drawn_in_both_languages(
    database: Database, seed: Callable[[Database], None]
) -> None:
    seed(database)
    for tab in Tab:
        for view in (view_of(database, tab, waiting=True), view_of(database, tab)):
            for texts, baseline in product(TEXTS.values(), (None, "alpha", "never heard of")):
                query = view.query.seen_from(ModelKey(baseline) if baseline else None)
                html = board_body(replace(view, texts=texts, query=query))
                assert "None" not in html
                assert "nan" not in text_of(html).lower().split()
                assert "{" not in html


def test_an_unbeaten_model_has_words_in_place_of_a_rating(database: Database) -> None:
    unbeaten(database)

    row = row_of(board_body(view_of(database, Tab.RATINGS)), "Name of gamma", "ratings")

    assert row.startswith("– – – unbeaten: no finite rating")


def test_a_model_without_a_chain_of_votes_to_the_others_is_not_connected(
    database: Database,
) -> None:
    disconnected(database)

    html = board_body(view_of(database, Tab.RATINGS))

    for name in ("Name of gamma", "Name of delta"):
        assert row_of(html, name, "ratings").startswith("– – – not connected: no rating")
    assert "any number would be an assumption" in html


def test_the_votes_of_one_annotator_hold_for_that_one_only(database: Database) -> None:
    one_annotator(database)

    rates = text_of(board_body(view_of(database, Tab.RATES, "alpha")))
    quality = text_of(board_body(view_of(database, Tab.QUALITY)))

    assert "for this one annotator only" in rates
    assert "established" not in rates.split("What the columns mean")[0]
    assert "No alpha: only one person voted." in quality


def test_without_a_decisive_vote_there_is_no_rate(database: Database) -> None:
    no_decisive_vote(database)

    html = board_body(view_of(database, Tab.RATES, "alpha"))

    assert 'class="lb-none">no decisive votes<' in html
    assert 'class="lb-win" style' not in html
    assert row_of(html, "Name of beta", "pairs-0").startswith(
        "– – 0 0 30 8 100.0 % 0 0 0 ○ too few"
    )
    matrix = board_body(view_of(database, Tab.MATRIX))
    assert "%" not in "".join(re.findall(r"<td[^>]*>([^<]*)</td>", matrix))


def test_votes_on_one_side_only_say_that_the_side_cannot_be_told_from_strength(
    database: Database,
) -> None:
    one_side_only(database)

    assert "Cannot be adjusted for strength" in board_body(view_of(database, Tab.QUALITY))
    rates = board_body(view_of(database, Tab.RATES, "alpha"))
    assert 'style="width:100.00%">100</span>' in rates
    assert re.search(r"100\.0 % \d+\.\d–100\.0", text_of(rates))


def test_too_few_votes_are_faint_hatched_and_in_brackets(database: Database) -> None:
    seed_votes(database, wins=3, losses=2, category="math")

    rates = board_body(view_of(database, Tab.RATES, "alpha"))

    assert "lb-bar lb-faint" in rates
    assert '<tr class="lb-faint">' in rates
    assert "lb-whisker" not in rates.split("lb-bars")[1]
    assert '<td class="few"' in board_body(view_of(database, Tab.MATRIX))
    assert "(60)" in board_body(view_of(database, Tab.CATEGORIES))
    ratings = board_body(view_of(database, Tab.RATINGS))
    assert "too few votes for an interval" in row_of(ratings, "Name of alpha", "ratings")


@pytest.mark.parametrize("tab", [Tab.RATES, Tab.MATRIX])
def test_while_waiting_no_interval_is_shown_and_no_state_but_too_few(
    database: Database, tab: Tab
) -> None:
    varied_votes(database, ("alpha", "beta"), 60)

    html = board_body(view_of(database, tab, "alpha", waiting=True)).split("lb-meanings")[0]

    assert not re.search(r"\d–\d", text_of(html).split("Answer A")[0])
    for state in ("preliminary", "established"):
        assert f'lb-state lb-{state}"' not in html


def test_rows_and_columns_stay_when_the_intervals_come(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 60)
    for tab in Tab:
        before, after = (
            board_body(view_of(database, tab, "alpha", waiting=waiting))
            for waiting in (True, False)
        )
        shared = before if tab is not Tab.QUALITY else before.split('id="firmness"')[0]
        for table in re.findall(r'class="lb-table" id="([^"]+)"', shared):
            (old, new) = (
                re.findall(rf'id="{table}">(.*?)</table>', html)[0] for html in (before, after)
            )
            assert old.count("<t") == new.count("<t"), (tab, table)


def test_bars_are_integers_that_add_up_to_100_weakest_first(database: Database) -> None:
    seed_votes(database, models=("alpha", "beta"), wins=2, losses=1)
    seed_votes(database, models=("alpha", "gamma"), wins=1, losses=7)

    html = board_body(view_of(database, Tab.RATES, "alpha"))

    assert re.findall(r'role="img" aria-label="([^"]+)"', html) == [
        "Against Name of gamma: 12 % win, 88 % lose, 8 decisive votes",
        "Against Name of beta: 67 % win, 33 % lose, 3 decisive votes",
    ]
    assert 'style="width:12.50%">12</span>' in html


def test_a_pair_has_the_same_two_integers_in_the_panels_of_both_models() -> None:
    for decisive in range(1, 401):
        for wins in range(decisive + 1):
            record = Record(wins, decisive - wins)
            (win, lose), mirrored = whole_percents(record), whole_percents(record.mirrored)
            assert (lose, win) == mirrored
            assert win + lose == 100
            assert abs(win * decisive - 100 * wins) * 2 <= decisive


@pytest.mark.parametrize(
    ("wins", "losses", "printed"),
    [(90, 52, (63, 37)), (90, 63, (59, 41)), (61, 89, (41, 59))],
)
def test_counts_that_were_published_are_printed_as_rounded_by_hand(
    wins: int, losses: int, printed: tuple[int, int]
) -> None:
    assert whole_percents(Record(wins, losses, ties=70)) == printed


def test_the_rate_never_stands_without_its_counts_interval_and_state(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 60)
    seed_votes(database, ties=8, both_bad=2)

    row = row_of(board_body(view_of(database, Tab.RATES, "alpha")), "Name of beta", "pairs-0")

    assert re.match(
        r"66\.7 % \d\d\.\d–\d\d\.\d 40 20 8 2 14\.3 % 60 10 30 ◐ preliminary 3\d\.\d % n \d+", row
    )


def opinions(database: Database, *, annotators: int = 10, votes: int = 12) -> None:
    """People who differ: most prefer alpha a little, some of them much, and a few beta."""
    for number, vote in product(range(annotators), range(votes)):
        share = (3, 4, 6, 7, 8, 9, 10, 11)[number % 8]
        first_wins, exchanged = vote < share * votes // 12, (number + vote) % 2 == 1
        seed_vote(
            database,
            Verdict.A_BETTER if first_wins != exchanged else Verdict.B_BETTER,
            models=("beta", "alpha") if exchanged else ("alpha", "beta"),
            annotator=f"annotator-{number}",
            prompts=(f"prompt {number} {vote}",),
        )


@pytest.mark.parametrize(
    ("language", "cell", "sentence"),
    [
        (
            "en",
            r"\d+ others × 12 \d+ (to \d+|or more) · same people: cannot",
            r"takes about \d+ other people with 12 decisive votes each, on about [\d,]+ other "
            r"prompts, if the true rate is the 5\d\.\d % seen so far .* The same 10 people cannot,",
        ),
        (
            "zh",
            r"另 \d+ 人 × 12 票 (\d+ 至 \d+|至少 \d+) · 同一批人：无法做到",
            r"约需另外 \d+ 人、每人 12 张分出胜负的票，用约 [\d,]+ 个其他提示"
            r".* 同样这 10 人无论再投多少票都做不到",
        ),
    ],
)
def test_a_plan_names_other_people_their_votes_and_what_the_same_people_can_do(
    database: Database, language: str, cell: str, sentence: str
) -> None:
    opinions(database)

    html = board_body(view_of(database, Tab.RATES, "alpha", language=language))

    assert re.search(cell, row_of(html, "Name of beta", "pairs-0"))
    assert re.search(sentence, text_of(html))


def test_a_plan_of_few_annotators_speaks_of_them_alone(database: Database) -> None:
    opinions(database, annotators=4)

    html = board_body(view_of(database, Tab.RATES, "alpha"))

    assert re.search(
        r"same people: \d+ more each for these annotators only",
        row_of(html, "Name of beta", "pairs-0"),
    )
    text = text_of(html)
    assert re.search(r"Name of beta for these 4 annotators only takes about \d+ decisive", text)
    assert "For people at large no number can be planned" in text


@pytest.mark.parametrize(
    ("language", "fixed", "promise"),
    [
        ("en", "held fixed", "equal among those whom its column names"),
        ("zh", "视为给定", "在该列所指范围内势均力敌"),
    ],
)
def test_a_watched_verdict_says_what_it_holds_fixed(
    language: str, fixed: str, promise: str
) -> None:
    texts = TEXTS[language]
    holding = {
        name: fixed in texts[f"leaderboard.help.{name}"]
        for name in ("verdict_votes", "verdict_annotators", "verdict_prompts", "verdict_both")
    }

    assert list(holding.values()) == [True, True, True, False]
    assert promise in texts["leaderboard.firmness_hint"]


def test_a_verdict_on_too_few_bets_cannot_be_told_and_says_how_many_it_takes(
    database: Database,
) -> None:
    varied_votes(database, ("alpha", "beta"), 60, won=3, annotators=5)

    html = board_body(view_of(database, Tab.QUALITY))

    (row,) = re.findall(r'id="firmness">.*?<tbody>(.*?)</tbody>', html)
    said = text_of(row)
    assert "settled n 60" in said  # by these people on these prompts
    assert "cannot be told n 5, at least 8 needed" in said


def test_the_whisker_stands_where_the_interval_is(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 60)

    view = view_of(database, Tab.RATES, "alpha")
    assert view.rated is not None
    found = next(rate for pair, rate in view.rated.rates.pairs.items() if pair.model == "alpha")

    assert found.interval is not None
    low, width = 100 * found.interval.low, 100 * (found.interval.high - found.interval.low)
    assert f'lb-whisker" style="left:{low:.2f}%;width:{width:.2f}%"' in board_body(view)


def test_many_models_ask_for_one_of_them_instead_of_a_wall_of_panels(database: Database) -> None:
    for number in range(PANELS_AT_ONCE + 1):
        seed_vote(database, models=(f"m{number}", f"m{number + 1}"))

    html = board_body(view_of(database))

    assert "lb-figure" not in html
    assert "Choose a model to see it" in html
    assert 'href="?model=m3" data-board' in html


def test_what_was_left_out_is_said_with_its_reasons(database: Database) -> None:
    seed_votes(database, wins=2)
    seed_vote(database, recognised=True, reply_flags={0: [FlagKind.TRUNCATED]})

    out = text_of(board_body(view_of(database)))
    included = text_of(board_body(view_of(database, include_flagged=True)))

    assert "Votes: 2 · Models: 2 · Flagged comparisons left out: 1 (annotator recognised" in out
    assert "reply cut at its length limit: 1)" in out
    assert "Votes: 3 · Models: 2 · Flagged comparisons included: 1" in included


@pytest.mark.parametrize(
    ("language", "counted", "left_out"),
    [
        ("en", "no rate here is called «established». Leave them out", "70). Count them"),
        ("zh", "没有比率标为“可靠”。 不计入这些投票", "70）。 计入这些投票"),
    ],
)
@pytest.mark.parametrize("tab", Tab)
def test_votes_from_one_address_are_said_and_can_be_left_out(
    database: Database, tab: Tab, language: str, counted: str, left_out: str
) -> None:
    varied_votes(database, ("alpha", "beta"), 30)
    seed_farm(database)

    with_them = board_body(view_of(database, tab, language=language))
    without = board_body(view_of(database, tab, language=language, without_one_address=True))

    assert counted in text_of(with_them)
    assert "140" in text_of(with_them)
    assert 'without=one_address" data-board>' in with_them
    assert left_out in text_of(without)
    assert re.search(r'class="lb-warning".*?<a href="\?[^"]*" data-board>', without)


def test_without_such_votes_nothing_is_said_of_them(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 30)
    assert "lb-warning" not in board_body(view_of(database))


def test_the_filter_form_has_a_box_for_them(database: Database) -> None:
    query = BoardQuery(filter=BoardFilter(without_one_address=True))
    form = filter_form(query, {}, {}, TEXTS["en"])
    assert 'name="without" id="filter-without" value="one_address" checked>' in form
    assert form.count(" checked") == 1


def test_flags_and_void_battles_are_counted_by_model(database: Database) -> None:
    seed_votes(database, wins=2)
    seed_vote(database, Verdict.B_BETTER, recognised=True)
    seed_battle(database, failing=0, state=BattleState.VOID)

    row = row_of(board_body(view_of(database, Tab.QUALITY)), "Name of alpha", "flags")

    assert row.startswith("4 1 25.0 % 1 1 0 0 (100.0 %) too few (66.7 %) too few -33.3")


def test_mixed_configurations_are_named(database: Database) -> None:
    seed_vote(database)
    seed_vote(database, fingerprint="2")

    assert "configuration changed" in board_body(view_of(database))


def test_each_empty_board_has_its_own_sentence(database: Database) -> None:
    assert "No votes yet" in board_body(view_of(database))
    seed_vote(database, recognised=True, category="math")
    assert "Tick «Include flagged votes»" in board_body(view_of(database))
    assert "No votes match these filters." in board_body(view_of(database, category="coding"))


def test_names_from_outside_cannot_become_markup(database: Database) -> None:
    for number in range(40):
        seed_vote(
            database,
            models=(NASTY, "beta"),
            annotator=NASTY,
            category=NASTY,
            prompts=(f"{number}",),
        )
    for tab in Tab:
        view = view_of(database, tab)
        for baseline in (None, ModelKey(NASTY), ModelKey("beta")):
            html = board_body(replace(view, query=view.query.seen_from(baseline)))
            assert "<img" not in html
            assert not re.search(r'="[^"]*<', html), tab


def test_a_scale_has_round_ends_that_hold_everything() -> None:
    scale = scale_of([812.0, 1190.0])
    assert (scale.low, scale.high, scale.step) == (800, 1200, 100)
    assert scale.percent(1000) == 50
    for values in ([], [1000.0], [999.9, 1000.1], [-9e6, 9e6]):
        assert scale_of(values).high > scale_of(values).low


@pytest.mark.parametrize(("prompts", "whom"), [(12, "prompts_like_these"), (3, "these_prompts")])
@pytest.mark.parametrize("language", TEXTS)
def test_the_quality_tab_says_what_an_item_is_and_for_whom_alpha_speaks(
    database: Database, language: str, prompts: int, whom: str
) -> None:
    rivals = ("beta", "gamma", "delta", "epsilon")
    for number, verdict in product(range(12), (Verdict.A_BETTER, Verdict.TIE)):
        seed_vote(
            database,
            verdict if number % 3 else Verdict.TIE,
            models=("alpha", rivals[number // 3]),
            annotator=verdict.value,
            prompts=(f"Prompt {number % prompts}",),
        )

    text = text_of(board_body(view_of(database, Tab.QUALITY, language=language)))

    texts = TEXTS[language]
    assert texts["leaderboard.quality.item"] in text
    assert texts[f"leaderboard.quality.alpha_holds.{whom}"] in text
    assert (texts["leaderboard.quality.no_interval"] in text) == (prompts == 3)


def test_every_sentence_of_the_board_is_used() -> None:
    page = Path(arena.web.__path__[0]) / "leaderboard"
    files = (*page.rglob("*.py"), *page.rglob("*.html"))
    code = "".join(file.read_text(encoding="utf-8") for file in files)
    by_value = re.compile(
        r"leaderboard\.(state|state_help|reason|standing|standing_help|no_alpha|no_adjusted|lead"
        r"|plan|scope_of|quality\.alpha_holds|figure\.(intervals|one_address)_\w+|firmness_of_\w+"
        r"|one_address|filter\.(tab|\w+_hint))\b"
    )
    values = {kind.value for kind in (*EXCLUDING_FLAGS, *Refusal)}
    values |= {field.name + end for field in FILTER_FIELDS for end in ("", "_hint")}

    for key in (key for key in TEXTS["en"] if key.startswith("leaderboard.")):
        name = key.rsplit(".", 1)[1]
        assert name in code or name in values or by_value.match(key), key


def test_intervals_of_few_annotators_say_so_wherever_they_stand(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 90, annotators=4)
    seed_votes(database, wins=1, category="math")
    few = "for these 4 annotators only"

    for tab in (Tab.RATES, Tab.MATRIX, Tab.QUALITY, Tab.CATEGORIES):
        html = board_body(view_of(database, tab, "alpha")).split("lb-meanings")[0]
        assert few in html or "for these 5 annotators only" in html, tab
    assert "hold for these annotators only" in board_body(view_of(database, Tab.RATINGS))


def test_ratings_of_few_annotators_are_marked_in_every_row(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 90, annotators=4)

    html = board_body(view_of(database, Tab.RATINGS))

    for name in ("Name of alpha", "Name of beta"):
        assert row_of(html, name, "ratings").count("†") == 2, "rank and interval"
    assert row_of(html, "Name of alpha", "differences").count("†") == 2, "interval and verdict"


def test_ratings_of_enough_annotators_are_not_marked(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 90)

    html = board_body(view_of(database, Tab.RATINGS)).split("lb-note")[0]

    assert "†" not in html
    assert "‡" not in html


def in_one_order(database: Database) -> None:
    for number in range(200):
        seed_vote(
            database,
            Verdict.A_BETTER if number % 5 < 4 else Verdict.B_BETTER,
            annotator=f"annotator-{number % 10}",
            prompts=(f"prompt {number // 10}",),
        )


def test_votes_in_one_order_say_so_wherever_they_stand(database: Database) -> None:
    in_one_order(database)
    words = "shown in one order only: a lean to one side looks like a lead"

    bodies = {tab: board_body(view_of(database, tab, "alpha")) for tab in Tab}

    for tab in (Tab.RATES, Tab.MATRIX, Tab.RATINGS, Tab.QUALITY):
        assert words in bodies[tab], tab
    rates, ratings = text_of(bodies[Tab.RATES]), bodies[Tab.RATINGS]
    assert "Pairs marked ‡ (on this board: 1) were shown in one order" in rates
    assert "no number: one order" in rates
    assert "● established" not in rates
    assert row_of(ratings, "Name of alpha", "ratings").startswith("1–2 ‡")
    assert row_of(ratings, "Name of alpha", "differences").endswith("cannot be told: one order")
    assert "balanced by construction" not in text_of(bodies[Tab.QUALITY])


def test_votes_in_both_orders_are_said_to_favour_no_model(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 240)

    text = text_of(board_body(view_of(database, Tab.RATES, "alpha")))

    assert "Pairs marked ‡ (on this board: 0)" in text
    assert "told apart" in text
    assert "of boards of equal models at most 5 % have any such pair" in text


def test_differences_are_of_all_pairs_of_neighbours_or_of_one_model(database: Database) -> None:
    def rows(baseline: str | None = None) -> int:
        html = board_body(view_of(database, Tab.RATINGS, baseline))
        (table,) = re.findall(r'<table class="lb-table" id="differences">(.*?)</table>', html)
        return len(re.findall("<tr", table)) - 1

    names = [f"m{number}" for number in range(3)]
    for place, name in enumerate(names):
        varied_votes(database, (name, names[place - 1]), 40)
    assert (rows(), rows("m1")) == (3, 2)
    for number in range(3, 8):
        varied_votes(database, (f"m{number}", "m0"), 40)
    assert (rows(), rows("m1")) == (7, 7)


def test_a_difference_is_the_same_from_both_sides(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 240)

    one, other = (
        row_of(board_body(view_of(database, Tab.RATINGS, key)), f"Name of {key}", "differences")
        for key in ("alpha", "beta")
    )

    assert re.fullmatch(r"Name of beta \+120 \+\d+ … \+\d+ 66\.7 % told apart", one)
    assert re.fullmatch(r"Name of alpha −120 −\d+ … −\d+ 33\.3 % told apart", other)


def test_one_decisive_vote_is_one_decisive_vote(database: Database) -> None:
    seed_vote(database)

    html = board_body(view_of(database, Tab.RATES, "alpha"))

    assert 'Against Name of beta: 100 % win, 0 % lose, 1 decisive vote"' in html


@pytest.mark.parametrize("baseline", [None, "m1"])
@pytest.mark.parametrize("models", [3, 8])
def test_differences_and_notes_keep_their_room_while_they_are_computed(
    database: Database, baseline: str | None, models: int
) -> None:
    for number in range(1, models):
        varied_votes(database, (f"m{number}", "m0"), 40)

    before, after = (
        board_body(view_of(database, Tab.RATINGS, baseline, waiting=waits))
        for waits in (True, False)
    )

    assert before.count("<tr") == after.count("<tr")
    computing = 1  # the line that says so
    assert before.count("lb-note") - computing == after.count("lb-note")


def uneven_opponents(database: Database) -> None:
    """gpt-4 beats claude, claude beats llama, and llama beats two tiny models."""
    seed_votes(database, models=("gpt-4", "claude"), wins=110, losses=90)
    seed_votes(database, models=("claude", "llama"), wins=85, losses=15)
    for tiny in ("tiny-a", "tiny-b"):
        seed_votes(database, models=("llama", tiny), wins=80, losses=20)


def test_the_page_says_that_pooled_rate_mean_and_rating_order_the_models_differently(
    database: Database,
) -> None:
    uneven_opponents(database)
    for tab in (Tab.RATES, Tab.MATRIX, Tab.RATINGS):
        page = text_of(board_body(view_of(database, tab))).replace("Name of ", "")
        assert "Pooled rate, mean over opponents and rating order the models differently." in page
        assert (
            "First is claude, llama by the pooled rate, claude by the mean over opponents, "
            "gpt-4 by the rating."
        ) in page
        waiting = text_of(board_body(view_of(database, tab, waiting=True)))
        assert "the rating is being computed" in waiting


def test_rates_that_differ_are_said_to_before_the_rating_is_known(database: Database) -> None:
    seed_votes(database, models=("gpt-4", "claude"), wins=46, losses=34)
    for better, worse in (("claude", "llama"), ("llama", "tiny-a"), ("llama", "tiny-b")):
        seed_votes(database, models=(better, worse), wins=24, losses=6)
    seed_votes(database, models=("newcomer", "tiny-a"), wins=1)
    waiting = text_of(board_body(view_of(database, waiting=True))).replace("Name of ", "")
    assert (
        "First is llama by the pooled rate, claude by the mean over opponents, … by the rating."
    ) in waiting


def test_measures_that_agree_are_said_to_and_two_models_need_no_sentence(
    database: Database,
) -> None:
    varied_votes(database, ("alpha", "beta"), 60)
    assert "lb-orders" not in board_body(view_of(database))
    varied_votes(database, ("beta", "gamma"), 60)
    varied_votes(database, ("alpha", "gamma"), 60)
    assert "order the models alike, as far" in board_body(view_of(database))
    assert "the rating is being computed" in board_body(view_of(database, waiting=True))
    assert "lb-orders" not in board_body(view_of(database, baseline="alpha"))
    assert "lb-orders" not in board_body(view_of(database, Tab.QUALITY))
