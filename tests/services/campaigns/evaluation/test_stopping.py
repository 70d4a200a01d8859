"""Pairs that are known well enough are assigned no more."""

from collections import Counter
from math import log, sqrt
from random import Random

import pytest
from scipy import stats
from sqlalchemy import event

from arena.domain.campaign import CampaignAnnotator, ProtocolKind, StopRules
from arena.domain.conversation import ModelKey
from arena.services.campaigns.evaluation.judged_enough import judged_enough
from arena.services.campaigns.evaluation.stopping import EnoughIsKnown
from arena.services.campaigns.finding import found_by_name
from arena.statistics.comparisons import Comparison, Comparisons, from_rows
from arena.storage.database import Database
from tests.fakes.campaigns import NAME, CampaignDesk, Judge, planned, prefers
from tests.storage.old_ledgers import rows

ONE, TWO = ModelKey("m0"), ModelKey("m1")
PAIR = frozenset((ONE, TWO))


@pytest.fixture
def desk(database: Database) -> CampaignDesk:
    return CampaignDesk(database)


def independent(number: int, *, wins: int, annotators: int | None = None) -> Comparisons:
    """So many votes on prompts of their own; by as many annotators, or by so many in turn."""
    random = Random(3)
    won = [place < wins for place in range(number)]
    random.shuffle(won)
    return from_rows(
        Comparison(
            ONE, TWO, "a_better" if first else "b_better", place % (annotators or number), 7 * place
        )
        for place, first in enumerate(won)
    )


def half_width_of_wilson(wins: int, number: int) -> float:
    """Wilson (1927) for n independent votes, whose variance p(1-p)/(n-1) is estimated: t(n-1)."""
    t = float(stats.t.ppf(0.975, number - 1))
    share, trials = wins / number, number - 1
    spread = sqrt(share * (1 - share) / trials + t**2 / (4 * trials**2))
    return t * spread / (1 + t**2 / trials)


def work(desk: CampaignDesk, people: int, judge: Judge) -> int:
    """Everybody judges in turn until nothing is left; return the number of votes."""
    working = desk.people(people)
    while working:
        working = [who for who in working if desk.judge_next(who, judge)]
    return len(rows(desk.database)["votes"])


class TestTheHalfWidth:
    @pytest.mark.parametrize(("number", "wins"), [(60, 30), (200, 130), (400, 220)])
    def test_stops_a_pair_at_exactly_the_width_that_is_wanted(self, number: int, wins: int) -> None:
        votes = independent(number, wins=wins)
        width = 100 * half_width_of_wilson(wins, number)

        assert judged_enough(votes, StopRules(half_width=width + 1e-6), people=40) == {PAIR}
        assert judged_enough(votes, StopRules(half_width=width - 0.5), people=40) == frozenset()

    def test_waits_for_thirty_decisive_votes(self) -> None:
        rule = StopRules(half_width=40)
        assert judged_enough(independent(29, wins=15), rule, people=40) == frozenset()
        assert judged_enough(independent(30, wins=15), rule, people=40) == {PAIR}

    def test_waits_for_more_people_than_the_first_few_where_more_are_expected(self) -> None:
        by_three = independent(300, wins=150, annotators=3)
        rule = StopRules(half_width=10)
        assert judged_enough(by_three, rule, people=40) == frozenset()
        assert judged_enough(by_three, rule, people=0) == frozenset()
        assert judged_enough(by_three, rule, people=3) == {PAIR}

    def test_is_nothing_without_votes(self) -> None:
        nothing = from_rows(())
        rule = StopRules(half_width=10, anytime_verdict=True)
        assert judged_enough(nothing, rule, people=8) == frozenset()


class TestTheAnytimeVerdict:
    @pytest.mark.parametrize("wins", range(20, 41))
    def test_stops_a_pair_once_bets_on_prompts_have_won_twenty_times_the_stake(
        self, wins: int
    ) -> None:
        # Bets spread evenly over rates: 2^n times the Beta function at (1 + W, 1 + L).
        evidence = float(stats.betabinom(40, 1, 1).logpmf(wins) - stats.binom(40, 0.5).logpmf(wins))
        found = judged_enough(
            independent(40, wins=wins, annotators=4), StopRules(anytime_verdict=True), people=4
        )
        assert (found == {PAIR}) is (evidence >= log(20))

    def test_speaks_of_all_annotators_where_enough_are_expected(self) -> None:
        by_four = independent(40, wins=40, annotators=4)
        rule = StopRules(anytime_verdict=True)
        assert judged_enough(by_four, rule, people=40) == frozenset()
        by_eight = independent(40, wins=40, annotators=8)
        assert judged_enough(by_eight, rule, people=40) == {PAIR}


class TestInACampaign:
    def test_a_narrow_interval_ends_a_pair_and_not_the_others(self, desk: CampaignDesk) -> None:
        strong = prefers({"m2": 12}, Random(1))
        desk.open(planned(models=3, judged=80, overlap=1, stop=StopRules(half_width=10)))
        work(desk, 16, strong)
        given = Counter(row["models"] for row in rows(desk.database)["items"] if row["taken"])

        assert given["0 1"] == 80
        assert 30 <= given["0 2"] < 75
        assert 30 <= given["1 2"] < 75

    def test_a_verdict_ends_it_too(self, desk: CampaignDesk) -> None:
        people = tuple(CampaignAnnotator(f"annotator-{one}") for one in range(2))
        desk.open(
            planned(judged=60, overlap=1, stop=StopRules(anytime_verdict=True), annotators=people)
        )
        # Eight bets that all win are the fewest that settle anything.
        assert work(desk, 2, prefers({"m0": 1e9}, Random(1))) == 8

    def test_all_at_once_ends_with_its_last_pair(self, desk: CampaignDesk) -> None:
        desk.open(
            planned(
                models=3,
                judged=60,
                overlap=1,
                kind=ProtocolKind.ALL_AT_ONCE,
                stop=StopRules(anytime_verdict=True),
                annotators=(CampaignAnnotator("annotator-0"),),
            )
        )
        ordered = prefers({"m0": 1e18, "m1": 1e9}, Random(1), ranked=True)
        assert work(desk, 1, ordered) == 8

    def test_votes_are_not_looked_at_again_before_there_are_more(self, desk: CampaignDesk) -> None:
        desk.open(planned(judged=9, overlap=1, stop=StopRules(half_width=45)))
        work(desk, 1, prefers({}, Random(1)))
        rule = EnoughIsKnown(desk.clock)
        asked: list[str] = []

        @event.listens_for(desk.database.engine, "before_cursor_execute")
        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            asked.append(statement)

        with desk.database.reading() as connection:
            stored = found_by_name(connection, NAME)
            rule.look(connection, stored)
            assert any("outcomes" in one for one in asked)
            asked.clear()
            rule.look(connection, stored)
        assert not any("outcomes" in one for one in asked)
