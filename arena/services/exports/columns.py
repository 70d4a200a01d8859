"""Names and kinds of the exported tables' columns: what files promise to their readers."""

from collections.abc import Mapping
from enum import Enum, StrEnum, auto
from typing import NamedTuple

from arena.domain.verdict import Verdict


class ExportTable(StrEnum):
    """Tables that can be exported, under their contract names."""

    VOTES = "votes"
    COMPARISONS = "comparisons"
    SCORES = "scores"
    BATTLES = "battles"
    REPLIES = "replies"
    LEADERBOARD = "leaderboard"
    PAIRS = "pairs"
    ANNOTATORS = "annotators"
    PREFERENCES = "preferences"


class Kind(Enum):
    """What the cells of a column are: every format spells each kind in its own way.

    TIME is text in ISO 8601, UTC with microseconds; MESSAGES are sequences of `Message`. Any cell
    may be None.
    """

    TEXT = auto()
    INTEGER = auto()
    REAL = auto()
    BOOLEAN = auto()
    TIME = auto()
    MESSAGES = auto()


class Column(NamedTuple):
    """A column of a file."""

    name: str
    kind: Kind


def _columns(**kinds: Kind) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name, kind in kinds.items())


_COUNTS: Mapping[str, Kind] = {
    "wins": Kind.INTEGER,
    "losses": Kind.INTEGER,
    "ties": Kind.INTEGER,
    "both_bad": Kind.INTEGER,
    "decisive": Kind.INTEGER,
    "tie_rate": Kind.REAL,
}
"""What models and pairs won, lost and tied."""

_RELIABILITY: Mapping[str, Kind] = {
    "interval": Kind.TEXT,
    "holds": Kind.TEXT,
    "state": Kind.TEXT,
    "annotators": Kind.INTEGER,
    "prompts": Kind.INTEGER,
    "deff": Kind.REAL,
    "shown_first": Kind.INTEGER,
    "sides": Kind.TEXT,
}
"""How far a rate can be relied on, and from whom it comes."""

