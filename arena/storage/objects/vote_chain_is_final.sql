-- The chain only grows, or it would prove nothing.
CREATE TRIGGER vote_chain_keeps
BEFORE UPDATE ON vote_chain
BEGIN
  SELECT RAISE(ABORT, 'the chain of votes is never changed');
END;

CREATE TRIGGER vote_chain_stays
BEFORE DELETE ON vote_chain
BEGIN
  SELECT RAISE(ABORT, 'the chain of votes is never shortened');
END;
