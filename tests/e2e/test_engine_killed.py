"""`kill -9` of engines under battles: void for both sides alike, back by itself, no vote lost.

The real product: the shipped catalog, the trained models, engines in processes of their own.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import psutil
import pytest
from playwright.sync_api import Locator, expect

from arena.web.common.texts import load_texts
from tests.e2e.conftest import Tab
from tests.e2e.driver import HttpAnnotator, Outcome
from tests.e2e.engines import Brake, engines_of
from tests.e2e.frames import added, shape
from tests.e2e.serving import ServedArena, serving
from tests.endurance import FACTOR
from tests.fakes.real_models import RealModel

pytestmark = pytest.mark.timeout(300)

SHIPPED = Path(__file__).parents[2] / "models.yaml"
ONE, OTHER = "arena-demo-a", "arena-demo-b"
STORY = "Tell me a long story about a {}."
HEROES = ("fox", "dragon", "bear", "king")
WORDS = load_texts().by_language["en"]
LONGEST_WORD = 40
VOID, LOADING = WORDS["notice.void"], WORDS["error.models_loading"]
_IDS = re.compile(r'(?<= id=")[^"]*|(?<= for=")[^"]*|component-\d+|slot-[ab]')
_LABELS = re.compile(r' (?:aria-label|title|aria-keyshortcuts)="[^"]*"')
_TEXTS = re.compile(r"(?<=>)[^<]+|(?<='s message: )[^\"]*")
"""What was said stands between the tags, and for screen readers in a label."""


class Person(HttpAnnotator):
    """An annotator with a prompt of their own, who tells how far their battle has come."""

    def __init__(self, address: str, hero: str) -> None:
        super().__init__(address)
        self.prompt = STORY.format(hero)
        self.begun = Event()
        self.reading = Event()
        self.load()

    def ask(self) -> Outcome:
        """Send the prompt and read to the end, whatever it is."""
        self.begun.clear()
        self.reading.clear()
        return self.fire("send", prompt=self.prompt)

    def _messages(self) -> Iterator[dict[str, Any]]:
        for message in super()._messages():
            if 'data-state="generating"' in str(message.get("output")):
                self.begun.set()
            if any(added(message)) or any(_first_texts(message)):
                self.reading.set()
            yield message


class Round:
    """One served arena and its people, all of whom have voted once."""

    def __init__(self, arena: ServedArena, people: Sequence[Person]) -> None:
        self.arena = arena
        self.people = people
        self.voted: list[str] = []

    def everybody(
        self, act: Callable[[Person], Outcome], people: Sequence[Person] = ()
    ) -> list[Outcome]:
        """Let all, or only some, act at once; outcomes in the order of the people."""
        with ThreadPoolExecutor(len(self.people)) as pool:
            return list(pool.map(act, people or self.people))

    def vote(self, person: Person) -> Outcome:
        """Vote on what is on the page."""
        outcome = person.fire("vote-tie")
        assert outcome.revealed, outcome.refusal
        self.voted.append(self.newest(person)[0])
        return outcome

    @contextmanager
    def asking(
        self, people: Sequence[Person], *, rest_s: float = 0.05
    ) -> Iterator[tuple[dict[str, psutil.Process], list[Future[Outcome]]]]:
        """They ask at once, and the engines are slow; yields these and the outcomes to be."""
        engines = engines_of(self.arena)
        with ThreadPoolExecutor(len(self.people)) as pool, Brake(engines.values(), rest_s=rest_s):
            yield dict(engines), [pool.submit(person.ask) for person in people]

    def kill_while_all_read(
        self, engine: psutil.Process, answers: Iterable[Future[Outcome]]
    ) -> list[Outcome]:
        """Kill an engine once everybody has a first word; the outcomes of all."""
        assert all(person.reading.wait(60) for person in self.people)
        engine.kill()
        return [answer.result() for answer in answers]

    def lefts_where_one_failed(self) -> set[str]:
        """The left models of all newest battles, each void because `ONE` failed."""
        for person in self.people:
            assert self.endings(person) == {ONE: "error", OTHER: "cancelled"}
        return {self.newest(person)[2] for person in self.people}

    def newest(self, person: Person) -> tuple[str, str, str]:
        """Id, state and left model of a person's newest battle."""
        ((battle_id, state, left),) = self.arena.rows(
            "SELECT id, state, model_key FROM battles"
            " JOIN turns ON turns.battle_id = id JOIN slots ON slots.battle_id = id"
            " WHERE prompt = ? AND position = 0 ORDER BY battles.created_at DESC LIMIT 1",
            person.prompt,
        )
        return battle_id, state, left

    def endings(self, person: Person) -> dict[str, str]:
        """How each model's reply ended in a person's newest battle."""
        return dict(
            self.arena.rows(
                "SELECT models.key, finish_reason FROM slot_replies"
                " JOIN replies ON replies.id = reply_id JOIN models ON models.id = model_id"
                " WHERE battle_id = ?",
                self.newest(person)[0],
            )
        )

    def assert_void_and_alike(self, people: Sequence[Person], outcomes: Sequence[Outcome]) -> None:
        """One sentence, nothing that tells the sides apart, and no vote on it."""
        for person, outcome in zip(people, outcomes, strict=True):
            assert outcome.text("view").startswith(VOID)
            prompts = outcome.outputs["first-prompt"]["prompts"]
            assert [prompt["text"] for prompt in prompts] == [person.prompt]
            assert self.newest(person)[1] == "void"
            left, right = (outcome.outputs[f"slot-{slot}"] for slot in "ab")
            assert shape(left) == shape(right)
            # Both are cut at one limit, each after a whole word of its own.
            shown = [len(column["turns"][-1]["text"]) for column in (left, right)]
            assert abs(shown[0] - shown[1]) < LONGEST_WORD
        assert len({str(outcome.outputs["view"]) for outcome in outcomes}) == 1
        assert all(_ending(outcome) == _ending(outcomes[0]) for outcome in outcomes)
        for refused in self.everybody(lambda person: person.fire("vote-tie"), people):
            assert (refused.refusal, refused.revealed) == (WORDS["error.battle_closed"], False)

    def assert_getting_ready(self) -> None:
        """While a model is down, everybody reads the same, and keeps the prompt."""
        for outcome in self.everybody(lambda person: person.fire("send", prompt=person.prompt)):
            assert outcome.refusal == LOADING

    def assert_back(self) -> None:
        """The models are there again, everybody's next battle works, and no vote is lost."""
        self.arena.await_answer("/readyz")
        for outcome in self.everybody(Person.ask):
            assert outcome.text("view").startswith(WORDS["notice.complete"])
        self.everybody(self.vote)
        assert sorted(self.arena.rows("SELECT battle_id FROM votes")) == sorted(
            (battle_id,) for battle_id in self.voted
        )
        assert self.arena.value("SELECT count(*) FROM battles WHERE state = 'generating'") == 0


