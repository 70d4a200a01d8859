-- Which model stood in which slot is what a vote is about.
CREATE TRIGGER slots_keep
BEFORE UPDATE ON slots
BEGIN
  SELECT RAISE(ABORT, 'who answered is never changed');
END;

CREATE TRIGGER slots_stay
BEFORE DELETE ON slots
BEGIN
  SELECT RAISE(ABORT, 'who answered is never deleted');
END;
