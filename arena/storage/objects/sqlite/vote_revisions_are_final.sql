-- Corrections are part of the ledger: a wrong one is followed by another.
CREATE TRIGGER vote_revisions_keep
BEFORE UPDATE ON vote_revisions
BEGIN
  SELECT RAISE(ABORT, 'a revision is never changed');
END;

CREATE TRIGGER vote_revisions_stay
BEFORE DELETE ON vote_revisions
BEGIN
  SELECT RAISE(ABORT, 'a revision is never deleted');
END;
