"""The leaderboard as a use case: who may read it, and everything that one board says."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from arena.domain.accounts import Caller
from arena.domain.board import EXCLUDING_FLAGS, BoardChoices, BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.reply import FlagKind
from arena.domain.visibility import Visibility, require_reader
from arena.services.board.access import fewest_voters, require_board, require_closed
from arena.services.board.cache import BoardCache
from arena.services.board.distinct_names import distinct_names
from arena.services.board.suspicious_addresses import resolved, suspects
from arena.services.board.weighing import pooled_weights
from arena.statistics.win_rate import (
    ComparisonCount,
    ModelResult,
    PairResult,
    SideShare,
    model_results,
    pair_results,
    side_share,
    tally,
)
from arena.storage.boards import (
    CastCount,
    FlagCount,
    OutcomeCount,
    RankedCount,
    VoidCount,
    WeightedCount,
    cast_count,
    flag_counts,
    model_keys,
    model_names,
    outcome_counts,
    ranked_count,
    version,
    void_battles,
    void_counts,
    weighted_counts,
)
from arena.storage.boards.choices import board_choices
from arena.storage.database import Connection, Database

_NOTHING = CastCount()
EVERYTHING = BoardFilter()
"""The default board: no limits, flagged comparisons left out."""


@dataclass(frozen=True, slots=True)
class BattleCount:
    """Battles of a model: voted and void ones, those that became void, and by its own reply."""

    battles: int = 0
    void: int = 0
    failed: int = 0

    @property
    def void_rate(self) -> float | None:
        """Share of battles that became void, from 0 to 1; None without a battle."""
        return self.void / self.battles if self.battles else None


@dataclass(frozen=True, slots=True)
class Flagged:
    """Numbers of comparisons that carry a flag for which boards leave them out.

    One comparison may carry several flags: reasons may add up to more than totals, which count
    every comparison once. A comparison counts for both of its models.
    """

    total: int
    by_reason: Mapping[FlagKind, int]
    total_of_model: Mapping[ModelKey, int]
    by_model: Mapping[ModelKey, Mapping[FlagKind, int]]


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on a leaderboard, from one snapshot of the votes.

    `votes` have at least one of the `comparisons` counted here; `names` and `models` hold every
    model that was voted on under the filter, even where all of it was left out; no two names read
    the same. `mixed` holds the models of which several configurations were counted together.
    `suspect_votes` is what came from one address at an implausible rate: counted here, or left out
    if the filter says so. `informed` counts comparisons whose pair was drawn by earlier votes: with
    any, shares of models over several opponents are re-weighted. `void_battles` ended without a
    vote because a side failed.
    """

    filter: BoardFilter
    votes: int
    comparisons: int
    names: Mapping[ModelKey, str]
    pairs: tuple[PairResult, ...]
    models: tuple[ModelResult, ...]
    side: SideShare
    flagged: Flagged
    battles: Mapping[ModelKey, BattleCount]
    mixed: tuple[ModelKey, ...]
    suspect_votes: CastCount = _NOTHING
    informed: int = 0
    void_battles: int = 0

    @property
    def left_out(self) -> int:
        """Comparisons that the filter selects and that are not counted, each once."""
        flagged = 0 if self.filter.include_flagged else self.flagged.total
        return flagged + (0 if self.counts_suspects else self.suspect_votes.comparisons)

    @property
    def counts_suspects(self) -> bool:
        """Whether votes from one address at an implausible rate are in its numbers."""
        return self.suspect_votes.comparisons > 0 and not self.filter.without_one_address

    @property
    def excluded(self) -> Mapping[FlagKind, int]:
        """Comparisons left out by reason; zeros when the board counts everything."""
        kept = self.filter.include_flagged
        return {kind: 0 if kept else self.flagged.by_reason[kind] for kind in EXCLUDING_FLAGS}

    @property
    def best_first(self) -> tuple[ModelResult, ...]:
        """The models by their pooled rate, best first; those without one last."""
        return tuple(sorted(self.models, key=_best_first))

    def pairs_of(self, baseline: ModelKey) -> tuple[PairResult, ...]:
        """Return the model's pairs, weakest result first; those without a decisive one last."""
        mine = (pair for pair in self.pairs if pair.model == baseline)
        return tuple(sorted(mine, key=_weakest_first))


def _best_first(result: ModelResult) -> tuple[bool, float, ModelKey]:
    rate = result.pooled.rate
    return (rate is None, -(rate or 0.0), result.model)


def _weakest_first(pair: PairResult) -> tuple[bool, float, ModelKey]:
    rate = pair.record.rate
    return (rate is None, rate or 0.0, pair.opponent)


class Leaderboards:
    """Boards on request. `visibility` is the setting `leaderboard_visible`."""

    def __init__(self, database: Database, *, visibility: Visibility) -> None:
        self._database = database
        self._visibility = visibility
        self._boards: BoardCache[BoardFilter, Board] = BoardCache()
        self._choices: BoardCache[int, BoardChoices] = BoardCache()

    def board(self, caller: Caller | None, board_filter: BoardFilter = EVERYTHING) -> Board:
        """Return the chosen board; raise `NotAllowed` when the caller may not read it."""
        require_reader(caller, self._visibility)
        with self._database.reading() as connection:
            require_board(connection, caller, board_filter)
            return self._board(connection, board_filter)

    def choices(self, caller: Caller | None) -> BoardChoices:
        """Return the values that boards can be filtered by; raise `NotAllowed` as `board` does."""
        require_reader(caller, self._visibility)
        members = fewest_voters(caller)
        with self._database.reading() as connection:
            require_closed(connection, caller)
            return self._choices.get(
                members, version(connection), lambda: board_choices(connection, members=members)
            )

    def _board(self, connection: Connection, board_filter: BoardFilter) -> Board:
        return self._boards.get(
            board_filter, version(connection), lambda: board_of(connection, board_filter)
        )