COLUMNS: Mapping[ExportTable, tuple[Column, ...]] = {
    ExportTable.VOTES: _columns(
        vote_id=Kind.INTEGER,
        battle_id=Kind.TEXT,
        annotator=Kind.TEXT,
        verdict=Kind.TEXT,
        winner=Kind.TEXT,
        model_a=Kind.TEXT,
        model_b=Kind.TEXT,
        ranking=Kind.TEXT,
        purpose=Kind.TEXT,
        strength=Kind.TEXT,
        category=Kind.TEXT,
        language=Kind.TEXT,
        campaign=Kind.TEXT,
        turns=Kind.INTEGER,
        prompt=Kind.TEXT,
        recognised=Kind.BOOLEAN,
        identity_leak=Kind.BOOLEAN,
        truncated=Kind.BOOLEAN,
        annotator_excluded=Kind.BOOLEAN,
        reading_s=Kind.REAL,
        reasons=Kind.TEXT,
        comment=Kind.TEXT,
        revisions=Kind.INTEGER,
        fingerprint_a=Kind.TEXT,
        fingerprint_b=Kind.TEXT,
        created_at=Kind.TIME,
        revealed_at=Kind.TIME,
    ),
    ExportTable.COMPARISONS: _columns(
        vote_id=Kind.INTEGER,
        battle_id=Kind.TEXT,
        annotator=Kind.TEXT,
        verdict=Kind.TEXT,
        winner=Kind.TEXT,
        model_a=Kind.TEXT,
        model_b=Kind.TEXT,
        slot_a=Kind.TEXT,
        slot_b=Kind.TEXT,
        category=Kind.TEXT,
        language=Kind.TEXT,
        campaign=Kind.TEXT,
        recognised=Kind.BOOLEAN,
        identity_leak=Kind.BOOLEAN,
        truncated=Kind.BOOLEAN,
        annotator_excluded=Kind.BOOLEAN,
        fingerprint_a=Kind.TEXT,
        fingerprint_b=Kind.TEXT,
        created_at=Kind.TIME,
    ),
    ExportTable.SCORES: _columns(
        vote_id=Kind.INTEGER,
        battle_id=Kind.TEXT,
        annotator=Kind.TEXT,
        purpose=Kind.TEXT,
        slot=Kind.TEXT,
        model=Kind.TEXT,
        criterion=Kind.TEXT,
        score=Kind.INTEGER,
        category=Kind.TEXT,
        language=Kind.TEXT,
        campaign=Kind.TEXT,
        created_at=Kind.TIME,
    ),
    ExportTable.BATTLES: _columns(
        battle_id=Kind.TEXT,
        annotator=Kind.TEXT,
        state=Kind.TEXT,
        purpose=Kind.TEXT,
        models=Kind.TEXT,
        category=Kind.TEXT,
        language=Kind.TEXT,
        campaign=Kind.TEXT,
        turns=Kind.INTEGER,
        prompt=Kind.TEXT,
        pair_probability=Kind.REAL,
        even_probability=Kind.REAL,
        created_at=Kind.TIME,
        completed_at=Kind.TIME,
        revealed_at=Kind.TIME,
    ),
    ExportTable.REPLIES: _columns(
        reply_id=Kind.INTEGER,
        battle_id=Kind.TEXT,
        turn=Kind.INTEGER,
        slot=Kind.TEXT,
        attempt=Kind.INTEGER,
        superseded=Kind.BOOLEAN,
        model=Kind.TEXT,
        fingerprint=Kind.TEXT,
        prompt=Kind.TEXT,
        text=Kind.TEXT,
        reasoning=Kind.TEXT,
        finish_reason=Kind.TEXT,
        error=Kind.TEXT,
        identity_leak=Kind.BOOLEAN,
        truncated=Kind.BOOLEAN,
        continues_id=Kind.INTEGER,
        prompt_tokens=Kind.INTEGER,
        reply_tokens=Kind.INTEGER,
        first_token_s=Kind.REAL,
        total_s=Kind.REAL,
        rendered_prompt=Kind.TEXT,
        conversation_hash=Kind.TEXT,
        created_at=Kind.TIME,
    ),
    ExportTable.LEADERBOARD: _columns(
        model=Kind.TEXT,
        name=Kind.TEXT,
        **_COUNTS,
        pooled_rate=Kind.REAL,
        pooled_low=Kind.REAL,
        pooled_high=Kind.REAL,
        **_RELIABILITY,
        mean_over_opponents=Kind.REAL,
        mean_low=Kind.REAL,
        mean_high=Kind.REAL,
        opponents=Kind.INTEGER,
        rating=Kind.REAL,
        rating_low=Kind.REAL,
        rating_high=Kind.REAL,
        rating_interval=Kind.TEXT,
        rating_holds=Kind.TEXT,
        rank=Kind.INTEGER,
        rank_worst=Kind.INTEGER,
        standing=Kind.TEXT,
        rating_from_prior=Kind.BOOLEAN,
        recognised=Kind.INTEGER,
        identity_leak=Kind.INTEGER,
        truncated=Kind.INTEGER,
        annotator_excluded=Kind.INTEGER,
        battles=Kind.INTEGER,
        void_battles=Kind.INTEGER,
        failed_battles=Kind.INTEGER,
        void_rate=Kind.REAL,
        mixed_configurations=Kind.BOOLEAN,
    ),
    ExportTable.PAIRS: _columns(
        model=Kind.TEXT,
        opponent=Kind.TEXT,
        **_COUNTS,
        rate=Kind.REAL,
        low=Kind.REAL,
        high=Kind.REAL,
        **_RELIABILITY,
        p_value=Kind.REAL,
        p_holm=Kind.REAL,
        told_apart=Kind.BOOLEAN,
        rating_difference=Kind.REAL,
        rating_difference_low=Kind.REAL,
        rating_difference_high=Kind.REAL,
        ratings_told_apart=Kind.BOOLEAN,
        agreement=Kind.REAL,
        agreement_pairs=Kind.INTEGER,
        plan=Kind.TEXT,
        more_decisive=Kind.INTEGER,
        more_annotators=Kind.INTEGER,
        more_annotators_low=Kind.INTEGER,
        more_annotators_high=Kind.INTEGER,
        votes_each=Kind.INTEGER,
        more_prompts=Kind.INTEGER,
        same_annotators=Kind.TEXT,
        same_votes_each=Kind.INTEGER,
    ),
    ExportTable.ANNOTATORS: _columns(
        annotator=Kind.TEXT,
        role=Kind.TEXT,
        group_name=Kind.TEXT,
        votes=Kind.INTEGER,
        **{verdict.value: Kind.INTEGER for verdict in Verdict},
        first_vote_at=Kind.TIME,
        last_vote_at=Kind.TIME,
        created_at=Kind.TIME,
        disabled_at=Kind.TIME,
    ),
    ExportTable.PREFERENCES: _columns(
        prompt=Kind.MESSAGES,
        chosen=Kind.MESSAGES,
        rejected=Kind.MESSAGES,
        vote_id=Kind.INTEGER,
        annotator=Kind.TEXT,
        chosen_model=Kind.TEXT,
        rejected_model=Kind.TEXT,
        category=Kind.TEXT,
        language=Kind.TEXT,
        created_at=Kind.TIME,
    ),
}
"""Columns of every table in file order; docs/export-columns.md says what they hold."""
