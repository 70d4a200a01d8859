"""Whole campaigns: 60 prompts (12 in `make test`), four models, nine annotators, both protocols."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.campaign_run import MODELS, SECRETS, CampaignRun, models_file
from tests.e2e.form_annotators import FormAnnotator
from tests.e2e.keyboard_annotator import KeyboardAnnotator, Pace
from tests.e2e.proxy import RecordingProxy
from tests.e2e.recounts import fair_sides, recounted, skeleton
from tests.e2e.sentinels import leaks
from tests.e2e.serving import ServedArena
from tests.endurance import FACTOR

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

PROMPTS = 12 if FACTOR == 1 else 60
CHECKS = 4
OVERLAP = 2
BY_FORMS = 8
PEOPLE = BY_FORMS + 1
PROTOCOLS: Mapping[str, Mapping[str, Any]] = {
    "pairwise": {"protocol": {"kind": "pairwise", "strength": True}, "reveal": "after_vote"},
    "all-at-once": {"protocol": {"kind": "all_at_once"}, "reveal": "never"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A campaign that was judged to its end."""

    name: str
    run: CampaignRun
    generated: list[dict[str, Any]]
    by_forms: list[FormAnnotator]
    by_keyboard: KeyboardAnnotator
    received: bytes

    @property
    def pairwise(self) -> bool:
        """Whether two replies were judged at a time."""
        return self.name == "pairwise"

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what a query finds; `:campaign` is the campaign's number."""
        number = self.run.arena.value("SELECT id FROM campaigns WHERE name = ?", self.name)
        return self.run.arena.rows(sql.replace(":campaign", str(number)))


@pytest.fixture(scope="module")
def run(serve: Callable[..., ServedArena], tmp_path_factory: pytest.TempPathFactory) -> CampaignRun:
    """Serve an arena, and be its researcher."""
    arena = serve("campaign-run", models_file())
    return CampaignRun(arena, tmp_path_factory.mktemp("researcher"), prompts=PROMPTS)


@pytest.fixture(scope="module", params=PROTOCOLS)
def played(request: pytest.FixtureRequest, run: CampaignRun, browser: Browser) -> Played:
    """Judge a whole campaign: eight people by forms, one in a browser by keyboard."""
    name = request.param
    generated = run.opened(name, PEOPLE, **PROTOCOLS[name])
    *links, last = run.links(name, PEOPLE)
    people = [
        FormAnnotator(link, Random(number), _said, {"answer-first_language": language})
        for number, (link, language) in enumerate(zip(links, _languages(), strict=True))
    ]
    with RecordingProxy(run.arena.port).running() as proxy:
        keyboard = KeyboardAnnotator(browser, last.replace(run.arena.address, proxy.address))
        with ThreadPoolExecutor(BY_FORMS) as together:
            keyboard.judge(3)
            running = [together.submit(one.run) for one in people]
            keyboard.judge()
            judged = [one.result() for one in running]
        keyboard.close()
        received = proxy.received()
    return Played(
        name=name,
        run=run,
        generated=generated,
        by_forms=judged,
        by_keyboard=keyboard,
        received=received,
    )


def _languages() -> list[str]:
    return ["English"] * 4 + ["Chinese"] * 3 + ["other"]


def _said(form: str, random: Random) -> dict[str, str]:
    """Return a ballot by chance: a verdict, or ranks with ties."""
    slots = sorted(set(re.findall(r'name="rank-(\w)"', form)))
    if slots:
        return {f"rank-{slot}": str(random.randint(1, len(slots))) for slot in slots}
    return {"verdict": random.choice(re.findall(r'name="verdict" value="([\w:]+)"', form))}


def test_every_model_answered_and_the_second_campaign_asked_nobody(played: Played) -> None:
    turns = played.rows(
        """SELECT count(*), sum(trim(text) <> '') FROM campaign_replies
        JOIN replies ON replies.id = reply_id WHERE campaign_id = :campaign"""
    )
    assert turns[0][0] == turns[0][1] >= PROMPTS * len(MODELS)
    assert [one["key"] for one in played.generated] == list(MODELS)
    if played.run.arena.value("SELECT count(*) FROM campaigns") > 1:
        assert {one["requests"] for one in played.generated} == {0}


def test_every_item_is_judged_as_often_as_wanted_and_by_different_people(played: Played) -> None:
    judged = played.rows(
        """SELECT items.prompt, items.models, annotator_id FROM assignments
        JOIN items ON items.id = item_id
        JOIN campaign_prompts ON number = items.prompt
            AND campaign_prompts.campaign_id = items.campaign_id
        WHERE items.campaign_id = :campaign AND kind = 'judged' AND repeat_of IS NULL
            AND state = 'judged'"""
    )
    people = defaultdict(list)
    for prompt, models, annotator in judged:
        people[(prompt, models)].append(annotator)

    positions = range(len(MODELS))
    pairs = [f"{one} {other}" for one, other in combinations(positions, 2)]
    models = pairs if played.pairwise else [" ".join(map(str, positions))]
    prompts = {prompt for prompt, _ in people}
    assert len(prompts) == PROMPTS
    assert people.keys() == {(prompt, one) for prompt in prompts for one in models}
    assert all(len(them) == len(set(them)) == OVERLAP for them in people.values())
    reserved = (
        "SELECT count(*) FROM assignments JOIN items ON items.id = item_id "
        "WHERE campaign_id = :campaign AND state = 'reserved'"
    )
    assert played.rows(reserved) == [(0,)]


