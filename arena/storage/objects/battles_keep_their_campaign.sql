-- A vote counts for the campaign in which it was cast, and for what it was asked.
CREATE TRIGGER battles_keep_their_campaign
BEFORE UPDATE OF campaign_id ON battles
WHEN OLD.campaign_id IS NOT NEW.campaign_id
BEGIN
  SELECT RAISE(ABORT, 'a battle never changes its campaign');
END;

CREATE TRIGGER battles_keep_their_purpose
BEFORE UPDATE OF purpose ON battles
WHEN OLD.purpose <> NEW.purpose
BEGIN
  SELECT RAISE(ABORT, 'a battle never changes its purpose');
END;
