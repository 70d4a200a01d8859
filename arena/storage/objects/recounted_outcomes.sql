-- Every pairwise outcome as the votes, rankings, revisions and flags say: the truth that the table
-- `outcomes` must equal. Its columns stand in the order of that table, which is filled by
-- `SELECT *` from here.
--
-- A model that named itself before the vote was known to the annotator, also where another attempt
-- came after it or the turn was withdrawn.
--
-- Repeats and check items tell how an annotator judges: they are no opinion more, and left out.
--
-- `item_hash` tells what was judged. Where a reply is not known, all that tells items apart is what
-- was asked: that sum fits in 63 bits up to a thousand turns, and numbers of turns are factors so
-- that the order of messages counts.
--
-- `weight` makes up for a draw that followed the votes: what it made likelier counts for less. It is
-- NULL where each vote counts once.
CREATE VIEW recounted_outcomes AS
SELECT
  vote_id, position_a, position_b, model_id_a, model_id_b, verdict, slots,
  (recognised OR identity_leak OR truncated OR annotator_excluded) AS flagged,
  recognised, identity_leak, truncated, category, language, annotator_id, prompt_hash, created_at,
  campaign_id, item_hash, annotator_excluded, weight
FROM (
  SELECT
    votes.id AS vote_id,
    a.position AS position_a,
    b.position AS position_b,
    a.model_id AS model_id_a,
    b.model_id AS model_id_b,
    CASE
      WHEN votes.verdict IS NOT NULL THEN COALESCE(
        (SELECT revised.verdict FROM vote_revisions revised WHERE revised.vote_id = votes.id
         ORDER BY revised.revision DESC LIMIT 1),
        votes.verdict)
      WHEN rank_a.rank < rank_b.rank THEN 'a_better'
      WHEN rank_a.rank > rank_b.rank THEN 'b_better'
      WHEN rank_a.rank = rank_b.rank THEN 'tie'
    END AS verdict,
    (SELECT COUNT(*) FROM slots s WHERE s.battle_id = votes.battle_id) AS slots,
    EXISTS (
      SELECT 1 FROM flags WHERE flags.vote_id = votes.id AND flags.kind = 'recognised'
    ) AS recognised,
    EXISTS (
      SELECT 1 FROM slot_replies shown JOIN flags ON flags.reply_id = shown.reply_id
      WHERE shown.battle_id = votes.battle_id AND shown.position IN (a.position, b.position)
      AND flags.kind = 'identity_leak'
    ) OR EXISTS (
      SELECT 1 FROM withdrawn_turns withdrawn
      JOIN withdrawn_replies shown ON shown.withdrawn_turn_id = withdrawn.id
      JOIN flags ON flags.reply_id = shown.reply_id
      WHERE withdrawn.battle_id = votes.battle_id AND shown.position IN (a.position, b.position)
      AND flags.kind = 'identity_leak'
    ) AS identity_leak,
    EXISTS (
      SELECT 1 FROM slot_replies shown JOIN flags ON flags.reply_id = shown.reply_id
      WHERE shown.battle_id = votes.battle_id AND shown.position IN (a.position, b.position)
      AND flags.kind = 'truncated'
      AND shown.attempt = (
        SELECT MAX(attempt) FROM slot_replies later WHERE later.battle_id = shown.battle_id
        AND later.turn = shown.turn AND later.position = shown.position)
    ) AS truncated,
    battles.category,
    battles.language,
    votes.annotator_id,
    COALESCE(opening.prompt_hash, 0) AS prompt_hash,
    votes.created_at,
    battles.campaign_id,
    COALESCE(
      (SELECT replies.answer_hash
       FROM slot_replies given JOIN replies ON replies.id = given.reply_id
       WHERE given.battle_id = votes.battle_id AND given.position = a.position
       AND given.turn = (SELECT MAX(number) FROM turns WHERE turns.battle_id = votes.battle_id)
       ORDER BY given.attempt DESC LIMIT 1)
      + (SELECT replies.answer_hash
         FROM slot_replies given JOIN replies ON replies.id = given.reply_id
         WHERE given.battle_id = votes.battle_id AND given.position = b.position
         AND given.turn = (SELECT MAX(number) FROM turns WHERE turns.battle_id = votes.battle_id)
         ORDER BY given.attempt DESC LIMIT 1),
      (opening.prompt_hash >> 1) + COALESCE(
        (SELECT CAST(SUM((later.prompt_hash >> 22) * later.number) AS BIGINT) FROM turns later
         WHERE later.battle_id = votes.battle_id AND later.number > 1),
        0),
      0
    ) AS item_hash,
    COALESCE(
      (SELECT newest.excluded FROM exclusions newest
       WHERE newest.campaign_id = battles.campaign_id
       AND newest.annotator_id = votes.annotator_id
       ORDER BY newest.id DESC LIMIT 1),
      FALSE
    ) AS annotator_excluded,
    battles.even_probability / battles.pair_probability AS weight
  FROM votes
  JOIN battles ON battles.id = votes.battle_id
  JOIN slots a ON a.battle_id = votes.battle_id
  JOIN slots b ON b.battle_id = votes.battle_id AND b.position > a.position
  LEFT JOIN turns opening ON opening.battle_id = votes.battle_id AND opening.number = 1
  LEFT JOIN rankings_in_force rank_a ON rank_a.vote_id = votes.id AND rank_a.position = a.position
  LEFT JOIN rankings_in_force rank_b ON rank_b.vote_id = votes.id AND rank_b.position = b.position
  WHERE battles.purpose = 'judged'
) AS derived
WHERE verdict IS NOT NULL;
