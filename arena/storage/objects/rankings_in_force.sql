-- A revision replaces the ranks of a ranking; the vote itself is never overwritten.
CREATE VIEW rankings_in_force AS
SELECT
  cast_rank.vote_id,
  cast_rank.position,
  COALESCE(
    (SELECT revised.rank FROM revision_rankings revised
     WHERE revised.vote_id = cast_rank.vote_id AND revised.position = cast_rank.position
     ORDER BY revised.revision DESC LIMIT 1),
    cast_rank.rank) AS rank
FROM vote_rankings cast_rank;
