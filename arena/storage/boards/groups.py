"""The groups of annotators by which boards are filtered."""

from sqlalchemy import and_, func, select, union

from arena.storage.json_sql import is_choice
from arena.storage.schema import annotators, campaign_answers, campaign_versions

_answers, _versions = campaign_answers.alias("answers"), campaign_versions.alias("versions")

_newest = (
    select(func.max(campaign_versions.c.version))
    .where(campaign_versions.c.campaign_id == _answers.c.campaign_id)
    .scalar_subquery()
)

groups_of_annotators = union(
    select(annotators.c.id.label("annotator_id"), annotators.c.group_name.label("name")).where(
        annotators.c.group_name.is_not(None)
    ),
    select(_answers.c.annotator_id, _answers.c.question + "=" + _answers.c.answer)
    .join_from(
        _answers,
        _versions,
        and_(_versions.c.campaign_id == _answers.c.campaign_id, _versions.c.version == _newest),
    )
    .where(is_choice(_versions.c.document, _answers.c.question, _answers.c.answer)),
).subquery("groups_of_annotators")
"""Every group of every annotator: that of the account, and `question=answer` for each answer to a
question with choices. Answers in words and numbers make no group, nor does an answer that the
campaign's newest file does not offer."""
