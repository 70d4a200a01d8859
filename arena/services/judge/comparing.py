"""A judge's verdicts held against the votes of people, without becoming any."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.services.board.suspicious_addresses import resolved
from arena.services.judge.reading import JudgeVerdict
from arena.statistics.comparisons import renumbered
from arena.statistics.judge_agreement import (
    JudgeAgreement,
    LengthBias,
    PositionBias,
    SharedVerdict,
    by_category,
    judge_agreement,
    length_bias,
    position_bias,
)
from arena.statistics.prediction_powered import Judged, Outcomes, PoweredRate, powered_rate
from arena.statistics.win_rate import Pair
from arena.storage.boards.judged import HumanVerdict, JudgedBattle, human_verdicts, judged_battles
from arena.storage.database import Connection

_Place = tuple[str, ModelKey, ModelKey]
"""A battle and two of its models, in the order of their keys."""


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """What a judge's verdicts are worth; `pairs` in the order of model keys, the smaller first.

    `shared` comparisons were judged by people too, `others` by the judge alone; `left_out`
    verdicts are of battles that the filter leaves out, of none, or of models that were not in them.
    """

    shared: int
    others: int
    left_out: int
    agreement: JudgeAgreement
    categories: Mapping[str | None, JudgeAgreement]
    position: PositionBias
    length: LengthBias
    pairs: Mapping[Pair, PoweredRate]


def judge_report(
    connection: Connection, board_filter: BoardFilter, verdicts: Sequence[JudgeVerdict]
) -> JudgeReport:
    """Compare a file's verdicts with what the board of the filter counts."""
    ids = {one.battle_id for one in verdicts}
    chosen = resolved(connection, board_filter)
    battles = judged_battles(connection, chosen, ids)
    known = [one for one in verdicts if _is_known(one, battles)]
    opinions = _opinions(known)
    people = [
        (_place(one.battle_id, one.model_a, one.model_b), one)
        for one in human_verdicts(connection, chosen, ids)
    ]
    shared = [(place, one) for place, one in people if place in opinions]
    alone = opinions.keys() - {place for place, _ in shared}
    compared = [_shared(place, one, opinions[place], battles) for place, one in shared]
    return JudgeReport(
        shared=len(shared),
        others=len(alone),
        left_out=len(verdicts) - len(known),
        agreement=judge_agreement(compared),
        categories=by_category(compared),
        position=position_bias(tuple(_asked_twice(known))),
        length=length_bias(compared),
        pairs=_powered(shared, alone, opinions, battles),
    )


def _is_known(one: JudgeVerdict, battles: Mapping[str, JudgedBattle]) -> bool:
    battle = battles.get(one.battle_id)
    return battle is not None and {one.first, one.second} <= battle.lengths.keys()


def _place(battle_id: str, one: ModelKey, other: ModelKey) -> _Place:
    return (battle_id, min(one, other), max(one, other))


def _towards(place: _Place, first: ModelKey, verdict: Verdict) -> Verdict:
    """Return a verdict as the place's first model against its second."""
    return verdict if first == place[1] else verdict.mirrored


def _opinions(verdicts: Iterable[JudgeVerdict]) -> dict[_Place, Verdict]:
    """Return one verdict for each comparison: where both orders differ, no winner.

    Source: Zheng et al. (2023), Judging LLM-as-a-Judge, section 3.4.
    """
    given: dict[_Place, list[Verdict]] = defaultdict(list)
    for one in verdicts:
        place = _place(one.battle_id, one.first, one.second)
        given[place].append(_towards(place, one.first, one.verdict))
    return {place: said[0] if len(set(said)) == 1 else Verdict.TIE for place, said in given.items()}


def _asked_twice(verdicts: Iterable[JudgeVerdict]) -> Iterator[tuple[Verdict, Verdict]]:
    """Yield the verdicts of comparisons judged in both orders, each as the judge saw it."""
    first: dict[_Place, JudgeVerdict] = {}
    for one in verdicts:
        place = _place(one.battle_id, one.first, one.second)
        if place in first:
            yield first[place].verdict, one.verdict
        first.setdefault(place, one)


def _shared(
    place: _Place, person: HumanVerdict, judge: Verdict, battles: Mapping[str, JudgedBattle]
) -> SharedVerdict:
    battle = battles[place[0]]
    first, second = battle.lengths[place[1]], battle.lengths[place[2]]
    return SharedVerdict(
        person=_towards(place, person.model_a, person.verdict),
        judge=judge,
        annotator=person.annotator_id,
        prompt=battle.prompt_hash,
        category=battle.category,
        longer=(first > second) - (first < second),
    )


def _powered(
    shared: Sequence[tuple[_Place, HumanVerdict]],
    alone: Iterable[_Place],
    opinions: Mapping[_Place, Verdict],
    battles: Mapping[str, JudgedBattle],
) -> dict[Pair, PoweredRate]:
    """Estimate the rate of each pair that people voted on."""
    votes: dict[Pair, list[tuple[_Place, HumanVerdict]]] = defaultdict(list)
    others: dict[Pair, list[_Place]] = defaultdict(list)
    for place, person in shared:
        votes[Pair(*place[1:])].append((place, person))
    for place in sorted(alone):
        others[Pair(*place[1:])].append(place)
    return {
        pair: powered_rate(_judged(votes[pair], others[pair], opinions, battles))
        for pair in sorted(votes)
    }


def _judged(
    votes: Sequence[tuple[_Place, HumanVerdict]],
    others: Sequence[_Place],
    opinions: Mapping[_Place, Verdict],
    battles: Mapping[str, JudgedBattle],
) -> Judged:
    places = [place for place, _ in votes]
    hashes = np.array([battles[place[0]].prompt_hash for place in (*places, *others)], np.int64)
    prompts = renumbered(hashes)
    return Judged(
        people=_outcomes(_towards(place, one.model_a, one.verdict) for place, one in votes),
        judge=_outcomes(opinions[place] for place in places),
        annotator=renumbered(np.array([one.annotator_id for _, one in votes], np.int64)),
        prompt=prompts[: len(places)],
        others=_outcomes(opinions[place] for place in others),
        other_prompt=prompts[len(places) :],
    )


def _outcomes(verdicts: Iterable[Verdict]) -> Outcomes:
    said = list(verdicts)
    return Outcomes(
        np.array([one is Verdict.A_BETTER for one in said], np.float64),
        np.array([one.decisive for one in said], np.float64),
    )
