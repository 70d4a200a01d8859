-- What was judged in a campaign stays what it was: only its state, its overlap and its people change.
CREATE TRIGGER campaigns_are_created_once
BEFORE UPDATE OF state, protocol ON campaigns
WHEN OLD.state IS NOT NULL AND (
  NEW.state IS NULL OR NEW.state = 'created' AND OLD.state <> 'created'
  OR NEW.protocol IS NOT OLD.protocol)
BEGIN
  SELECT RAISE(ABORT, 'a campaign that was opened stays so, and keeps its protocol');
END;

CREATE TRIGGER campaign_versions_keep
BEFORE UPDATE ON campaign_versions
BEGIN
  SELECT RAISE(ABORT, 'a version is never changed: add another');
END;

CREATE TRIGGER campaign_versions_stay
BEFORE DELETE ON campaign_versions
BEGIN
  SELECT RAISE(ABORT, 'a version is never deleted');
END;

CREATE TRIGGER campaign_prompts_keep
BEFORE UPDATE ON campaign_prompts
BEGIN
  SELECT RAISE(ABORT, 'a prompt of a campaign is never changed');
END;

CREATE TRIGGER campaign_prompts_stay
BEFORE DELETE ON campaign_prompts
BEGIN
  SELECT RAISE(ABORT, 'a prompt of a campaign is never deleted');
END;

CREATE TRIGGER campaign_models_keep
BEFORE UPDATE ON campaign_models
BEGIN
  SELECT RAISE(ABORT, 'a model of a campaign is never changed');
END;

CREATE TRIGGER campaign_models_stay
BEFORE DELETE ON campaign_models
BEGIN
  SELECT RAISE(ABORT, 'a model of a campaign is never deleted');
END;

CREATE TRIGGER check_replies_keep
BEFORE UPDATE ON check_replies
BEGIN
  SELECT RAISE(ABORT, 'a check item is never changed');
END;

CREATE TRIGGER check_replies_stay
BEFORE DELETE ON check_replies
BEGIN
  SELECT RAISE(ABORT, 'a check item is never deleted');
END;

CREATE TRIGGER campaign_events_keep
BEFORE UPDATE ON campaign_events
BEGIN
  SELECT RAISE(ABORT, 'what happened is never changed');
END;

CREATE TRIGGER campaign_events_stay
BEFORE DELETE ON campaign_events
BEGIN
  SELECT RAISE(ABORT, 'what happened is never deleted');
END;
