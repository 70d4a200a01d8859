-- The vote ledger only grows. A comment may be emptied, since it can hold personal data.
CREATE TRIGGER votes_keep
BEFORE UPDATE OF id, battle_id, annotator_id, verdict, created_at ON votes
BEGIN
  SELECT RAISE(ABORT, 'a vote is never overwritten: add a revision');
END;

CREATE TRIGGER votes_stay
BEFORE DELETE ON votes
BEGIN
  SELECT RAISE(ABORT, 'a vote is never deleted');
END;
