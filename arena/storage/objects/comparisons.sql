-- The unit of statistics for people and exports: `outcomes` with the keys of models.
CREATE VIEW comparisons AS
SELECT
  outcomes.vote_id,
  votes.battle_id,
  outcomes.annotator_id,
  outcomes.created_at,
  outcomes.category,
  outcomes.language,
  outcomes.position_a,
  outcomes.position_b,
  a."key" AS model_a,
  b."key" AS model_b,
  outcomes.model_id_a,
  outcomes.model_id_b,
  outcomes.verdict,
  outcomes.recognised,
  outcomes.identity_leak,
  outcomes.truncated,
  outcomes.campaign_id
FROM outcomes
JOIN votes ON votes.id = outcomes.vote_id
JOIN models a ON a.id = outcomes.model_id_a
JOIN models b ON b.id = outcomes.model_id_b;
