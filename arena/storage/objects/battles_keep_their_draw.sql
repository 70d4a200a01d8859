-- What a draw's probabilities were decides how much a vote counts: they are written once.
CREATE TRIGGER battles_keep_their_draw
BEFORE UPDATE OF pair_probability, even_probability ON battles
WHEN OLD.pair_probability IS NOT NEW.pair_probability
OR OLD.even_probability IS NOT NEW.even_probability
BEGIN
  SELECT RAISE(ABORT, 'the probabilities of a draw never change');
END;
