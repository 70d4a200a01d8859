"""The vote over plain HTTP: once, by the right person, at the right time, or not at all."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest

from arena.web.common.texts import load_texts
from tests.e2e.bestiary import IN_CHINESE, QUICK, SLOW
from tests.e2e.browsing import VOTES
from tests.e2e.driver import Event, HttpAnnotator
from tests.e2e.serving import ServedArena

ALREADY = "already has a vote"
WORDS = load_texts().by_language["en"]
OUTDATED = WORDS["error.page_outdated"]


@pytest.fixture
def ada(arena: ServedArena) -> Iterator[HttpAnnotator]:
    with HttpAnnotator(arena.address) as annotator:
        annotator.load()
        yield annotator


@pytest.fixture
def bob(arena: ServedArena) -> Iterator[HttpAnnotator]:
    with HttpAnnotator(arena.address) as annotator:
        annotator.load()
        yield annotator


def newest_battle(arena: ServedArena) -> tuple[str, str]:
    """Id and state."""
    ((battle_id, state),) = arena.rows(
        "SELECT id, state FROM battles ORDER BY created_at DESC LIMIT 1"
    )
    return battle_id, state


def votes_for(arena: ServedArena, battle_id: str) -> list[str]:
    rows = arena.rows("SELECT verdict FROM votes WHERE battle_id = ?", battle_id)
    return [verdict for (verdict,) in rows]


def contradictory(number: int) -> list[Event]:
    return [Event(VOTES[index % len(VOTES)]) for index in range(number)]


def test_of_fifty_contradictory_votes_at_once_from_one_tab_one_is_stored(
    arena: ServedArena, ada: HttpAnnotator
) -> None:
    ada.fire("send", prompt=QUICK)
    battle_id, state = newest_battle(arena)
    assert state == "complete"

    outcomes = ada.fire_all(contradictory(50))

    stored = votes_for(arena, battle_id)
    assert len(stored) == 1
    assert len(outcomes) == 50
    assert all(outcome.succeeded for outcome in outcomes)
    assert [outcome for outcome in outcomes if outcome.revealed]
    refused = [outcome.refusal for outcome in outcomes if not outcome.revealed]
    assert len(refused) == 49
    assert all(ALREADY in sentence for sentence in refused)
    shown = next(outcome for outcome in outcomes if outcome.revealed).text("view")
    assert WORDS[f"vote.{stored[0]}"] in shown


def test_of_fifty_contradictory_votes_from_five_tabs_one_is_stored(
    arena: ServedArena, ada: HttpAnnotator
) -> None:
    ada.fire("send", prompt=QUICK)
    battle_id, _ = newest_battle(arena)
    with ExitStack() as open_tabs:
        tabs = [open_tabs.enter_context(ada.another_tab()) for _ in range(5)]
        for tab in tabs:
            tab.load()
        with ThreadPoolExecutor(len(tabs)) as people:
            each = list(people.map(lambda tab: tab.fire_all(contradictory(10)), tabs))

    outcomes = [outcome for of_one in each for outcome in of_one]
    assert len(votes_for(arena, battle_id)) == 1
    assert len(outcomes) == 50
    assert sum(outcome.revealed for outcome in outcomes) == 1
    assert sum(ALREADY in outcome.refusal for outcome in outcomes) == 49


def test_no_vote_and_no_follow_up_lands_on_a_turn_that_another_tab_has_added(
    arena: ServedArena, ada: HttpAnnotator
) -> None:
    ada.fire("send", prompt=QUICK)
    battle_id, _ = newest_battle(arena)
    with ada.another_tab() as tab:
        tab.load()
        assert tab.fire("send", prompt=IN_CHINESE).succeeded

        late = [ada.fire(vote) for vote in VOTES]
        asked = ada.fire("send", prompt=IN_CHINESE)

        assert {outcome.refusal for outcome in (*late, asked)} == {OUTDATED}
        assert votes_for(arena, battle_id) == []
        turns = "SELECT count(*) FROM turns WHERE battle_id = ?"
        assert arena.value(turns, battle_id) == 2
        ada.load()
        assert ada.fire("vote-tie").revealed
        assert ALREADY in tab.fire("vote-a-better").refusal


@pytest.mark.parametrize(
    ("ends", "sentence"), [("vote-tie", "already has a vote"), ("new-battle", "is closed")]
)
def test_a_follow_up_to_a_battle_that_another_tab_has_ended_begins_no_other_one(
    arena: ServedArena, ada: HttpAnnotator, ends: str, sentence: str
) -> None:
    ada.fire("send", prompt=QUICK)
    with ada.another_tab() as tab:
        tab.load()
        tab.fire(ends)
        tab.fire("send", prompt=QUICK)
        begun = arena.value("SELECT count(*) FROM battles")

        late = ada.fire("send", prompt="Make it shorter")

        assert sentence in late.refusal
        assert late.outputs.get("prompt") != "", "the text stays in its box"
        assert arena.value("SELECT count(*) FROM battles") == begun


def test_whoever_has_voted_begins_the_next_battle_with_the_next_prompt(
    arena: ServedArena, ada: HttpAnnotator
) -> None:
    ada.fire("send", prompt=QUICK)
    before, _ = newest_battle(arena)
    assert ada.fire("vote-tie").revealed
    assert ada.fire("send", prompt=QUICK).refusal == ""
    assert newest_battle(arena)[0] != before


def test_a_vote_while_the_models_answer_is_refused_and_the_battle_goes_on(
    arena: ServedArena, ada: HttpAnnotator
) -> None:
    asked = Event("send", {"prompt": SLOW})
    sent, vote = ada.fire_all([asked], meanwhile=[Event("vote-a-better")])

    assert "when both answers are complete" in vote.refusal
    assert not vote.revealed
    assert sent.succeeded
    battle_id, state = newest_battle(arena)
    assert state == "complete"
    assert votes_for(arena, battle_id) == []
    assert ada.fire("vote-a-better").revealed


def test_a_vote_on_a_stopped_battle_is_refused(arena: ServedArena, ada: HttpAnnotator) -> None:
    ada.fire_all([Event("send", {"prompt": SLOW})], meanwhile=[Event("stop")])

    vote = ada.fire("vote-tie")

    battle_id, state = newest_battle(arena)
    assert state == "stopped"
    assert vote.refusal
    assert not vote.revealed
    assert votes_for(arena, battle_id) == []


def test_a_vote_after_the_reveal_changes_nothing(arena: ServedArena, ada: HttpAnnotator) -> None:
    ada.fire("send", prompt=QUICK)
    before = dict(ada.hidden)
    assert ada.fire("vote-a-better").revealed

    late = ada.fire("vote-b-better", recognised=True)
    later = ada.fire("vote-b-better", recognised=True, **before)

    battle_id, state = newest_battle(arena)
    assert late.refusal == OUTDATED
    assert ALREADY in later.refusal
    assert (votes_for(arena, battle_id), state) == (["a_better"], "voted")
    assert (
        arena.value(
            "SELECT count(*) FROM flags JOIN votes ON vote_id = votes.id WHERE battle_id = ?",
            battle_id,
        )
        == 0
    )


def test_another_annotator_cannot_act_on_a_battle_even_in_the_owners_session(
    arena: ServedArena, ada: HttpAnnotator, bob: HttpAnnotator
) -> None:
    ada.fire("send", prompt=QUICK)
    battle_id, _ = newest_battle(arena)
    thief = HttpAnnotator(arena.address, cookies=bob.http.cookies, session_hash=ada.session_hash)
    with thief:
        for target in ("vote-a-better", "retry", "continue", "stop"):
            thief.hidden |= ada.hidden
            outcome = thief.fire(target)
            assert "belongs to another annotator" in outcome.refusal
            assert not outcome.revealed

    assert newest_battle(arena) == (battle_id, "complete")
    assert votes_for(arena, battle_id) == []
    assert ada.fire("vote-tie").revealed


def test_a_battle_id_that_a_client_sends_is_not_believed(
    arena: ServedArena, ada: HttpAnnotator, bob: HttpAnnotator
) -> None:
    ada.fire("send", prompt=QUICK)
    battle_id, _ = newest_battle(arena)

    stolen = bob.fire("vote-a-better", **{"battle-shown": ada.hidden["battle-shown"]})
    data = [ada.hidden["battle-shown"], False]
    direct = bob.http.post(
        "/gradio_api/run/vote", json={"data": data, "session_hash": bob.session_hash}
    )

    assert stolen.refusal
    assert "article" not in direct.text
    assert votes_for(arena, battle_id) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/queue/join"),
        ("GET", "/gradio_api/queue/data?session_hash={ada}"),
        ("GET", "/config"),
        ("POST", "/admin/gradio_api/queue/join"),
        ("GET", "/admin/config"),
        ("GET", "/leaderboard"),
        ("GET", "/leaderboard/board?tab=rates"),
    ],
)
def test_nobody_calls_a_handler_without_a_session(
    arena: ServedArena, ada: HttpAnnotator, method: str, path: str
) -> None:
    body = {"data": [], "fn_index": 0, "session_hash": "abc"}
    answer = httpx.request(
        method,
        arena.address + path.format(ada=ada.session_hash),
        json=body if method == "POST" else None,
        trust_env=False,
    )
    assert answer.status_code == 401, answer.text


@pytest.mark.parametrize("route", ["run/vote", "api/send", "call/send", "call/v2/send", "info"])
def test_gradios_other_ways_to_call_a_handler_are_not_there(
    arena: ServedArena, ada: HttpAnnotator, route: str
) -> None:
    body = {"data": [], "fn_index": 0, "session_hash": "abc"}
    for method in ("GET", "POST"):
        answer = ada.http.request(method, f"/gradio_api/{route}", json=body)
        assert answer.status_code == 404, answer.text


def test_an_annotators_session_opens_nothing_of_the_admin(
    arena: ServedArena, ada: HttpAnnotator
) -> None:
    before = arena.rows("SELECT * FROM battles")
    for path in ("/admin/", "/admin/config", "/admin/exports/votes.csv", "/metrics"):
        answer = ada.http.get(path, follow_redirects=False)
        assert answer.status_code in {401, 403}, path
        assert "ydra" not in answer.text
    body = {"data": [], "fn_index": 0, "session_hash": ada.session_hash}
    assert ada.http.post("/admin/gradio_api/queue/join", json=body).status_code == 401
    assert arena.rows("SELECT * FROM battles") == before
