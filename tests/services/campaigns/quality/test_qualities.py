"""What the ballots of a campaign tell of its annotators, against a recount by hand."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import permutations
from random import Random

import pytest

from arena.domain.accounts import Caller
from arena.domain.board import BoardFilter
from arena.domain.campaign import ProtocolKind
from arena.domain.evaluation import Attention, CampaignBallot
from arena.domain.verdict import Verdict
from arena.services.board.details import detailed_board
from arena.services.campaigns.quality.excluding import Exclusions
from arena.services.campaigns.quality.qualities import AnnotatorReport, CampaignQualities
from arena.services.campaigns.quality.signs import Sign
from arena.services.campaigns.refusals import CampaignRefused
from arena.storage.database import Database
from tests.fakes.campaigns import NAME, CampaignDesk, Judge, models_shown, planned, prefers
from tests.storage.old_ledgers import rows

CAREFUL = {"m0": 6.0, "right": 1e9}


@pytest.fixture
def desk(database: Database) -> CampaignDesk:
    return CampaignDesk(database)


def first_side(_item: object, _models: tuple[str, ...]) -> CampaignBallot:
    return CampaignBallot(verdict=Verdict.A_BETTER)


def work(desk: CampaignDesk, judges: Mapping[str, Judge], *, seconds: float = 30.0) -> None:
    """Everybody judges in turn until nothing is left, each in so many seconds."""
    working: list[Caller] = [desk.person(name) for name in judges]
    while working:
        for who in tuple(working):
            item = desk.next(who)
            if item is None:
                working.remove(who)
                continue
            ballot = judges[who.name](item, models_shown(item))
            shown = item.battle.shown
            desk.judging.judge(who, item.assignment_id, shown, ballot, Attention(seconds))
            desk.clock.pass_by(seconds=40)


def judged(desk: CampaignDesk, *, bad: Judge = first_side) -> dict[str, AnnotatorReport]:
    """Five careful people and one who is not; return the reports by name."""
    desk.open(planned(judged=24, overlap=6, repeats=0.25, check_items=6))
    careful = {f"careful-{one}": prefers(CAREFUL, Random(one)) for one in range(5)}
    work(desk, {**careful, "bad": bad})
    found = CampaignQualities(desk.database).quality(NAME)
    return {one.name: one for one in found.annotators}


def test_ballots_count_neither_repeats_nor_check_items(desk: CampaignDesk) -> None:
    reports = judged(desk)
    found = CampaignQualities(desk.database).quality(NAME)
    assert {one.measures.ballots for one in reports.values()} == {24}
    assert found.ballots == 6 * 24
    assert (found.repeats.ballots, found.checks.ballots) == (6 * 6, 6 * 6)


class Recount:
    """Ballots as the tables have them: winners as positions, None for no winner."""

    def __init__(self, desk: CampaignDesk) -> None:
        tables = rows(desk.database)
        verdicts = {row["battle_id"]: row["verdict"] for row in tables["votes"]}
        checks = {row["id"] for row in tables["items"] if row["models"] == ""}
        self.own = defaultdict[object, dict[object, str]](dict)
        self.orders = defaultdict[object, Counter[str]](Counter)
        self.repeats = defaultdict[object, list[bool]](list)
        self.checks = defaultdict[object, list[bool]](list)
        winners: dict[object, str] = {}
        for row in tables["assignments"]:
            slots = str(row["ordering"]).split()
            winner = slots[0] if verdicts[row["battle_id"]] == "a_better" else slots[1]
            winners[row["id"]] = winner
            if row["repeat_of"]:
                self.repeats[row["annotator_id"]].append(winner == winners[row["repeat_of"]])
            elif row["item_id"] in checks:
                self.checks[row["annotator_id"]].append(winner == "0")
            else:
                self.own[row["annotator_id"]][row["item_id"]] = winner
                self.orders[row["item_id"]][slots[0]] += 1

    def agreement(self, who: object) -> float:
        """The mean over items of the share of others who say the same."""
        parts = []
        for item, said in self.own[who].items():
            others = [own[item] for other, own in self.own.items() if other != who and item in own]
            parts.append(others.count(said) / len(others))
        return sum(parts) / len(parts)

    def alpha(self) -> float:
        """Krippendorff's alpha from the coincidence matrix: 1 - (n-1) sum o_ck / sum n_c n_k.

        Verdicts are on the sides as most saw them; in a draw, the first model's is the left one.
        """
        together = Counter[tuple[str, str]]()
        items = defaultdict[object, list[str]](list)
        for own in self.own.values():
            for item, said in own.items():
                lefts = self.orders[item]
                left = max(sorted(lefts), key=lambda model: lefts[model])
                items[item].append("left" if said == left else "right")
        for values in items.values():
            for one, other in permutations(values, 2):
                together[one, other] += 1 / (len(values) - 1)  # type: ignore[assignment]
        totals = Counter[str]()
        for (one, _), weight in together.items():
            totals[one] += weight
        number = sum(totals.values())
        observed = sum(weight for (one, other), weight in together.items() if one != other)
        expected = sum(totals[one] * totals[other] for one, other in permutations(totals, 2))
        return 1 - (number - 1) * observed / expected


class TestReports:
    def test_shares_are_those_of_a_recount(self, desk: CampaignDesk) -> None:
        reports = judged(desk)
        recount = Recount(desk)
        found = CampaignQualities(desk.database).quality(NAME)

        for one in reports.values():
            assert one.measures.others.share == pytest.approx(recount.agreement(one.id))
            assert one.measures.others.ballots == 24
            assert one.measures.repeats.hits == sum(recount.repeats[one.id])
            assert one.measures.repeats.ballots == len(recount.repeats[one.id]) == 6
            assert one.measures.checks.hits == sum(recount.checks[one.id])
            assert one.measures.checks.ballots == len(recount.checks[one.id]) == 6
            assert one.measures.ballots == 24
            assert one.measures.seconds == 30
        assert found.ballots == 6 * 24
        assert found.agreement.alpha is not None
        assert found.agreement.alpha.value == pytest.approx(recount.alpha())

    @pytest.mark.parametrize("kind", ProtocolKind)
    def test_agreement_is_that_of_the_leaderboard(
        self, desk: CampaignDesk, kind: ProtocolKind
    ) -> None:
        models = 2 if kind is ProtocolKind.PAIRWISE else 4
        desk.open(planned(models=models, judged=15, overlap=3, repeats=0.1, kind=kind))
        ranked = kind is ProtocolKind.ALL_AT_ONCE
        uneven = {"m1": 1.5, "m0": 3.0}
        work(desk, {f"p{n}": prefers(uneven, Random(n), ranked=ranked) for n in range(4)})
        found = CampaignQualities(desk.database).quality(NAME).agreement
        assert found.alpha is not None
        assert found == detailed_board(desk.database, BoardFilter(campaign=NAME)).agreement

    def test_who_always_votes_for_one_side_is_worth_a_look_and_nobody_else(
        self, desk: CampaignDesk
    ) -> None:
        reports = judged(desk)
        signs = {name: set(one.signs) for name, one in reports.items()}

        assert {Sign.PREFERS_A_SIDE, Sign.CHANGES_MIND} <= signs.pop("bad")
        assert reports["bad"].measures.first_side.share == 1
        assert set().union(*signs.values()) == set()

    def test_who_fails_checks_and_contradicts_everybody_is_too(self, desk: CampaignDesk) -> None:
        contrary = prefers({"m1": 6.0, "wrong": 1e9}, Random(9))
        reports = judged(desk, bad=contrary)

        assert {Sign.FAILS_CHECKS, Sign.DISAGREES} <= set(reports["bad"].signs)
        assert Sign.PREFERS_A_SIDE not in reports["bad"].signs

    def test_who_is_faster_than_anybody_reads_is_too(self, desk: CampaignDesk) -> None:
        desk.open(planned(judged=10, overlap=1))
        work(desk, {"ada": prefers({}, Random(1))}, seconds=1.5)
        (ada,) = CampaignQualities(desk.database).quality(NAME).annotators

        assert ada.signs == (Sign.TOO_FAST,)
        assert (ada.measures.fast.hits, ada.measures.fast.ballots) == (10, 10)

    def test_rankings_agree_by_pairs_of_models(self, desk: CampaignDesk) -> None:
        desk.open(planned(models=3, judged=12, overlap=2, kind=ProtocolKind.ALL_AT_ONCE))
        # The same winner, and the other two the other way round: two of three pairs agree.
        ada = prefers({"m0": 1e18, "m1": 1e9}, Random(1), ranked=True)
        bob = prefers({"m0": 1e18, "m2": 1e9}, Random(1), ranked=True)
        work(desk, {"ada": ada, "bob": bob})
        found = CampaignQualities(desk.database).quality(NAME)

        assert [one.measures.others.share for one in found.annotators] == [
            pytest.approx(2 / 3),
            pytest.approx(2 / 3),
        ]

    def test_a_campaign_without_ballots_has_members_and_no_numbers(
        self, desk: CampaignDesk
    ) -> None:
        desk.open(planned())
        desk.person("ada")
        found = CampaignQualities(desk.database).quality(NAME)

        assert (found.ballots, found.agreement.alpha) == (0, None)
        assert found.annotators[0].measures.others.share is None

    def test_an_unknown_campaign_is_refused(self, desk: CampaignDesk) -> None:
        with pytest.raises(CampaignRefused):
            CampaignQualities(desk.database).quality("autumn")


class TestExclusions:
    def test_who_is_excluded_leaves_boards_and_agreement_until_taken_back(
        self, desk: CampaignDesk
    ) -> None:
        reports = judged(desk)
        exclusions = Exclusions(desk.database, desk.clock)
        before = CampaignQualities(desk.database).quality(NAME)
        ada = desk.person("careful-0")

        assert exclusions.exclude(NAME, "bad", " one side ", who=ada.id) == 36
        outcomes = rows(desk.database)["outcomes"]
        assert {row["annotator_id"] for row in outcomes if row["flagged"]} == {reports["bad"].id}
        assert sum(row["annotator_excluded"] for row in outcomes) == 24  # type: ignore[misc]
        found = CampaignQualities(desk.database).quality(NAME)
        bad = next(one for one in found.annotators if one.name == "bad")
        assert bad.exclusion is not None
        assert (bad.exclusion.reason, bad.exclusion.who) == ("one side", "careful-0")
        assert bad.measures.ballots == 24
        assert found.agreement.shared_items == 24
        assert found.checks.ballots == 30

        assert exclusions.readmit(NAME, "bad") == 36
        assert not any(row["flagged"] for row in rows(desk.database)["outcomes"])
        assert CampaignQualities(desk.database).quality(NAME) == before
        assert len(rows(desk.database)["exclusions"]) == 2

    def test_ballots_to_come_are_left_out_as_well(self, desk: CampaignDesk) -> None:
        desk.open(planned(judged=6, overlap=1))
        desk.person("ada")
        Exclusions(desk.database, desk.clock).exclude(NAME, "ada", "a trial")
        work(desk, {"ada": prefers({}, Random(1))})

        assert all(row["flagged"] for row in rows(desk.database)["outcomes"])

    def test_what_cannot_be_excluded_is_refused_in_a_sentence(self, desk: CampaignDesk) -> None:
        desk.open(planned())
        desk.person("ada")
        exclusions = Exclusions(desk.database, desk.clock)
        for name, reason, told in (
            ("ada", " ", "needs a reason"),
            ("ada", "x" * 1001, "longer than 1,000"),
            ("eve", "spam", "'eve' takes no part in 'spring'"),
        ):
            with pytest.raises(CampaignRefused, match=told):
                exclusions.exclude(NAME, name, reason)
        with pytest.raises(CampaignRefused, match="'ada' is not excluded"):
            exclusions.readmit(NAME, "ada")
        exclusions.exclude(NAME, "ada", "spam")
        with pytest.raises(CampaignRefused, match="'ada' is excluded already"):
            exclusions.exclude(NAME, "ada", "spam")
