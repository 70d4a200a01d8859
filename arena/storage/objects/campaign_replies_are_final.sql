-- A reply may be generated again until the campaign is first opened: then all annotators read the same.
CREATE TRIGGER campaign_replies_come_before_opening
BEFORE INSERT ON campaign_replies
WHEN (SELECT state FROM campaigns WHERE id = NEW.campaign_id) IS NOT 'created'
BEGIN
  SELECT RAISE(ABORT, 'replies are chosen before a campaign is opened');
END;

CREATE TRIGGER campaign_replies_keep
BEFORE UPDATE ON campaign_replies
WHEN (SELECT state FROM campaigns WHERE id = OLD.campaign_id) IS NOT 'created'
BEGIN
  SELECT RAISE(ABORT, 'replies are chosen before a campaign is opened');
END;

CREATE TRIGGER campaign_replies_stay
BEFORE DELETE ON campaign_replies
WHEN (SELECT state FROM campaigns WHERE id = OLD.campaign_id) IS NOT 'created'
BEGIN
  SELECT RAISE(ABORT, 'replies are chosen before a campaign is opened');
END;
