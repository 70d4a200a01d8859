-- A vote says one thing: a verdict or a ranking, and for ever.
CREATE TRIGGER vote_rankings_exclude_a_verdict
BEFORE INSERT ON vote_rankings
WHEN (SELECT verdict FROM votes WHERE id = NEW.vote_id) IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'a vote has a verdict or a ranking, never both');
END;

CREATE TRIGGER vote_rankings_keep
BEFORE UPDATE ON vote_rankings
BEGIN
  SELECT RAISE(ABORT, 'a ranking is never changed');
END;

CREATE TRIGGER vote_rankings_stay
BEFORE DELETE ON vote_rankings
BEGIN
  SELECT RAISE(ABORT, 'a ranking is never deleted');
END;