def board_of(
    connection: Connection,
    board_filter: BoardFilter,
    outcomes: Sequence[OutcomeCount] | None = None,
) -> Board:
    """Return the board of a connection's snapshot; `outcomes` are counted here unless given."""
    annotators = suspects(connection)
    everybody = resolved(connection, replace(board_filter, without_one_address=False))
    suspect_votes = cast_count(connection, everybody, annotators)
    without = resolved(connection, board_filter, annotators)
    if outcomes is None:
        outcomes = outcome_counts(connection, without)
    return replace(
        _board(_counted(connection, without, outcomes)),
        filter=board_filter,
        suspect_votes=suspect_votes,
    )


@dataclass(frozen=True, slots=True)
class _Counts:
    """What the database counted, from one snapshot."""

    filter: BoardFilter
    outcomes: Sequence[OutcomeCount]
    weighted: tuple[WeightedCount, ...]
    flagged: tuple[FlagCount, ...]
    ranked: RankedCount
    void: Mapping[ModelKey, VoidCount]
    void_battles: int
    keys: Mapping[int, ModelKey]
    names: Mapping[ModelKey, str]

    @property
    def seen(self) -> tuple[OutcomeCount | FlagCount, ...]:
        """Everything that was voted on, once unless the board includes what is flagged."""
        rows: list[OutcomeCount | FlagCount] = [*self.outcomes, *self.flagged]
        return tuple(rows)


def _counted(
    connection: Connection, board_filter: BoardFilter, outcomes: Sequence[OutcomeCount]
) -> _Counts:
    flagged = flag_counts(connection, board_filter)
    ranked = any(row.ranked for row in outcomes) or any(row.ranked for row in flagged)
    return _Counts(
        filter=board_filter,
        outcomes=outcomes,
        weighted=weighted_counts(connection, board_filter),
        flagged=flagged,
        ranked=ranked_count(connection, board_filter) if ranked else RankedCount(0, {}),
        void=void_counts(connection, board_filter),
        void_battles=void_battles(connection, board_filter),
        keys=model_keys(connection),
        names=model_names(connection),
    )


def _board(counts: _Counts) -> Board:
    rows = [_comparison_count(row, counts.keys) for row in counts.outcomes]
    records = tally(rows)
    met = sorted({counts.keys[number] for row in counts.seen for number in row.ids})
    results = model_results(records, pooled_weights(records, counts.weighted, counts.keys))
    counted_models = {result.model: result for result in results}
    return Board(
        filter=counts.filter,
        votes=sum(row.count for row in counts.outcomes if not row.ranked) + counts.ranked.votes,
        comparisons=sum(row.count for row in counts.outcomes),
        names=distinct_names(counts.names, met),
        pairs=pair_results(records),
        models=tuple(counted_models.get(key, ModelResult(key)) for key in met),
        side=side_share(rows),
        flagged=_flagged(counts),
        battles=_battles(counts),
        mixed=_mixed(counts),
        informed=sum(row.count for row in counts.weighted),
        void_battles=counts.void_battles,
    )


def _comparison_count(row: OutcomeCount, keys: Mapping[int, ModelKey]) -> ComparisonCount:
    return ComparisonCount(keys[row.model_id_a], keys[row.model_id_b], row.verdict, row.count)


def _battles(counts: _Counts) -> dict[ModelKey, BattleCount]:
    """Count the battles of each model: a vote on two slots is one comparison."""
    voted: Counter[ModelKey] = Counter(counts.ranked.voted)
    for row in counts.outcomes if counts.filter.include_flagged else counts.seen:
        if not row.ranked:
            for number in row.ids:
                voted[counts.keys[number]] += row.count
    return {
        key: BattleCount(voted[key] + void.void, void.void, void.failed)
        for key in {*voted, *counts.void}
        for void in [counts.void.get(key, VoidCount())]
    }


def _flagged(counts: _Counts) -> Flagged:
    by_reason: Counter[FlagKind] = Counter()
    total_of_model: Counter[ModelKey] = Counter()
    by_model: dict[ModelKey, Counter[FlagKind]] = defaultdict(Counter)
    for row in counts.flagged:
        flags = dict.fromkeys(row.flags, row.count)
        by_reason.update(flags)
        for model in (counts.keys[number] for number in row.ids):
            total_of_model[model] += row.count
            by_model[model].update(flags)
    total = sum(row.count for row in counts.flagged)
    return Flagged(total, by_reason, total_of_model, dict(by_model))


def _mixed(counts: _Counts) -> tuple[ModelKey, ...]:
    configurations: dict[ModelKey, set[int]] = defaultdict(set)
    for row in counts.outcomes:
        for number in row.ids:
            configurations[counts.keys[number]].add(number)
    return tuple(sorted(key for key, ids in configurations.items() if len(ids) > 1))
