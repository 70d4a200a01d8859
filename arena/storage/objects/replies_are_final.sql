-- Replies are what annotators judged: none is ever changed or deleted.
CREATE TRIGGER replies_keep
BEFORE UPDATE ON replies
BEGIN
  SELECT RAISE(ABORT, 'a reply is never changed');
END;

CREATE TRIGGER replies_stay
BEFORE DELETE ON replies
BEGIN
  SELECT RAISE(ABORT, 'a reply is never deleted');
END;