def test_everybody_was_told_that_nothing_is_left(played: Played) -> None:
    assert all('data-why="finished"' in one.last for one in played.by_forms)
    assert 'data-why="finished"' in played.by_keyboard.last
    assert all(one.judged for one in played.by_forms)
    assert len(played.by_keyboard.pages) >= 3


def test_sides_are_balanced(played: Played) -> None:
    orderings = played.rows(
        """SELECT ordering FROM assignments JOIN items ON items.id = item_id
        WHERE campaign_id = :campaign AND models <> '' AND repeat_of IS NULL
            AND state = 'judged'"""
    )
    assert fair_sides([ordering for (ordering,) in orderings], pairwise=played.pairwise)


def test_repeats_exchange_the_sides_and_everybody_gets_each_check_item_once(
    played: Played,
) -> None:
    repeats = played.rows(
        """SELECT again.ordering, first.ordering FROM assignments AS again
        JOIN assignments AS first ON first.id = again.repeat_of
        JOIN items ON items.id = again.item_id WHERE campaign_id = :campaign"""
    )
    assert all(again.split() == first.split()[::-1] for again, first in repeats)
    if len(_by_purpose(played, "judged")) > 100:
        assert 0.02 < len(repeats) / len(_by_purpose(played, "judged")) < 0.1

    checks = Counter(_by_purpose(played, "check"))
    assert set(checks) == set(_by_purpose(played, "judged"))
    assert set(checks.values()) == {CHECKS}


def _by_purpose(played: Played, purpose: str) -> list[Any]:
    found = played.rows(
        "SELECT annotator_id FROM battles WHERE campaign_id = :campaign AND state = 'voted' "
        f"AND purpose = '{purpose}'"
    )
    return [annotator for (annotator,) in found]


def test_the_board_is_a_recount_of_the_exported_comparisons(played: Played) -> None:
    rows = played.run.exported("comparisons", played.name)
    board = played.run.board(played.name)

    assert len(rows) == PROMPTS * OVERLAP * 6
    recount = recounted(rows)
    assert board["votes"] == recount.votes
    assert {row["model"]: _counts(row) for row in board["model_rates"]} == recount.of_models
    found = {(row["model"], row["opponent"]): _counts(row) for row in board["pairs"]}
    assert found == recount.of_pairs
    for row in (*board["model_rates"], *board["pairs"]):
        won, lost, _ = _counts(row)
        assert row.get("rate", row.get("pooled_rate")) == won / (won + lost)


def _counts(row: Mapping[str, Any]) -> tuple[int, int, int]:
    return row["wins"], row["losses"], row["ties"] + row["both_bad"]


def test_no_response_before_a_vote_names_a_model_or_a_source(played: Played) -> None:
    for one in played.by_forms:
        for judged in one.judged:
            headers = "\n".join(f"{name}: {text}" for name, text in judged.before.headers.items())
            assert leaks(f"{headers}\n{judged.before.text}".encode(), SECRETS) == []
    for page in (*played.by_keyboard.pages, *played.by_keyboard.kept):
        assert leaks(page.encode(), SECRETS) == []


def test_the_reveal_is_what_the_file_says(played: Played) -> None:
    after = "".join(judged.after.text for one in played.by_forms for judged in one.judged)
    if played.pairwise:
        assert {f"{key} (plain)" for key in MODELS} <= set(leaks(after.encode(), MODELS))
    else:
        assert leaks(after.encode(), SECRETS) == []
        assert leaks(played.received, SECRETS) == []


def test_nothing_around_the_replies_depends_on_which_is_where(played: Played) -> None:
    """All pages are alike once prompt, replies, progress and random ids are taken out."""
    pages = [judged.before.text for one in played.by_forms for judged in one.judged]
    kinds = defaultdict(set)
    for page in [*pages, *played.by_keyboard.pages]:
        slots, turns = page.count('class="slot"'), page.count('class="prompt-bar"')
        kinds[slots, turns, page in played.by_keyboard.pages].add(skeleton(page))

    assert {kind: len(found) for kind, found in kinds.items()} == dict.fromkeys(kinds, 1)


def test_an_item_takes_few_keys_and_little_time_besides_reading(played: Played) -> None:
    pace = played.by_keyboard.pace
    print(f"{played.name}: {_described(pace)}")
    assert pace.keys_per_item <= (3 if played.pairwise else 6)


def _described(pace: Pace) -> str:
    return (
        f"{pace.items} items by keyboard, {pace.keys_per_item:.1f} keys and "
        f"{pace.median_s:.2f} s an item (median; {pace.worst_s:.2f} s at most)"
    )
