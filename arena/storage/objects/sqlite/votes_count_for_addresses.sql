-- Boards name addresses that cast more than people can. A vote counts for the address of the
-- annotator's newest session, in the clock hour in which it was cast.
CREATE TRIGGER votes_count_for_addresses
AFTER INSERT ON votes
BEGIN
  INSERT INTO address_hours (address_id, hour, annotator_id, votes, first_at, last_at)
  SELECT
    address_id, substr(NEW.created_at, 1, 13), NEW.annotator_id, 1, NEW.created_at, NEW.created_at
  FROM (
    SELECT address_id FROM sessions WHERE annotator_id = NEW.annotator_id
    ORDER BY created_at DESC, rowid DESC LIMIT 1)
  WHERE address_id IS NOT NULL
  ON CONFLICT (address_id, hour, annotator_id) DO UPDATE SET
    votes = votes + 1,
    first_at = min(first_at, excluded.first_at),
    last_at = max(last_at, excluded.last_at);
END;
