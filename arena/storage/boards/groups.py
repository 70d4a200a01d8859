"""The groups of annotators by which boards are filtered."""

from sqlalchemy import Integer, Text, column, text

_GROUPS = """
SELECT id AS annotator_id, group_name AS name
FROM annotators
WHERE group_name IS NOT NULL
UNION
SELECT answers.annotator_id, answers.question || '=' || answers.answer
FROM campaign_answers AS answers
JOIN campaign_versions AS versions ON versions.campaign_id = answers.campaign_id
WHERE versions.version = (
  SELECT max(version) FROM campaign_versions WHERE campaign_id = answers.campaign_id
)
AND EXISTS (
  SELECT 1
  FROM json_each(versions.document, '$.questions') AS question
  JOIN json_each(question.value, '$.choices') AS choice
  WHERE json_extract(question.value, '$.kind') = 'choice'
  AND json_extract(question.value, '$.name') = answers.question
  AND choice.key = answers.answer
)
"""

groups_of_annotators = (
    text(_GROUPS)
    .columns(column("annotator_id", Integer), column("name", Text))
    .subquery("groups_of_annotators")
)
"""Every group of every annotator: that of the account, and `question=answer` for each answer to a
question with choices. Answers in words and numbers make no group, nor does an answer that the
campaign's newest file does not offer."""