@pytest.fixture(scope="module", params=range(FACTOR))
def played(tmp_path_factory: pytest.TempPathFactory, real_model: RealModel) -> Iterator[Round]:
    """A new arena for each round, with a vote of everybody."""
    catalog = real_model.rows(SHIPPED.read_text(encoding="utf-8"))
    with ExitStack() as running:
        arena = running.enter_context(serving(tmp_path_factory.mktemp("killed"), catalog))
        people = [Person(arena.address, hero) for hero in HEROES]
        for person in people:
            running.enter_context(person)
        made = Round(arena, people)
        made.everybody(Person.ask)
        made.everybody(made.vote)
        yield made


@pytest.mark.browser
def test_a_kill_while_both_stream_voids_alike_and_the_page_goes_on_without_a_reload(
    played: Round, open_tab: Tab
) -> None:
    tab = open_tab(played.arena).open()
    prompt = STORY.format("robot")
    columns = [tab.element(f"slot-{slot}") for slot in "ab"]
    with played.asking(played.people) as (engines, answers):
        tab.send(prompt)
        for column in columns:
            expect(column.locator(".answer-block")).to_be_visible()
        outcomes = played.kill_while_all_read(engines[ONE], answers)

    expect(tab.element("view")).to_contain_text(VOID)
    expect(tab.prompt).to_have_value(prompt)
    tab.expect_no_votes()
    assert _markup(columns[0]) == _markup(columns[1])
    tab.element("retry").click()
    expect(tab.element("refusal")).to_contain_text(LOADING)
    expect(tab.prompt).to_have_value(prompt)
    played.assert_getting_ready()
    played.assert_void_and_alike(played.people, outcomes)
    lefts = played.lefts_where_one_failed()
    played.assert_back()

    tab.element("retry").click()
    tab.expect_complete()
    tab.element("vote-tie").click()
    tab.expect_revealed()
    played.voted += [
        str(played.arena.value("SELECT battle_id FROM votes ORDER BY id DESC LIMIT 1"))
    ]

    # Sides are tossed: with all four alike, the other order has not been tried yet.
    while lefts != {ONE, OTHER}:
        with played.asking(played.people) as (engines, answers):
            outcomes = played.kill_while_all_read(engines[ONE], answers)
        played.assert_void_and_alike(played.people, outcomes)
        lefts |= played.lefts_where_one_failed()
        played.assert_back()


