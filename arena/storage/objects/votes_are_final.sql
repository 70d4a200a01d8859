-- The vote ledger only grows. A comment may be emptied, since it can hold personal data.
CREATE TRIGGER votes_keep
BEFORE UPDATE OF id, battle_id, annotator_id, verdict, created_at, strength ON votes
BEGIN
  SELECT RAISE(ABORT, 'a vote is never overwritten: add a revision');
END;

CREATE TRIGGER votes_stay
BEFORE DELETE ON votes
BEGIN
  SELECT RAISE(ABORT, 'a vote is never deleted');
END;

CREATE TRIGGER vote_scores_keep
BEFORE UPDATE ON vote_scores
BEGIN
  SELECT RAISE(ABORT, 'a score is never changed: add a revision');
END;

CREATE TRIGGER vote_scores_stay
BEFORE DELETE ON vote_scores
BEGIN
  SELECT RAISE(ABORT, 'a score is never deleted');
END;
