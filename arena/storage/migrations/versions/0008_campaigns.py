"""Campaigns that run: prompts, models, replies, items and assignments, and richer ballots.

The large tables get plain columns: battles a purpose and votes a strength. The small table of
revisions is made anew, since its verdict may now be empty, and a revision holds a whole ballot.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from arena.storage.objects import drop_objects

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_Parts = tuple[sa.Column[Any] | sa.Constraint, ...]


def upgrade() -> None:
    """Add the sets, the tables and the columns, and make the table of revisions anew."""
    drop_objects(op.get_bind())
    for name, values in VALUE_SETS.items():
        _create_set(name, values)
    for table, column in NEW_COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    _rebuild_revisions()
    for name, parts in (*_ballots(), *_campaigns(), *_people(), *_items()):
        op.create_table(name, *parts, sqlite_with_rowid=name != "slot_counts")
    for name, table, columns, where in INDEXES:
        unique = name.startswith("uq_")
        op.create_index(
            name,
            table,
            list(columns),
            unique=unique,
            sqlite_where=sa.text(where) if where else None,
        )


def _create_set(name: str, values: tuple[str, ...]) -> None:
    op.create_table(
        name,
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=f"pk_{name}"),
        sqlite_with_rowid=False,
    )
    rows = [{"name": value} for value in values]
    op.bulk_insert(sa.table(name, sa.column("name", sa.Text())), rows)


def _rebuild_revisions() -> None:
    columns = "vote_id, revision, verdict, who, why, at"
    op.create_table("new_vote_revisions", *_revisions())
    op.execute(
        f"INSERT INTO new_vote_revisions ({columns}) SELECT {columns} FROM vote_revisions "
        "ORDER BY vote_id"
    )
    op.drop_table("vote_revisions")
    op.rename_table("new_vote_revisions", "vote_revisions")


VALUE_SETS = {
    "strengths": ("much", "slightly"),
    "battle_purposes": ("judged", "repeat", "check"),
    "campaign_states": ("created", "open", "paused", "closed"),
    "assignment_states": ("reserved", "judged", "skipped", "expired"),
}

_STRENGTH = "strength IS NULL OR (verdict IS NOT NULL AND verdict IN ('a_better', 'b_better'))"
_SCORE = "score BETWEEN 1 AND 5"

NEW_COLUMNS = (
    ("campaigns", "state TEXT CONSTRAINT fk_campaigns_state REFERENCES campaign_states (name)"),
    (
        "campaigns",
        "protocol TEXT CONSTRAINT ck_campaigns_protocol "
        "CHECK (protocol IN ('pairwise', 'all_at_once'))",
    ),
    ("campaigns", "overlap INTEGER CONSTRAINT ck_campaigns_overlap CHECK (overlap >= 1)"),
    (
        "battles",
        "purpose TEXT NOT NULL DEFAULT 'judged' "
        "CONSTRAINT fk_battles_purpose REFERENCES battle_purposes (name)",
    ),
    (
        "votes",
        "strength TEXT CONSTRAINT fk_votes_strength REFERENCES strengths (name) "
        f"CONSTRAINT ck_votes_strength CHECK ({_STRENGTH})",
    ),
)

INDEXES = (
    ("ix_campaign_replies_reply_id", "campaign_replies", ("reply_id",), None),
    ("ix_campaign_members_annotator_id", "campaign_members", ("annotator_id",), None),
    (
        "uq_campaign_members_campaign_id_external_id",
        "campaign_members",
        ("campaign_id", "external_id"),
        "external_id IS NOT NULL",
    ),
    ("ix_campaign_events_campaign_id", "campaign_events", ("campaign_id",), None),
    ("ix_invitations_annotator_id", "invitations", ("annotator_id",), None),
    ("ix_items_campaign_id_taken", "items", ("campaign_id", "taken", "models"), None),
    ("ix_items_checks", "items", ("campaign_id",), "models = ''"),
    ("ix_assignments_annotator_id_state", "assignments", ("annotator_id", "state"), None),
    (
        "uq_assignments_item_id_annotator_id",
        "assignments",
        ("item_id", "annotator_id"),
        "repeat_of IS NULL AND state <> 'expired'",
    ),
    (
        "uq_assignments_repeat_of",
        "assignments",
        ("repeat_of",),
        "repeat_of IS NOT NULL AND state <> 'expired'",
    ),
    ("ix_assignments_reserved", "assignments", ("expires_at",), "state = 'reserved'"),
)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(), nullable=nullable)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def _refers_to(
    table: str, columns: tuple[str, str], target: str, keys: tuple[str, str]
) -> sa.ForeignKeyConstraint:
    named = [f"{target}.{key}" for key in keys]
    return sa.ForeignKeyConstraint(columns, named, name=f"fk_{table}_{'_'.join(columns)}")


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _revisions() -> _Parts:
    name = "vote_revisions"
    return (
        *(_number("vote_id"), _number("revision"), _text("verdict", nullable=True)),
        *(_number("who"), _text("why"), _time("at")),
        *(_text("strength", nullable=True), _text("comment", nullable=True)),
        _key(name, "vote_id", "revision"),
        _check(name, "revision", "revision >= 1"),
        _check(name, "strength", _STRENGTH),
        _refers(name, "vote_id", "votes.id"),
        _refers(name, "verdict", "verdicts.name"),
        _refers(name, "who", "annotators.id"),
        _refers(name, "strength", "strengths.name"),
    )


def _ballots() -> tuple[tuple[str, _Parts], ...]:
    name = "vote_scores"
    scores = (
        *(_number("vote_id"), _number("position"), _text("criterion"), _number("score")),
        _key(name, "vote_id", "position", "criterion"),
        _check(name, "score", _SCORE),
        _refers(name, "vote_id", "votes.id"),
    )
    rankings = (_number("rank"), _check("revision_rankings", "rank", "rank >= 1"))
    reasons = (_text("reason"), _refers("revision_reasons", "reason", "reasons.name"))
    revised = (_text("criterion"), _number("score"), _check("revision_scores", "score", _SCORE))
    return (
        (name, scores),
        ("revision_rankings", _of_revision("revision_rankings", rankings)),
        ("revision_reasons", _of_revision("revision_reasons", reasons, "reason")),
        ("revision_scores", _of_revision("revision_scores", revised, "criterion")),
    )


def _of_revision(name: str, parts: _Parts, *more: str) -> _Parts:
    key = ("vote_id", "revision")
    return (
        *(_number("vote_id"), _number("revision"), _number("position")),
        *parts,
        _key(name, *key, "position", *more),
        _refers_to(name, key, "vote_revisions", key),
    )


def _campaigns() -> tuple[tuple[str, _Parts], ...]:
    prompt = (("campaign_id", "prompt"), "campaign_prompts", ("campaign_id", "number"))
    place = (("campaign_id", "position"), "campaign_models", ("campaign_id", "position"))
    versions, prompts, models = "campaign_versions", "campaign_prompts", "campaign_models"
    replies, checks, events = "campaign_replies", "check_replies", "campaign_events"
    return (
        (
            versions,
            (
                *(_number("campaign_id"), _number("version"), _text("fingerprint")),
                *(sa.Column("document", sa.JSON(), nullable=False), _time("created_at")),
                _key(versions, "campaign_id", "version"),
                _check(versions, "version", "version >= 1"),
                _refers(versions, "campaign_id", "campaigns.id"),
            ),
        ),
        (
            prompts,
            (
                *(_number("campaign_id"), _number("number"), _text("identifier"), _text("kind")),
                sa.Column("turns", sa.JSON(), nullable=False),
                *(_text("system_prompt", nullable=True), _text("category", nullable=True)),
                *(_text("language"), _number("difficulty", nullable=True)),
                _text("notes", nullable=True),
                _key(prompts, "campaign_id", "number"),
                sa.UniqueConstraint(
                    "campaign_id", "identifier", name="uq_campaign_prompts_campaign_id_identifier"
                ),
                _check(prompts, "number", "number >= 1"),
                _check(prompts, "kind", "kind IN ('judged', 'check')"),
                _refers(prompts, "campaign_id", "campaigns.id"),
            ),
        ),
        (
            models,
            (
                *(_number("campaign_id"), _number("position"), _text("model_key"), _text("name")),
                sa.Column("imported", sa.Boolean(), nullable=False),
                _key(models, "campaign_id", "position"),
                sa.UniqueConstraint(
                    "campaign_id", "model_key", name="uq_campaign_models_campaign_id_model_key"
                ),
                _check(models, "position", "position >= 0"),
                _refers(models, "campaign_id", "campaigns.id"),
            ),
        ),
        (
            replies,
            (
                *(_number("campaign_id"), _number("prompt"), _number("position")),
                *(_number("turn"), _number("reply_id")),
                _key(replies, "campaign_id", "prompt", "position", "turn"),
                _check(replies, "turn", "turn >= 1"),
                _refers_to(replies, *prompt),
                _refers_to(replies, *place),
                _refers(replies, "reply_id", "replies.id"),
            ),
        ),
        (
            checks,
            (
                *(_number("campaign_id"), _number("prompt")),
                *(_number("better_reply_id"), _number("worse_reply_id")),
                _key(checks, "campaign_id", "prompt"),
                _refers_to(checks, *prompt),
                _refers(checks, "better_reply_id", "replies.id"),
                _refers(checks, "worse_reply_id", "replies.id"),
            ),
        ),
        (
            events,
            (
                *(_number("id"), _number("campaign_id"), _time("at"), _text("kind")),
                *(_number("who", nullable=True), _text("detail")),
                _key(events, "id"),
                _refers(events, "campaign_id", "campaigns.id"),
                _refers(events, "who", "annotators.id"),
            ),
        ),
    )


def _people() -> tuple[tuple[str, _Parts], ...]:
    members, answers, invitations = "campaign_members", "campaign_answers", "invitations"
    member = ("campaign_id", "annotator_id")
    return (
        (
            members,
            (
                *(_number("campaign_id"), _number("annotator_id"), _time("joined_at")),
                *(_time("consented_at", nullable=True), _time("finished_at", nullable=True)),
                *(_text("external_id", nullable=True), _text("study", nullable=True)),
                _text("session", nullable=True),
                _key(members, *member),
                _refers(members, "campaign_id", "campaigns.id"),
                _refers(members, "annotator_id", "annotators.id"),
            ),
        ),
        (
            answers,
            (
                *(_number("campaign_id"), _number("annotator_id"), _text("question")),
                *(_text("answer"), _time("answered_at")),
                _key(answers, *member, "question"),
                _refers_to(answers, member, members, member),
            ),
        ),
        (
            invitations,
            (
                *(_text("token_hash"), _number("annotator_id"), _time("created_at")),
                *(_time("expires_at", nullable=True), _time("revoked_at", nullable=True)),
                _time("last_used_at", nullable=True),
                _key(invitations, "token_hash"),
                _refers(invitations, "annotator_id", "annotators.id"),
            ),
        ),
    )


def _items() -> tuple[tuple[str, _Parts], ...]:
    items, assignments, counts = "items", "assignments", "slot_counts"
    prompt = (("campaign_id", "prompt"), "campaign_prompts", ("campaign_id", "number"))
    return (
        (
            items,
            (
                *(_number("id"), _number("campaign_id"), _number("prompt"), _text("models")),
                sa.Column("taken", sa.Integer(), nullable=False, server_default=sa.text("0")),
                _key(items, "id"),
                sa.UniqueConstraint(
                    *("campaign_id", "prompt", "models"),
                    name="uq_items_campaign_id_prompt_models",
                ),
                _check(items, "taken", "taken >= 0"),
                _refers_to(items, *prompt),
            ),
        ),
        (
            assignments,
            (
                *(_text("id"), _number("item_id"), _number("annotator_id")),
                *(_text("repeat_of", nullable=True), _text("ordering"), _text("state")),
                *(_time("reserved_at"), _time("expires_at"), _time("opened_at", nullable=True)),
                *(_time("judged_at", nullable=True), _text("battle_id", nullable=True)),
                _text("skip_reason", nullable=True),
                sa.Column("visible_s", sa.Float(), nullable=True),
                sa.Column("scroll_depth", sa.Float(), nullable=True),
                _key(assignments, "id"),
                sa.UniqueConstraint("battle_id", name="uq_assignments_battle_id"),
                _check(assignments, "scroll_depth", "scroll_depth BETWEEN 0 AND 1"),
                _check(assignments, "judged_at", "(state = 'judged') = (judged_at IS NOT NULL)"),
                _refers(assignments, "item_id", "items.id"),
                _refers(assignments, "annotator_id", "annotators.id"),
                _refers(assignments, "repeat_of", "assignments.id"),
                _refers(assignments, "state", "assignment_states.name"),
                _refers(assignments, "battle_id", "battles.id"),
            ),
        ),
        (
            counts,
            (
                *(_number("campaign_id"), _text("models"), _number("position")),
                *(_number("slot"), _number("taken")),
                _key(counts, "campaign_id", "models", "position", "slot"),
                _refers(counts, "campaign_id", "campaigns.id"),
            ),
        ),
    )
