-- Corrections are part of the ledger: a wrong one is followed by another. A comment may be emptied,
-- since it can hold personal data.
CREATE TRIGGER vote_revisions_are_of_the_same_kind
BEFORE INSERT ON vote_revisions
WHEN (NEW.verdict IS NULL) <> (SELECT verdict IS NULL FROM votes WHERE id = NEW.vote_id)
BEGIN
  SELECT RAISE(ABORT, 'a verdict is revised by a verdict, and a ranking by a ranking');
END;

CREATE TRIGGER revised_rankings_are_of_rankings
BEFORE INSERT ON revision_rankings
WHEN (SELECT verdict FROM votes WHERE id = NEW.vote_id) IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'a verdict is revised by a verdict, and a ranking by a ranking');
END;

CREATE TRIGGER vote_revisions_keep
BEFORE UPDATE OF vote_id, revision, verdict, who, why, at, strength ON vote_revisions
BEGIN
  SELECT RAISE(ABORT, 'a revision is never changed');
END;

CREATE TRIGGER vote_revisions_stay
BEFORE DELETE ON vote_revisions
BEGIN
  SELECT RAISE(ABORT, 'a revision is never deleted');
END;

CREATE TRIGGER revision_rankings_keep
BEFORE UPDATE ON revision_rankings
BEGIN
  SELECT RAISE(ABORT, 'a revision is never changed');
END;

CREATE TRIGGER revision_rankings_stay
BEFORE DELETE ON revision_rankings
BEGIN
  SELECT RAISE(ABORT, 'a revision is never deleted');
END;

CREATE TRIGGER revision_reasons_keep
BEFORE UPDATE ON revision_reasons
BEGIN
  SELECT RAISE(ABORT, 'a revision is never changed');
END;

CREATE TRIGGER revision_reasons_stay
BEFORE DELETE ON revision_reasons
BEGIN
  SELECT RAISE(ABORT, 'a revision is never deleted');
END;

CREATE TRIGGER revision_scores_keep
BEFORE UPDATE ON revision_scores
BEGIN
  SELECT RAISE(ABORT, 'a revision is never changed');
END;

CREATE TRIGGER revision_scores_stay
BEFORE DELETE ON revision_scores
BEGIN
  SELECT RAISE(ABORT, 'a revision is never deleted');
END;
