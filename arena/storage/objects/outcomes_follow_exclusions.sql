-- An exclusion, or its end, makes the outcomes of all votes of its annotator in its campaign anew.
CREATE TRIGGER exclusions_change_outcomes
AFTER INSERT ON exclusions
BEGIN
  DELETE FROM outcomes WHERE vote_id IN (
    SELECT votes.id FROM votes JOIN battles ON battles.id = votes.battle_id
    WHERE votes.annotator_id = NEW.annotator_id AND battles.campaign_id = NEW.campaign_id);
  INSERT INTO outcomes SELECT * FROM recounted_outcomes WHERE vote_id IN (
    SELECT votes.id FROM votes JOIN battles ON battles.id = votes.battle_id
    WHERE votes.annotator_id = NEW.annotator_id AND battles.campaign_id = NEW.campaign_id);
  UPDATE board_version SET number = number + 1;
END;

CREATE TRIGGER exclusions_keep
BEFORE UPDATE ON exclusions
BEGIN
  SELECT RAISE(ABORT, 'an exclusion is never changed: add its end');
END;

CREATE TRIGGER exclusions_stay
BEFORE DELETE ON exclusions
BEGIN
  SELECT RAISE(ABORT, 'an exclusion is never deleted: add its end');
END;