def test_a_kill_before_the_first_word_shows_nothing_on_either_side(played: Round) -> None:
    with played.asking(played.people, rest_s=0.25) as (engines, answers):
        assert all(person.begun.wait(60) for person in played.people)
        engines[OTHER].kill()
        outcomes = [answer.result() for answer in answers]
    played.assert_getting_ready()

    # On a busy machine somebody may have a first word before everybody's battle has begun.
    waiting = {
        person: outcome
        for person, outcome in zip(played.people, outcomes, strict=True)
        if not person.reading.is_set()
    }
    assert waiting
    played.assert_void_and_alike(list(waiting), list(waiting.values()))
    for person, outcome in waiting.items():
        columns = [outcome.outputs[f"slot-{slot}"] for slot in "ab"]
        assert [column["turns"][-1]["text"] for column in columns] == ["", ""]
        assert played.endings(person) == {OTHER: "error", ONE: "cancelled"}
    played.assert_back()


def test_a_kill_of_both_voids_what_streams_and_spares_what_was_answered(played: Round) -> None:
    answered, asking = played.people[:2], played.people[2:]
    played.everybody(Person.ask, answered)
    with played.asking(asking) as (engines, answers):
        assert all(person.reading.wait(60) for person in asking)
        for engine in engines.values():
            engine.kill()
        outcomes = [answer.result() for answer in answers]
    assert httpx.get(f"{played.arena.address}/readyz", trust_env=False).status_code == 503

    first = answered[0]
    assert first.fire("send", prompt="And then?").refusal == LOADING
    assert played.newest(first)[1] == "complete"
    played.assert_getting_ready()
    played.everybody(played.vote, answered)

    played.assert_void_and_alike(asking, outcomes)
    played.assert_back()


def _first_texts(message: dict[str, Any]) -> list[str]:
    """The newest answers in a frame of whole values; later ones have changes alone."""
    if message["msg"] != "process_generating":
        return []
    values = [part for part in message["output"].get("data") or [] if isinstance(part, dict)]
    return [value["turns"][-1]["text"] for value in values if value.get("turns")]


def _ending(outcome: Outcome) -> list[tuple[str, ...]]:
    """Names and keys of all messages from the one that told of the failure.

    Estimations tell how busy the server is, and nothing of this battle.
    """
    messages = [one for one in outcome.messages if one["msg"] != "estimation"]
    told = [VOID in str(message) for message in messages].index(True)
    return [(one["msg"], *sorted(one), *sorted(one.get("output", ()))) for one in messages[told:]]


def _markup(column: Locator) -> str:
    """A column without its texts, ids and labels."""
    markup = str(column.evaluate("element => element.outerHTML"))
    return _TEXTS.sub("", _LABELS.sub("", _IDS.sub("", markup)))
