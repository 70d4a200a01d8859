-- As in the folder of SQLite; times are no texts here.
CREATE TRIGGER votes_count_for_addresses
AFTER INSERT ON votes
BEGIN
  INSERT INTO address_hours (address_id, hour, annotator_id, votes, first_at, last_at)
  SELECT
    address_id, to_char(NEW.created_at, 'YYYY-MM-DD HH24'), NEW.annotator_id, 1, NEW.created_at,
    NEW.created_at
  FROM (
    SELECT address_id FROM sessions WHERE annotator_id = NEW.annotator_id
    ORDER BY created_at DESC, rowid DESC LIMIT 1) AS newest
  WHERE address_id IS NOT NULL
  ON CONFLICT (address_id, hour, annotator_id) DO UPDATE SET
    votes = address_hours.votes + 1,
    first_at = LEAST(address_hours.first_at, excluded.first_at),
    last_at = GREATEST(address_hours.last_at, excluded.last_at);
END;
